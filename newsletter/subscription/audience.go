package subscription

import (
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Audience is everybody who may be sent a letter of some topics of one channel: active readers, without those whose
// address is suppressed and those whose data were erased. Somebody who has several of the topics, several addresses, or
// several parties that were merged, is in it once.
type Audience struct {
	Topics []TopicID
}

// Select gives the audience as SQL, with ? for parameters: the columns party_id, address, language and name, party_id being
// unique. It is to be stood into FROM (...) AS a, cut into pages by a.party_id > ? ORDER BY a.party_id: both databases then
// begin each page with a seek.
func (a Audience) Select(s *store.Session) (string, []any, error) {
	if n := len(a.Topics); n == 0 || n > maxChosen {
		var faults fault.List
		faults.Add("topics", "count", "are %d; choose 1 to %d", n, maxChosen)
		return "", nil, faults.Err("the audience cannot be read")
	}
	in := "x.topic_id = ?"
	if n := len(a.Topics); n > 1 {
		in = "x.topic_id IN (" + store.In(n) + ")"
	}
	var q query
	q.add("SELECT x.party_id AS party_id, x.address AS address, x.language AS language, p.name AS name"+
		" FROM crm_subscription AS x INNER JOIN crm_party AS p ON p.id = x.party_id WHERE x.company = ?", s.Actor.Company)
	q.add(" AND "+in, a.args()...)
	q.add(" AND x.state = 'active' AND p.erased_at IS NULL")
	q.add(" AND NOT EXISTS (SELECT 1 FROM crm_suppression AS no WHERE no.company = ? AND no.channel = x.channel AND no.address_hash = x.address_hash)", s.Actor.Company)
	if len(a.Topics) > 1 { // the lowest topic stands for all that the same reader, or the same address, has
		for _, same := range []string{"party_id", "address_hash"} {
			q.add(" AND NOT EXISTS (SELECT 1 FROM crm_subscription AS o WHERE o.company = ?", s.Actor.Company)
			q.add(" AND "+strings.Replace(in, "x.", "o.", 1), a.args()...)
			q.add(" AND o." + same + " = x." + same + " AND o.state = 'active' AND o.topic_id < x.topic_id)")
		}
	}
	// Of a party that was merged into another one only the lowest is in it, and none where the other one is.
	q.add(" AND (p.merged_into IS NULL OR NOT EXISTS (SELECT 1 FROM crm_subscription AS o INNER JOIN crm_party AS other ON other.id = o.party_id WHERE o.company = ?", s.Actor.Company)
	q.add(" AND "+strings.Replace(in, "x.", "o.", 1), a.args()...)
	q.add(" AND o.state = 'active' AND (other.id = p.merged_into OR other.merged_into = p.merged_into AND other.id < p.id)")
	q.add(" AND other.id IN (SELECT k.id FROM crm_party AS k WHERE k.id = p.merged_into OR k.merged_into = p.merged_into)))")
	return q.text.String(), q.args, nil
}

func (a Audience) args() []any {
	args := make([]any, len(a.Topics))
	for i, id := range a.Topics {
		args[i] = id
	}
	return args
}

// query is a statement under way.
type query struct {
	text strings.Builder
	args []any
}

func (q *query) add(text string, args ...any) {
	q.text.WriteString(text)
	q.args = append(q.args, args...)
}
