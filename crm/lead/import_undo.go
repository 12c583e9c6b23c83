package lead

import (
	"context"
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Undoing is what taking an import back did.
type Undoing struct {
	// Leads and Parties are how many were removed.
	Leads, Parties int
	// Kept are leads that somebody works with; at most [CountLimit] are listed, KeptCount has all.
	Kept      []KeptLead
	KeptCount int
}

// KeptLead is a lead that an undone import left.
type KeptLead struct {
	Lead ID
	// Reason says what hangs on it: "changed", "status", "activity", "opportunity", "quote", ...
	Reason string
}

// undoLeads is how many leads one transaction removes.
const undoLeads = 100

// UndoImport removes the leads that an import made and the parties it made for them, as far as nobody
// did anything with them since. Touches that it added to leads which were there stay. It can be
// repeated, also after it broke off, and the file can be imported again afterwards.
func (l *Leads) UndoImport(ctx context.Context, id ImportID) (Undoing, error) {
	var out Undoing
	if l.db.Bound() {
		return out, fault.New(fault.Invalid, "an import is undone piece by piece and cannot be inside another transaction; call it outside")
	}
	var row Import
	err := l.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadImport); err != nil {
			return err
		}
		if err := s.Lock(ctx, &row, id); err != nil {
			return err
		}
		next := row
		next.State, next.UndoneAt = Undone, s.Now // nobody goes on with it from here
		return s.Save(ctx, &row, &next)
	})
	if err != nil {
		return out, err
	}
	for after := (ID{}); ; {
		var n int
		err := l.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
			u := undo{leads: l, s: s, row: row, out: out}
			last, read, err := u.some(ctx, after)
			if err == nil {
				after, n = last, read
			}
			if err == nil {
				out = u.out
			}
			return err
		})
		if err != nil || n < undoLeads {
			return out, err
		}
	}
}

// undo removes some leads of an import in one transaction.
type undo struct {
	leads *Leads
	s     *store.Session
	row   Import
	out   Undoing
}

func (u *undo) some(ctx context.Context, after ID) (ID, int, error) {
	if err := u.s.Actor.Require(actor.LeadImport); err != nil {
		return after, 0, err
	}
	if err := u.leads.serializeAll(ctx, u.s); err != nil {
		return after, 0, err
	}
	restore := widen(u.s)
	defer restore()
	var leads []Lead
	err := u.s.Query(ctx, &leads, store.From[Lead]("lead"),
		"SELECT lead.* FROM crm_lead AS lead WHERE {scope} AND lead.import_id = ? AND lead.id > ? ORDER BY lead.id"+u.s.Limit(undoLeads), u.row.ID, after.Bytes()) // bytes: a zero key would be NULL
	if err != nil || len(leads) == 0 {
		return after, 0, err
	}
	reasons, err := u.reasons(ctx, leads)
	if err != nil {
		return after, 0, err
	}
	var gone []ID
	var parties []party.ID
	for _, lead := range leads {
		if reason := reasons[lead.ID]; reason != "" {
			if u.out.KeptCount++; len(u.out.Kept) < CountLimit {
				u.out.Kept = append(u.out.Kept, KeptLead{lead.ID, reason})
			}
			continue
		}
		gone = append(gone, lead.ID)
		parties = append(parties, lead.PartyID, lead.OrganizationID)
	}
	if err := u.remove(ctx, gone, parties); err != nil {
		return after, 0, err
	}
	return leads[len(leads)-1].ID, len(leads), nil
}

// hanger is a table whose rows hang on leads or parties.
type hanger struct{ table, column, reason string }

// hangers are all tables that a lead or its party is kept for. A test holds them against the schema.
var (
	leadHangers = []hanger{
		{"crm_opportunity", "lead_id", "opportunity"},
		{"crm_lead", "merged_into", "merged"},
		{"crm_conversion", "subject_id", "conversion"},
		{"crm_sequence_reader", "lead_id", "sequence"},
	}
	partyHangers = []hanger{
		{"crm_role", "party_id", "customer"},
		{"crm_activity", "party_id", "activity"},
		{"crm_opportunity", "party_id", "opportunity"},
		{"crm_quote", "party_id", "quote"},
		{"crm_process", "party_id", "process"},
		{"crm_link", "party_id", "document"},
		{"crm_host_call", "party_id", "conversion"},
		{"crm_party_share", "party_id", "shared"},
		{"crm_mail", "party_id", "mail"},
		{"crm_subscription", "party_id", "subscription"},
		{"crm_subscription_request", "party_id", "subscription"},
		{"crm_consent", "party_id", "consent"},
		{"crm_segment_member", "party_id", "segment"},
		{"crm_campaign_recipient", "party_id", "campaign"},
		{"crm_sequence_reader", "party_id", "sequence"},
		{"crm_sequence_deed", "party_id", "sequence"},
		{"crm_sequence_contact", "party_id", "sequence"},
	}
	// ownHangers count for the party alone, when its lead is already gone.
	ownHangers = []hanger{
		{"crm_lead", "party_id", "lead"},
		{"crm_lead", "organization_id", "lead"},
		{"crm_touch", "party_id", "touch"},
		{"crm_party", "employer_id", "employer"},
		{"crm_party", "merged_into", "merged"},
	}
)

// hangingRow reads one column of any table.
type hangingRow struct {
	Company string         `bun:"company"`
	ID      store.Key[any] `bun:"hung"`
}

