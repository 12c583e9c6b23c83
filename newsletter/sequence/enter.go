package sequence

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// MaxEntered is how many are put in by hand at once.
const MaxEntered = 1000

// Who is somebody who is to come in: a lead, or a party.
type Who struct {
	Lead  lead.ID
	Party party.ID
}

// Entered says what became of those who were to come in.
type Entered struct {
	// In came in, Again came in once more; Already are in it. NoConsent do not get the topic, or are suppressed.
	In, Again, Already, NoConsent int
}

// Enter puts people in by hand, also those who were through or left: they begin at the top. Only who gets the
// topic comes in. A sequence that is paused takes them and waits. It needs [Send].
func (q *Sequences) Enter(ctx context.Context, id ID, list []Who) (Entered, error) {
	return store.Write(ctx, q.db, Send, func(ctx context.Context, s *store.Session) (Entered, error) {
		var out Entered
		var faults fault.List
		if len(list) > MaxEntered {
			faults.Add("readers", "count", "are %d, at most %d come in at once", len(list), MaxEntered)
			return out, faults.Err("nobody came in")
		}
		var row Sequence
		if err := s.Get(ctx, &row, id); err != nil {
			return out, err
		}
		if row.State != Running && row.State != Paused {
			return out, wrongState(row, "entered")
		}
		readers, err := seen(ctx, s, list)
		if err != nil {
			return out, err
		}
		p, err := row.versionPlan(ctx, s, row.Live)
		if err != nil {
			return out, err
		}
		ok, err := consenting(ctx, s, row.TopicID, readers)
		if err != nil {
			return out, err
		}
		for _, r := range readers {
			if !ok[r.PartyID] {
				out.NoConsent++
				continue
			}
			was, err := q.enter(ctx, s, row, p, r)
			if err != nil {
				return out, err
			}
			switch was {
			case "":
				out.In++
			case Done, Left:
				out.Again++
			default:
				out.Already++
			}
		}
		s.Wake()
		return out, nil
	})
}

// seen gives the parties of those that the actor sees, each once.
func seen(ctx context.Context, s *store.Session, list []Who) ([]Reader, error) {
	var leads []lead.ID
	var parties []party.ID
	for _, w := range list {
		if w.Lead.IsZero() {
			parties = append(parties, w.Party)
		} else {
			leads = append(leads, w.Lead)
		}
	}
	var readers []Reader
	known := map[party.ID]bool{}
	add := func(p party.ID, l lead.ID) {
		if !known[p] {
			known[p] = true
			readers = append(readers, Reader{PartyID: p, LeadID: l, Source: ByHand})
		}
	}
	for part := range slices.Chunk(leads, atOnce) {
		var rows []lead.Lead
		if err := s.Select(&rows).Column("id", "party_id").Where("lead.id IN (?)", bun.List(part)).OrderExpr("lead.id").Scan(ctx); err != nil {
			return nil, err
		}
		for _, l := range rows {
			add(l.PartyID, l.ID)
		}
	}
	for part := range slices.Chunk(parties, atOnce) {
		var rows []party.Party
		if err := s.Select(&rows).Column("id").Where("party.id IN (?)", bun.List(part)).OrderExpr("party.id").Scan(ctx); err != nil {
			return nil, err
		}
		for _, p := range rows {
			add(p.ID, lead.ID{})
		}
	}
	return readers, nil
}

// atOnce is how many keys one statement has.
const atOnce = 200

