package track

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Tracking keeps what readers did and gives the figures. It is safe for many goroutines.
type Tracking struct {
	db        *store.DB
	campaigns Campaigns
	rules     Rules
	agents    *agents
}

// New makes a Tracking. Zero rules are [DefaultRules].
func New(db *store.DB, c Campaigns, rules Rules) *Tracking {
	if rules.Agents == nil && rules.Networks == nil && rules.BurstLinks == 0 {
		rules = DefaultRules()
	}
	return &Tracking{db: db, campaigns: c, rules: rules, agents: newAgents()}
}

// On gives the same tracking on another view of the database, with its campaigns there.
func (t *Tracking) On(db *store.DB, c Campaigns) *Tracking {
	view := *t
	view.db, view.campaigns = db, c
	return &view
}

// In gives a view that works inside an open session.
func (t *Tracking) In(s *store.Session) *Tracking { return t.On(s.Inside(), t.campaigns) }

// job is the actor of what is written in the background.
const job = "track"

// write stores events of one campaign, judges their readers and moves the counts, in one transaction of the
// campaign's company. Writing the same events again changes nothing.
func (t *Tracking) write(ctx context.Context, c Campaign, events []Event) error {
	ctx = store.Alone(actor.With(ctx, actor.System(c.Company, job)))
	var names []string
	err := t.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		fresh := map[uint32][]Event{}
		for _, e := range events {
			fresh[e.Seq] = append(fresh[e.Seq], e)
		}
		seqs := slices.Sorted(maps.Keys(fresh))
		readers, err := t.campaigns.TrackedReaders(ctx, s, c.Number, seqs)
		if err != nil {
			return err
		}
		readers = slices.DeleteFunc(slices.Clone(readers), func(r Reader) bool { return r.OptedOut })
		if len(readers) == 0 {
			return nil
		}
		if open, err := t.lock(ctx, s, c); err != nil || !open {
			return err
		}
		if names, err = t.agents.write(ctx, s, events); err != nil {
			return err
		}
		return t.judge(ctx, s, judging{campaign: c, readers: readers, fresh: fresh})
	})
	if err == nil {
		t.agents.know(c.Company, names)
	}
	return err
}

// lock holds off others who write events of the campaign, until the end of the transaction. It reports false
// where the campaign is closed, see [Tracking.Close].
func (t *Tracking) lock(ctx context.Context, s *store.Session, c Campaign) (bool, error) {
	n, err := s.Exec(ctx, store.From[campaignRow](""), "UPDATE crm_track_campaign SET written_at = ? WHERE campaign = ? AND {scope}", s.Now, c.Number)
	if err != nil {
		return false, err
	}
	if n == 0 {
		return true, s.InsertQuiet(ctx, &campaignRow{Campaign: c.Number, WrittenAt: s.Now})
	}
	var closed []int
	err = s.Query(ctx, &closed, store.From[campaignRow]("c"), "SELECT c.closed FROM crm_track_campaign AS c WHERE c.campaign = ? AND {scope}", c.Number)
	return len(closed) == 1 && closed[0] == 0, err
}

// judging is a piece of work: readers of a campaign, and what they did that is not written yet.
type judging struct {
	campaign Campaign
	readers  []Reader
	fresh    map[uint32][]Event
}

// judge brings verdicts, readers' rows and counts up to date. The campaign is locked.
func (t *Tracking) judge(ctx context.Context, s *store.Session, j judging) error {
	seqs := make([]uint32, len(j.readers))
	for i, r := range j.readers {
		seqs[i] = r.Seq
	}
	known, err := t.events(ctx, s, j.campaign.Number, seqs)
	if err != nil {
		return err
	}
	changes := newTally()
	w := rows{campaign: j.campaign.Number}
	for _, r := range j.readers {
		old := known[r.Seq]
		all := merged(old, j.fresh[r.Seq])
		verdicts := t.rules.Judge(Circumstances{Links: len(j.campaign.Links), SentAt: r.SentAt}, all)
		if !w.add(old, all, verdicts) {
			continue
		}
		changes.add(old, -1)
		for i := range all {
			all[i].Verdict = verdicts[i]
		}
		changes.add(all, 1)
		if len(old) > 0 {
			w.replaced = append(w.replaced, r.Seq)
		}
		w.readers = append(w.readers, summary(j.campaign.Number, r.Seq, all))
	}
	if err := w.write(ctx, s); err != nil {
		return err
	}
	return changes.write(ctx, s, j.campaign.Number)
}

// readerLimit is how many events are kept of one reader of a campaign: whoever fetches the same address for ever
// neither fills the database nor makes his verdicts take long. What comes after them is not recorded.
const readerLimit = 1000

// merged puts new events among those that are written already, in order of time. One that is among them
// already comes from a commit whose answer was lost.
func merged(old, fresh []Event) []Event {
	all := slices.Clone(old)
	for _, e := range fresh {
		if len(all) >= readerLimit {
			break
		}
		if !slices.ContainsFunc(old, func(o Event) bool { return o.At.Equal(e.At) && o.nr == e.nr }) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b Event) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.nr, b.nr)) })
	return all
}