// hanging gives those of the ids that rows of a table hang on.
func (u *undo) hanging(ctx context.Context, h hanger, ids []store.Key[any]) ([]store.Key[any], error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	var rows []hangingRow
	err := u.s.Query(ctx, &rows, store.From[hangingRow]("h"),
		"SELECT DISTINCT h."+h.column+" AS hung FROM "+h.table+" AS h WHERE {scope} AND h."+h.column+" IN ("+store.In(len(ids))+")", args...)
	if err != nil {
		return nil, fmt.Errorf("looking for what hangs on the leads in %s: %w", h.table, err)
	}
	out := make([]store.Key[any], len(rows))
	for i, row := range rows {
		out[i] = row.ID
	}
	return out, nil
}

// reasons says why leads are kept.
func (u *undo) reasons(ctx context.Context, leads []Lead) (map[ID]string, error) {
	out := map[ID]string{}
	byParty := map[store.Key[any]][]ID{}
	var ids, parties []store.Key[any]
	for _, lead := range leads {
		switch {
		case lead.Status != StatusNew:
			out[lead.ID] = "status"
		case lead.Version != 1:
			out[lead.ID] = "changed"
		}
		ids = append(ids, store.Key[any](lead.ID))
		who := store.Key[any](lead.PartyID)
		if byParty[who] == nil {
			parties = append(parties, who)
		}
		byParty[who] = append(byParty[who], lead.ID)
	}
	for _, h := range leadHangers {
		hung, err := u.hanging(ctx, h, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range hung {
			out[ID(id)] = h.reason
		}
	}
	for _, h := range partyHangers {
		hung, err := u.hanging(ctx, h, parties)
		if err != nil {
			return nil, err
		}
		for _, id := range hung {
			for _, lead := range byParty[id] {
				out[lead] = h.reason
			}
		}
	}
	return out, u.manyTouches(ctx, leads, out)
}

// manyTouches keeps leads that came again after the import.
func (u *undo) manyTouches(ctx context.Context, leads []Lead, out map[ID]string) error {
	args := make([]any, 0, len(leads)+2)
	for _, lead := range leads {
		args = append(args, lead.ID)
	}
	var rows []Touch
	err := u.s.Query(ctx, &rows, store.From[Touch]("touch"),
		"SELECT touch.lead_id, touch.channel FROM crm_touch AS touch WHERE {scope} AND touch.lead_id IN ("+store.In(len(args))+") AND touch.channel NOT IN (?, ?)",
		append(args, ByFile, ByCard)...)
	if err != nil {
		return fmt.Errorf("reading touches: %w", err)
	}
	for _, row := range rows {
		out[row.LeadID] = "touch"
	}
	return nil
}

// leadShadows are what other packages keep about leads for nobody but them: who got one and why, by when it was to be
// answered, what it is worth. They go with their leads.
var leadShadows = []hanger{
	{"crm_route_decision", "lead_id", ""}, {"crm_clock", "record_id", ""}, {"crm_score", "lead_id", ""}, {"crm_score_history", "lead_id", ""},
}

// remove deletes leads and then those of their parties that nothing else needs.
func (u *undo) remove(ctx context.Context, gone []ID, parties []party.ID) error {
	if len(gone) == 0 {
		return nil
	}
	args := make([]any, len(gone))
	for i, id := range gone {
		args[i] = id
	}
	in := "(" + store.In(len(args)) + ")"
	if _, err := u.s.Exec(ctx, store.From[Touch](""), "DELETE FROM crm_touch WHERE {scope} AND lead_id IN "+in, args...); err != nil {
		return fmt.Errorf("removing touches: %w", err)
	}
	values := make([][]byte, len(gone))
	for i, id := range gone {
		values[i] = id.Bytes()
	}
	if err := u.s.ForgetCustom(ctx, values...); err != nil {
		return err
	}
	for _, own := range leadShadows {
		if _, err := u.s.Exec(ctx, store.From[hangingRow](own.table), "DELETE FROM "+own.table+" WHERE {scope} AND "+own.column+" IN "+in, args...); err != nil {
			return fmt.Errorf("removing from %s: %w", own.table, err)
		}
	}
	n, err := u.s.Exec(ctx, store.From[Lead](""), "DELETE FROM crm_lead WHERE {scope} AND id IN "+in, args...)
	if err != nil {
		return fmt.Errorf("removing leads: %w", err)
	}
	u.out.Leads += int(n)
	// People go before the companies they work for.
	slices.SortFunc(parties, func(a, b party.ID) int { return slices.Compare(a[:], b[:]) })
	parties = slices.DeleteFunc(slices.Compact(parties), party.ID.IsZero)
	for range 2 {
		left, err := u.removeParties(ctx, parties)
		if err != nil || len(left) == len(parties) {
			return err
		}
		parties = left
	}
	return nil
}

// removeParties deletes parties that the import made and nothing hangs on, and gives those that stay.
func (u *undo) removeParties(ctx context.Context, parties []party.ID) ([]party.ID, error) {
	keep := map[party.ID]bool{}
	ids := make([]store.Key[any], len(parties))
	for i, id := range parties {
		ids[i] = store.Key[any](id)
	}
	for _, h := range slices.Concat(partyHangers, ownHangers) {
		hung, err := u.hanging(ctx, h, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range hung {
			keep[party.ID(id)] = true
		}
	}
	known, err := u.leads.In(u.s).parties.GetMany(ctx, parties)
	if err != nil {
		return nil, err
	}
	var gone, left []party.ID
	for _, id := range parties {
		p, ok := known[id]
		switch {
		case ok && !keep[id] && p.Version == 1 && !p.CreatedAt.Before(u.row.CreatedAt):
			gone = append(gone, id)
		case ok:
			left = append(left, id)
		}
	}
	u.out.Parties += len(gone)
	return left, u.leads.In(u.s).parties.Remove(ctx, gone)
}