// consenting finds those who get a topic and may be written to.
func consenting(ctx context.Context, s *store.Session, topic subscription.TopicID, readers []Reader) (map[party.ID]bool, error) {
	out := make(map[party.ID]bool, len(readers))
	for part := range slices.Chunk(readers, atOnce) {
		args := []any{s.Actor.Company, topic, s.Actor.Company}
		for _, r := range part {
			args = append(args, r.PartyID)
		}
		var found []party.ID
		err := s.Query(ctx, &found, store.From[party.Party]("p"), "SELECT p.id FROM crm_party AS p WHERE EXISTS (SELECT 1 FROM crm_subscription AS x WHERE x.company = ? AND x.topic_id = ? AND "+
			same("x.party_id")+" AND x.state = 'active' AND NOT EXISTS (SELECT 1 FROM crm_suppression AS no WHERE no.company = ? AND no.channel = x.channel AND no.address_hash = x.address_hash))"+
			" AND {scope} AND p.erased_at IS NULL AND p.id IN ("+store.In(len(part))+")", args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}

// enter writes a reader at the top of the newest version, and gives where he stood before: "" where he was never in.
// Who is in it stays where he is; who is not comes back only by hand.
func (q *Sequences) enter(ctx context.Context, s *store.Session, row Sequence, p Plan, r Reader) (Standing, error) {
	var before []Standing
	err := s.Query(ctx, &before, store.From[sealed]("r"), "SELECT r.state FROM crm_sequence_reader AS r WHERE {scope} AND r.sequence_id = ? AND r.party_id = ?", row.ID, r.PartyID)
	if err != nil {
		return "", err
	}
	if len(before) > 0 {
		was := before[0]
		if was == Active || was == Resting || r.Source != ByHand {
			return was, nil
		}
		_, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET number = ?, step = ?, lap = lap + 1, state = ?, lead_id = ?, source = ?, entered_at = ?, entered_by = ?, lap_at = ?,"+
			" due_at = ?, lease_owner = '', because = ?, because_of = '', wait_until = ?, reason = '', note = '', left_at = ? WHERE {scope} AND sequence_id = ? AND party_id = ? AND state IN (?, ?)",
			row.Live, p.key(0), string(Active), r.LeadID, string(r.Source), s.Now, s.Actor.UserID, s.Now, s.Now, string(ForTurn), time.Time{}, time.Time{}, row.ID, r.PartyID, string(Done), string(Left))
		return was, err
	}
	fresh := sealed(top(s, row, p, r))
	return "", s.InsertQuiet(ctx, &fresh)
}

// top is a reader who begins.
func top(s *store.Session, row Sequence, p Plan, r Reader) Reader {
	r.SequenceID, r.Number, r.Step, r.Lap, r.State = row.ID, row.Live, p.key(0), 1, Active
	r.EnteredAt, r.EnteredBy, r.LapAt, r.DueAt, r.Because = s.Now, s.Actor.UserID, s.Now, s.Now, ForTurn
	return r
}

// Register has sequences hear of new subscribers and leads.
func (q *Sequences) Register(events *event.Registry) {
	events.On(event.Handler{
		Name: "sequences", Kinds: []string{lead.EventCaptured, subscription.EventSubscribed},
		Wanted: func(ctx context.Context, s *store.Session, _ event.Event) (bool, error) {
			rows, err := listening(ctx, s)
			return len(rows) > 0, err
		},
		Do: func(ctx context.Context, s *store.Session, e event.Event) error {
			var of struct {
				Party   party.ID `json:"party"`
				PartyID party.ID `json:"party_id"`
			}
			if err := e.Decode(&of); err != nil {
				return err
			}
			if of.Party.IsZero() {
				of.Party = of.PartyID
			}
			return q.In(s).consider(ctx, s, of.Party)
		},
	})
}

func listening(ctx context.Context, s *store.Session) (rows []Sequence, err error) {
	err = s.Select(&rows).Where("sequence.state = ?", Running).Where("sequence.listens = ?", true).OrderExpr("sequence.created_at, sequence.id").Scan(ctx)
	return rows, err
}

// consider takes somebody in where the rules of a sequence say so, whichever came first, the lead or the consent.
func (q *Sequences) consider(ctx context.Context, s *store.Session, who party.ID) error {
	rows, err := listening(ctx, s)
	if err != nil || who.IsZero() {
		return err
	}
	for _, row := range rows {
		p, err := row.versionPlan(ctx, s, row.Live)
		if err != nil {
			return err
		}
		r := Reader{PartyID: who}
		ok, err := consenting(ctx, s, row.TopicID, []Reader{r})
		if err != nil {
			return err
		}
		if !ok[who] {
			continue
		}
		if err := q.invite(ctx, s, row, p, r); err != nil {
			return err
		}
	}
	return nil
}

func (q *Sequences) invite(ctx context.Context, s *store.Session, row Sequence, p Plan, r Reader) error {
	if p.Entry.Capture {
		var leads []lead.ID
		err := s.Query(ctx, &leads, store.From[lead.Lead]("l"), "SELECT l.id FROM crm_lead AS l WHERE {scope} AND l.party_id = ? AND l.merged_into IS NULL AND l.arrived_at >= ? AND (? = '' OR l.source = ?) ORDER BY l.arrived_at DESC, l.id",
			r.PartyID, row.StartedAt, p.Entry.LeadSource, p.Entry.LeadSource)
		if err != nil {
			return err
		}
		if len(leads) > 0 {
			r.Source, r.LeadID = ByCapture, leads[0]
			_, err := q.enter(ctx, s, row, p, r)
			return err
		}
	}
	if !p.Entry.Topic {
		return nil
	}
	var found []int
	err := s.Query(ctx, &found, store.From[subscribed]("x"), "SELECT 1 AS one FROM crm_subscription AS x WHERE {scope} AND x.topic_id = ? AND x.party_id = ? AND x.confirmed_at >= ?", row.TopicID, r.PartyID, row.StartedAt)
	if err != nil || len(found) == 0 {
		return err
	}
	r.Source = ByTopic
	_, err = q.enter(ctx, s, row, p, r)
	return err
}

// subscribed is the table of subscriptions for statements that ask no party.
type subscribed struct {
	bun.BaseModel `bun:"table:crm_subscription,alias:subscription"`

	Company string `bun:"company,type:nvarchar(40)"`
}

// mostBrought is how many a segment brings in by one transaction.
const mostBrought = 500

// bring takes in those whom the segment of the newest version has and who were never in. It reports how many; where
// that is [mostBrought] there may be more.
func (q *Sequences) bring(ctx context.Context, s *store.Session, row Sequence, p Plan, audience segment.Selector) (int, error) {
	text, args, err := audience.Select(s)
	if err != nil {
		return 0, err
	}
	var found []party.ID
	err = s.Query(ctx, &found, store.From[Sequence]("q"), "SELECT a.party_id FROM ("+text+") AS a WHERE NOT EXISTS (SELECT 1 FROM crm_sequence_reader AS r WHERE r.sequence_id = ? AND r.party_id = a.party_id)"+
		" AND EXISTS (SELECT 1 FROM crm_sequence AS q WHERE {scope} AND q.id = ? AND q.state = 'running') ORDER BY a.party_id"+s.Limit(mostBrought), append(args, row.ID, row.ID)...)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	rows := make([]sealed, len(found))
	for i, id := range found {
		rows[i] = sealed(top(s, row, p, Reader{PartyID: id, Source: BySegment}))
	}
	return len(rows), s.InsertQuiet(ctx, &rows)
}