// rows are what one piece of work writes.
type rows struct {
	campaign int64
	events   []eventRow
	// turned are written events whose verdict changed.
	turned   []eventRow
	readers  []readerRow
	replaced []uint32
}

// add takes a reader's events; it reports false where nothing changes for him. The written events are among
// all, and carry the verdict they were counted by; new ones carry none.
func (w *rows) add(old, all []Event, verdicts []Verdict) bool {
	before := len(w.events) + len(w.turned)
	for i, k := 0, 0; i < len(all); i++ {
		e := all[i]
		written := k < len(old) && old[k].At.Equal(e.At) && old[k].nr == e.nr
		e.Verdict = verdicts[i]
		switch {
		case !written:
			w.events = append(w.events, rowOf(&e))
		case old[k].Verdict != verdicts[i]:
			w.turned = append(w.turned, rowOf(&e))
		}
		if written {
			k++
		}
	}
	return len(w.events)+len(w.turned) > before
}

func (w *rows) write(ctx context.Context, s *store.Session) error {
	if err := s.InsertMany(ctx, &w.events); err != nil {
		return err
	}
	for i := range w.turned {
		e := &w.turned[i]
		if _, err := s.Exec(ctx, store.From[eventRow](""),
			"UPDATE crm_track_event SET verdict = ? WHERE campaign = ? AND seq = ? AND at = ? AND nr = ? AND {scope}",
			e.Verdict, e.Campaign, e.Seq, e.At, e.Nr); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(w.replaced, listed) {
		list, args := in(w.campaign, part)
		if _, err := s.Exec(ctx, store.From[readerRow](""), "DELETE FROM crm_track_reader WHERE campaign = ? AND seq IN ("+list+") AND {scope}", args...); err != nil {
			return err
		}
	}
	return s.InsertMany(ctx, &w.readers)
}

// listed is how many readers one statement names: SQL Server takes 2100 parameters.
const listed = 500

// in gives the parameters for a campaign and up to listed readers. Lists are filled up by their last reader to
// one of three lengths, so that there are few statements to compile.
func in(campaign int64, seqs []uint32) (list string, args []any) {
	n := listed
	for _, size := range []int{8, 64} {
		if len(seqs) <= size {
			n = size
			break
		}
	}
	args = append(make([]any, 0, n+2), campaign)
	for i := range n {
		args = append(args, int64(seqs[min(i, len(seqs)-1)]))
	}
	return store.In(n), args
}

// events reads what readers did, in order of time, with the names of their programs.
func (t *Tracking) events(ctx context.Context, s *store.Session, campaign int64, seqs []uint32) (map[uint32][]Event, error) {
	all := map[uint32][]Event{}
	for part := range slices.Chunk(seqs, listed) {
		var found []eventRow
		list, args := in(campaign, part)
		err := s.Query(ctx, &found, store.From[eventRow]("e"),
			"SELECT e.seq, e.at, e.nr, e.kind, e.link, e.verdict, e.flags, e.network, e.agent FROM crm_track_event AS e WHERE e.campaign = ? AND e.seq IN ("+list+") AND {scope} ORDER BY e.seq, e.at, e.nr", args...)
		if err != nil {
			return nil, err
		}
		names, err := t.agents.names(ctx, s, found)
		if err != nil {
			return nil, err
		}
		for i := range found {
			e := found[i].event(names)
			e.Campaign = campaign
			all[e.Seq] = append(all[e.Seq], e)
		}
	}
	return all, nil
}

// write moves the running counts.
func (t *tally) write(ctx context.Context, s *store.Session, campaign int64) error {
	var counts []countRow
	for _, key := range slices.SortedFunc(maps.Keys(t.counts), func(a, b countKey) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.link, b.link), cmp.Compare(a.verdict, b.verdict))
	}) {
		m := t.counts[key]
		if m == (moved{}) {
			continue
		}
		n, err := s.Exec(ctx, store.From[countRow](""),
			"UPDATE crm_track_count SET events = events + ?, readers = readers + ? WHERE campaign = ? AND kind = ? AND link = ? AND verdict = ? AND {scope}",
			m.events, m.readers, campaign, int(key.kind), key.link, int(key.verdict))
		if err != nil {
			return err
		}
		if n == 0 {
			counts = append(counts, countRow{Campaign: campaign, Kind: int(key.kind), Link: key.link, Verdict: int(key.verdict), Events: m.events, Readers: m.readers})
		}
	}
	var hours []hourRow
	for _, key := range slices.SortedFunc(maps.Keys(t.hours), func(a, b hourKey) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.kind, b.kind), cmp.Compare(a.verdict, b.verdict))
	}) {
		m := t.hours[key]
		if m == (moved{}) {
			continue
		}
		n, err := s.Exec(ctx, store.From[hourRow](""),
			"UPDATE crm_track_hour SET events = events + ?, readers = readers + ? WHERE campaign = ? AND hour = ? AND kind = ? AND verdict = ? AND {scope}",
			m.events, m.readers, campaign, key.hour, int(key.kind), int(key.verdict))
		if err != nil {
			return err
		}
		if n == 0 {
			hours = append(hours, hourRow{Campaign: campaign, Hour: key.hour, Kind: int(key.kind), Verdict: int(key.verdict), Events: m.events, Readers: m.readers})
		}
	}
	if err := s.InsertMany(ctx, &counts); err != nil {
		return err
	}
	return s.InsertMany(ctx, &hours)
}

