package sequence

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// going is a reader who has to leave, and why.
type going struct {
	PartyID party.ID `bun:"party_id"`
	Reason  Reason   `bun:"reason"`
}

// leavers finds readers of a sequence who have to leave, all of them or the one that is given, at most limit. One
// statement asks everything but the goal.
func (q *Sequences) leavers(ctx context.Context, s *store.Session, row Sequence, exit Exit, who party.ID, limit int) ([]going, error) {
	subscribed := "FROM crm_subscription AS x WHERE x.company = r.company AND x.topic_id = ? AND " + same("x.party_id") + " AND x.state = 'active'"
	text := "CASE WHEN p.erased_at IS NOT NULL THEN 'erased' WHEN NOT EXISTS (SELECT 1 " + subscribed + ") THEN CASE WHEN EXISTS (SELECT 1 FROM crm_subscription AS x" +
		" WHERE x.company = r.company AND x.topic_id = ? AND " + same("x.party_id") + " AND x.state = 'suppressed') THEN 'suppressed' ELSE 'unsubscribed' END" +
		" WHEN NOT EXISTS (SELECT 1 " + subscribed + " AND NOT EXISTS (SELECT 1 FROM crm_suppression AS no WHERE no.company = x.company AND no.channel = x.channel AND no.address_hash = x.address_hash)) THEN 'suppressed'"
	args := []any{row.TopicID, row.TopicID, row.TopicID}
	if exit.Customer {
		text += " WHEN EXISTS (SELECT 1 FROM crm_role AS k WHERE k.company = r.company AND " + same("k.party_id") + " AND k.role = 'customer' AND k.created_at > r.entered_at) THEN 'customer'"
	}
	if exit.Converted {
		text += " WHEN EXISTS (SELECT 1 FROM crm_lead AS l WHERE l.company = r.company AND " + same("l.party_id") + " AND l.converted_at > r.entered_at) THEN 'converted'"
	}
	if exit.Replied {
		text += " WHEN EXISTS (" + answered("r.entered_at") + ") THEN 'replied'"
	}
	text = "SELECT g.party_id, g.reason FROM (SELECT r.party_id, " + text + " ELSE '' END AS reason FROM crm_sequence_reader AS r JOIN crm_party AS p ON p.id = r.party_id" +
		" WHERE {scope} AND r.sequence_id = ? AND r.state IN ('active', 'paused')"
	args = append(args, row.ID)
	if !who.IsZero() {
		text += " AND r.party_id = ?"
		args = append(args, who)
	}
	var list []going
	err := s.Query(ctx, &list, store.From[sealed]("r"), text+") AS g WHERE g.reason <> '' ORDER BY g.party_id"+s.Limit(limit), args...)
	return list, err
}

// leave takes a reader out, if he is still in.
func leave(ctx context.Context, s *store.Session, id ID, who party.ID, to Standing, why Reason, note string) (bool, error) {
	n, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET state = ?, reason = ?, note = ?, left_at = ?, because = '', because_of = '', due_at = ?, wait_until = ?, lease_owner = ''"+
		" WHERE {scope} AND sequence_id = ? AND party_id = ? AND state IN (?, ?)", string(to), string(why), note, s.Now, time.Time{}, time.Time{}, id, who, string(Active), string(Resting))
	return n > 0, err
}

// leadOf finds the lead that a reader came in by, else his newest one that is open; the zero lead where there is
// none.
func leadOf(ctx context.Context, s *store.Session, r Reader) (lead.Lead, error) {
	var found []lead.Lead
	query := s.Select(&found).Where("lead.merged_into IS NULL")
	if !r.LeadID.IsZero() {
		query = query.Where("lead.id = ?", r.LeadID)
	} else {
		query = query.Where("lead.party_id = ?", r.PartyID).Where("lead.status IN (?, ?, ?)", lead.StatusNew, lead.StatusWorking, lead.StatusQualified)
	}
	err := query.OrderExpr("lead.arrived_at DESC, lead.id").Limit(1).Scan(ctx)
	if err != nil || len(found) == 0 {
		return lead.Lead{}, err
	}
	return found[0], nil
}

// settle moves the lead of a reader who never answered, where its status allows that.
func (q *Sequences) settle(ctx context.Context, s *store.Session, r Reader, to lead.Status, reason string) error {
	l, err := leadOf(ctx, s, r)
	if err != nil || l.ID.IsZero() {
		return err
	}
	for _, may := range l.Status.Next() {
		if may != to {
			continue
		}
		_, err := q.config.Leads.In(s).SetStatus(ctx, l.ID, 0, lead.Move{To: to, Reason: reason})
		if fault.CodeOf(err) == fault.Invalid { // a rule of the lead's own speaks against it
			q.config.Log.Warn("a lead that did not answer keeps its status", "lead", l.ID.String(), "error", err)
			return nil
		}
		return err
	}
	return nil
}
