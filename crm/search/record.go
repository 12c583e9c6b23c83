package search

import (
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// key is the id of a record of any kind.
type key = store.Key[any]

// entry is the row of the index for one record. Its number is given out by the database.
type entry struct {
	bun.BaseModel `bun:"table:crm_search,alias:search"`

	No      int64  `bun:"no,scanonly"`
	Company string `bun:"company,type:nvarchar(40)"`
	Kind    Kind   `bun:"kind,type:nvarchar(12)"`
	Record  key    `bun:"record_id"`
	// Party is who the record is about, for those whom the party is shared with.
	Party party.ID `bun:"party_id"`
	// Words are written by line.
	Words string `bun:"words"`
}

// wordRow is one word of an entry, where the database has no index of words of its own.
type wordRow struct {
	bun.BaseModel `bun:"table:crm_search_word,alias:w"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	Kind    Kind   `bun:"kind,pk,type:nvarchar(12)"`
	Word    string `bun:"word,pk,type:nvarchar(40)"`
	No      int64  `bun:"no,pk"`
}

// stateRow is how far the index of one company is.
type stateRow struct {
	bun.BaseModel `bun:"table:crm_search_state,alias:state"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	// Scheme is the way of making words that the whole index is made in, 0 before it was built.
	Scheme int `bun:"scheme"`
	// Phase is what is being read through, "" for nothing; AfterID and AfterNo are how far.
	Phase   string `bun:"phase,type:nvarchar(12)"`
	AfterID key    `bun:"after_id"`
	AfterNo int64  `bun:"after_no"`
	// Indexed counts the records that the building under way has read.
	Indexed int64 `bun:"indexed"`
	// FollowedAt is how far the audit log was read, CheckAt when the index is held against the records next.
	FollowedAt time.Time `bun:"followed_at"`
	CheckAt    time.Time `bun:"check_at"`
}

// field is one thing a record is found by.
type field struct {
	in   Field
	text string
}

// doc is a record as it is found and shown.
type doc struct {
	kind          Kind
	id            key
	party         party.ID
	company       string
	user, team    string
	fields        []field
	title         string
	subtitle      []string
	state, hostID string
}

func (d *doc) add(in Field, texts ...string) {
	for _, text := range texts {
		if text != "" {
			d.fields = append(d.fields, field{in, text})
		}
	}
}

// tell appends to the subtitle what it does not say yet.
func (d *doc) tell(texts ...string) {
	for _, text := range texts {
		text = strings.TrimSpace(text)
		said := text == "" || text == d.title
		for _, before := range d.subtitle {
			said = said || before == text
		}
		if !said {
			d.subtitle = append(d.subtitle, text)
		}
	}
}

// hit shows the record to somebody who asked.
func (d *doc) hit(p phrase) Hit {
	h := Hit{
		Kind: d.kind, ID: d.id, PartyID: d.party, HostKey: d.hostID, Title: d.title,
		Subtitle: strings.Join(d.subtitle, " · "), State: d.state,
	}
	for _, in := range Fields {
		var words []string
		for _, f := range d.fields {
			if f.in == in {
				words = append(words, wordsOf(f)...)
			}
		}
		if len(words) > 0 && p.touches(line(words)) {
			h.Where = append(h.Where, in)
		}
	}
	return h
}