// Recompute judges all readers of a campaign anew, under the rules as they are now, and moves the counts by
// what changed. It works in pieces, between which others write; it can be stopped and started again.
func (t *Tracking) Recompute(ctx context.Context, campaign int64) error {
	c, err := t.own(ctx, campaign)
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		next := after
		err := t.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
			next = after
			if err := s.Actor.Require(actor.Settings); err != nil {
				return err
			}
			if open, err := t.lock(ctx, s, c); err != nil || !open {
				return err
			}
			var found []int64
			err := s.Query(ctx, &found, store.From[readerRow]("r"),
				"SELECT r.seq FROM crm_track_reader AS r WHERE r.campaign = ? AND r.seq > ? AND {scope} ORDER BY r.seq"+s.Limit(listed), campaign, after)
			if err != nil || len(found) == 0 {
				return err
			}
			seqs := make([]uint32, len(found))
			for i, seq := range found {
				seqs[i] = uint32(seq)
			}
			next = found[len(found)-1]
			readers, err := t.campaigns.TrackedReaders(ctx, s, campaign, seqs)
			if err != nil {
				return err
			}
			return t.judge(ctx, s, judging{campaign: c, readers: readers})
		})
		if err != nil {
			return err
		}
		if next == after {
			return nil
		}
		after = next
	}
}

// own gives a campaign of the actor's company.
func (t *Tracking) own(ctx context.Context, number int64) (Campaign, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return Campaign{}, err
	}
	c, err := t.campaigns.TrackedCampaign(ctx, number)
	if err != nil {
		return Campaign{}, err
	}
	if c.Company != a.Company {
		return Campaign{}, fault.New(fault.NotFound, "there is no campaign %d, or you may not see it", number)
	}
	return c, nil
}

// Forget deletes the raw events and the row of one reader, for an erasure (Regulation (EU) 2016/679,
// article 17). The counts stay: they name nobody.
func (t *Tracking) Forget(ctx context.Context, campaign int64, seq uint32) error {
	return t.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.Privacy); err != nil {
			return err
		}
		_, err := s.Exec(ctx, store.From[eventRow](""), "DELETE FROM crm_track_event WHERE campaign = ? AND seq = ? AND {scope}", campaign, int64(seq))
		if err != nil {
			return err
		}
		_, err = s.Exec(ctx, store.From[readerRow](""), "DELETE FROM crm_track_reader WHERE campaign = ? AND seq = ? AND {scope}", campaign, int64(seq))
		return err
	})
}

// Close ends the measuring of a campaign and deletes its raw events, when they have been kept for as long as
// the company's rules allow. Counts and readers' rows stay, links go on working, nothing more is recorded. It
// works in pieces of 500 readers; stopped half-way, it goes on when called again.
func (t *Tracking) Close(ctx context.Context, campaign int64) error {
	c, err := t.own(ctx, campaign)
	if err != nil {
		return err
	}
	for more := true; more; {
		err := t.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
			if err := s.Actor.Require(actor.Privacy); err != nil {
				return err
			}
			if open, err := t.lock(ctx, s, c); err != nil {
				return err
			} else if open {
				if _, err := s.Exec(ctx, store.From[campaignRow](""), "UPDATE crm_track_campaign SET closed = 1 WHERE campaign = ? AND {scope}", campaign); err != nil {
					return err
				}
			}
			var seqs []int64
			err := s.Query(ctx, &seqs, store.From[eventRow]("e"),
				"SELECT DISTINCT e.seq FROM crm_track_event AS e WHERE e.campaign = ? AND {scope} ORDER BY e.seq"+s.Limit(listed), campaign)
			if err != nil {
				return err
			}
			if more = len(seqs) > 0; !more {
				return nil
			}
			_, err = s.Exec(ctx, store.From[eventRow](""), "DELETE FROM crm_track_event WHERE campaign = ? AND seq <= ? AND {scope}", campaign, seqs[len(seqs)-1])
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// String is the kind in a word.
func (k Kind) String() string {
	names := [...]string{"none", "click", "open", "unsubscribe", "preference", "view", "bounce", "text"}
	return names[min(int(k), len(names)-1)]
}

// String is the verdict in a word.
func (v Verdict) String() string {
	names := [...]string{"any", "person", "proxy", "relay", "scanner", "genuine"}
	return names[max(0, min(int(v), len(names)-1))]
}
