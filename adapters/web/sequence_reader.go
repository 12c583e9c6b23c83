package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/sequence"
)

// readerDots are the standings of readers as dots.
var readerDots = map[sequence.Standing]string{sequence.Active: "busy", sequence.Resting: "watch", sequence.Done: "good", sequence.Left: "quiet"}

// sequenceReaders is the page of a sequence's readers.
type sequenceReaders struct {
	Sequence      sequence.Sequence
	Address       string
	States, Steps []option
	Rows          []sequenceReader
	First, Next   string
	Send          bool
}

// sequenceReader is a reader with why he stands where he does, in words.
type sequenceReader struct {
	sequence.Row
	Path, Dot, StateText, Next, Why string
	// Rest, GoOn and Go are what can be done with him.
	Rest, GoOn, In bool
}

// plansOf reads the plans of a sequence by the numbers of its versions; 0 is the one that is being drafted.
func (v *visit) plansOf(row sequence.Sequence) (map[int]sequence.Plan, error) {
	versions, err := v.s.module.Newsletters.Sequences.Versions(v.ctx(), row.ID)
	if err != nil {
		return nil, err
	}
	out := map[int]sequence.Plan{}
	for _, one := range versions {
		if out[one.Number], err = one.Plan(); err != nil {
			return nil, err
		}
	}
	out[0], err = row.Plan()
	return out, err
}

func (s *screens) listSequenceReaders(v *visit) error {
	row, err := v.sequenceOf()
	if err != nil {
		return err
	}
	plans, err := v.plansOf(row)
	if err != nil {
		return err
	}
	f := v.asked()
	d := sequenceReaders{Sequence: row, Address: v.link("/sequences", row.ID.String(), "readers"), Send: v.may(sequence.Send)}
	c := sequence.Choice{Limit: 50}
	if state := sequence.Standing(f.text("state")); slices.Contains(sequence.Standings, state) {
		c.State = state
	}
	if t, ok := plans[0].Step(f.text("step")); ok {
		c.Step = t.Key
	}
	c.After, _ = store.ParseKey[party.Tag](f.text("after")) // the first page where it is nonsense
	found, err := s.module.Newsletters.Sequences.Readers(v.ctx(), row.ID, c)
	if err != nil {
		return err
	}
	d.States, d.Steps = []option{{Label: v.t("button.all"), On: c.State == ""}}, []option{{Label: v.t("sequence.steps.all")}}
	for _, one := range sequence.Standings {
		d.States = append(d.States, option{Value: string(one), Label: one.In(v.Locale.Language), On: one == c.State})
	}
	rows, err := v.flow(plans[0], sequence.Figures{})
	if err != nil {
		return err
	}
	for _, r := range rows {
		d.Steps = append(d.Steps, option{Value: r.Key, Label: v.t("sequence.step.n", r.Number) + ": " + r.Title, On: r.Key == c.Step})
	}
	for _, r := range found.Rows {
		d.Rows = append(d.Rows, v.sequenceReader(plans[r.Number], r))
	}
	if !found.Next.IsZero() {
		d.Next = addressWith(v.r.URL, "after", found.Next.String())
	}
	if !c.After.IsZero() {
		d.First = addressWith(v.r.URL, "after", "")
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "sequence_readers", "rows", d)
	}
	return v.show(http.StatusOK, "sequence_readers", head{Title: v.t("sequence.readers"), Section: "campaigns", Crumbs: v.sequenceCrumbs(crumb{row.Name, v.link("/sequences", row.ID.String())})}, d)
}

// sequenceReader says where a reader stands, and why.
func (v *visit) sequenceReader(p sequence.Plan, r sequence.Row) sequenceReader {
	out := sequenceReader{Row: r, Path: v.link("/contacts", r.PartyID.String()), Dot: readerDots[r.State], StateText: r.State.In(v.Locale.Language), Why: v.whyText(p, r)}
	if !r.LeadID.IsZero() {
		out.Path = v.link("/leads", r.LeadID.String())
	}
	out.Rest, out.GoOn = r.State == sequence.Active, r.State == sequence.Resting
	if out.In = out.Rest || out.GoOn; out.In {
		if out.Next = v.t("sequence.next.none"); r.Step != "" {
			t, _ := p.Step(r.Step)
			out.Next = v.t("sequence.step.n", p.Number(r.Step)) + ": " + t.Kind.In(v.Locale.Language)
		}
	}
	return out
}

// whyText says why a reader stands where he does: "waits until Tuesday 10:00: 3 working days".
func (v *visit) whyText(p sequence.Plan, r sequence.Row) string {
	until := whenText(v.Locale, r.WaitUntil)
	switch {
	case r.State == sequence.Done || r.State == sequence.Left:
		text := r.Reason.In(v.Locale.Language)
		if r.Reason == sequence.ByPerson && r.Note != "" {
			text += ": " + v.nameOf(r.Note)
		}
		return text
	case r.Halted:
		return v.t("sequence.why.halted")
	case r.State == sequence.Resting:
		return v.t("sequence.why.paused")
	case r.Because == sequence.ForStep && until != "":
		if t, ok := p.Step(r.BecauseOf); ok {
			return v.t("sequence.why.wait", until, t.Wait.In(v.Locale.Language))
		}
		return v.t("sequence.why.until", until)
	case r.Because == sequence.ForGap:
		return v.t("sequence.why.gap", until, r.BecauseOf)
	case r.Because == sequence.ForAnswer && until != "":
		return v.t("sequence.why.answer", until)
	}
	return v.t("sequence.why.turn")
}

// partySequences are the sequences that a party is or was in, on the card of a lead.
type partySequences struct {
	Rows []sequenceReader
	// Enter is where it is put into one, "" for who may not.
	Enter string
}

func (v *visit) sequencesOf(l lead.Lead) (*partySequences, error) {
	if v.s.module.Newsletters == nil || !v.may(sequence.Read) {
		return nil, nil
	}
	all, out := v.s.module.Newsletters.Sequences, &partySequences{}
	if v.may(sequence.Send) {
		out.Enter = v.link("/sequences/enter") + "?lead=" + l.ID.String() + "&next=" + url.QueryEscape(v.link("/leads", l.ID.String()))
	}
	rows, err := all.Of(v.ctx(), l.PartyID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows[:min(len(rows), cardRows)] {
		one, err := all.Get(v.ctx(), r.SequenceID)
		if err != nil {
			return nil, err
		}
		plans, err := v.plansOf(one)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, v.sequenceReader(plans[r.Number], r))
	}
	return out, nil
}

// readerWay is the page of one reader: what was done for him.
type readerWay struct {
	Sequence sequence.Sequence
	Reader   sequenceReader
	Deeds    []readerDeed
	Send     bool
}

type readerDeed struct {
	sequence.Deed
	Icon, Title, ResultText string
}

func (s *screens) showSequenceReader(v *visit) error {
	row, err := v.sequenceOf()
	if err != nil {
		return err
	}
	who, err := key[party.Tag](v, "party")
	if err != nil {
		return err
	}
	all := s.module.Newsletters.Sequences
	deeds, err := all.History(v.ctx(), row.ID, who)
	if err != nil {
		return err
	}
	rows, err := all.Of(v.ctx(), who)
	if err != nil {
		return err
	}
	plans, err := v.plansOf(row)
	if err != nil {
		return err
	}
	d := readerWay{Sequence: row, Send: v.may(sequence.Send)}
	for _, r := range rows {
		if r.SequenceID == row.ID {
			d.Reader = v.sequenceReader(plans[r.Number], r)
		}
	}
	for _, one := range deeds {
		t, _ := plans[one.Number].Step(one.Step)
		title := one.Kind.In(v.Locale.Language)
		if t.Subject != "" {
			title += ": " + t.Subject
		}
		d.Deeds = append(d.Deeds, readerDeed{Deed: one, Icon: stepIcons[one.Kind], Title: title, ResultText: one.Result.In(v.Locale.Language)})
	}
	path := v.link("/sequences", row.ID.String())
	return v.show(http.StatusOK, "sequence_reader", head{Title: d.Reader.Name, Section: "campaigns", Crumbs: v.sequenceCrumbs(crumb{row.Name, path}, crumb{v.t("sequence.readers"), path + "/readers"})}, d)
}

func (s *screens) moveSequenceReader(v *visit) error {
	id, err := key[sequence.Tag](v, "id")
	if err != nil {
		return err
	}
	who, err := key[party.Tag](v, "party")
	if err != nil {
		return err
	}
	all, verb := s.module.Newsletters.Sequences, v.r.PathValue("verb")
	path, undo := v.link("/sequences", id.String(), "readers"), ""
	switch verb {
	case "rest":
		_, err = all.Rest(v.ctx(), id, who)
		undo = path + "/" + who.String() + "/do/go_on"
	case "go_on":
		_, err = all.GoOn(v.ctx(), id, who)
		undo = path + "/" + who.String() + "/do/rest"
	case "skip":
		_, err = all.Skip(v.ctx(), id, who)
	case "remove":
		_, err = all.Remove(v.ctx(), id, who)
	default:
		return errNoPage
	}
	return v.turned(err, turn{Done: "sequence.reader." + verb + ".done", Undo: undo, Refused: "sequence.stateless", Back: v.back(path)})
}

// enterDialog asks into which sequence some leads come.
type enterDialog struct {
	Form      *input
	Sequences []option
	// Leads are those that were marked; Filter is sent again where all of a list are meant. Over says that they are
	// more than may come in at once.
	Leads  []string
	Filter string
	Count  int
	Over   bool
	Name   string
	Action string
}

// Most is how many may come in at once.
func (enterDialog) Most() int { return sequence.MaxEntered }

func (s *screens) askEnter(v *visit) error {
	f := v.asked()
	f.Values.Set("id", f.text("lead"))
	return s.drawEnter(v, f)
}

// enteredLeads are the leads that a form means: those it names, with or without their versions, or all that a list's
// filter lets through, of which one more than may come in is enough.
func (v *visit) enteredLeads(f *input) ([]lead.ID, error) {
	var out []lead.ID
	if text := f.text("everything"); text != "" {
		values, err := url.ParseQuery(text)
		if err != nil {
			return nil, errNoPage
		}
		own, err := v.customFields("lead")
		if err != nil {
			return nil, err
		}
		filter, page := v.leadFilter(values, own), store.Page{Limit: store.MaxLimit}
		filter.Name = values.Get("find")
		for len(out) <= sequence.MaxEntered {
			found, err := v.module().Leads.List(v.ctx(), filter, lead.ByArrival, page)
			if err != nil {
				return nil, err
			}
			for _, row := range found.Rows {
				out = append(out, row.ID)
			}
			if page.After = found.Next; page.After == "" {
				break
			}
		}
		return out, nil
	}
	for _, text := range f.Values["id"] {
		id, _, _ := strings.Cut(text, ".")
		if k, err := store.ParseKey[lead.Tag](id); err == nil && !k.IsZero() {
			out = append(out, k)
		}
	}
	return out, nil
}

func (s *screens) drawEnter(v *visit, f *input) error {
	d := enterDialog{Form: f, Action: v.link("/sequences/enter"), Filter: f.text("everything")}
	ids, err := v.enteredLeads(f)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		v.toast(toast{Text: v.t("bulk.none"), Bad: true})
		return v.redirect(v.back(v.link("/leads")))
	}
	if d.Count, d.Over = len(ids), len(ids) > sequence.MaxEntered; !d.Over && d.Filter == "" {
		for _, id := range ids {
			d.Leads = append(d.Leads, id.String())
		}
	}
	if len(ids) == 1 {
		row, err := v.module().Leads.Row(v.ctx(), ids[0])
		if err != nil {
			return err
		}
		d.Name = row.Name
	}
	f.Values.Set("next", v.ours(f.text("next"), v.link("/leads")))
	for _, state := range []sequence.State{sequence.Running, sequence.Paused} {
		found, err := s.module.Newsletters.Sequences.List(v.ctx(), sequence.Filter{State: state, Page: store.Page{Limit: 200}})
		if err != nil {
			return err
		}
		for _, row := range found.Rows {
			d.Sequences = append(d.Sequences, option{Value: row.ID.String(), Label: row.Name, On: f.text("sequence") == row.ID.String()})
		}
	}
	return s.saleDialog(v, f.statusOf(), "sequence_enter", head{Title: v.t("sequence.enter"), Section: "leads", Crumbs: []crumb{{v.t("menu.leads"), v.link("/leads")}}}, d)
}

func (s *screens) enterSequence(v *visit) error {
	f := v.posted()
	if f.text("sequence") == "" { // they were marked on the list
		return s.drawEnter(v, f)
	}
	id := pickID[sequence.Tag](f, "sequence")
	if f.bad() {
		return s.drawEnter(v, f)
	}
	ids, err := v.enteredLeads(f)
	if err != nil {
		return err
	}
	var list []sequence.Who
	for _, l := range ids {
		list = append(list, sequence.Who{Lead: l})
	}
	out, err := s.module.Newsletters.Sequences.Enter(v.ctx(), id, list)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawEnter(v, f)
	}
	s.module.Wake()
	text := v.t("sequence.entered", countText(v.Locale.Language, out.In+out.Again))
	if out.Already > 0 {
		text += " " + v.t("sequence.entered.already", countText(v.Locale.Language, out.Already))
	}
	if out.NoConsent > 0 {
		text += " " + v.t("sequence.entered.noconsent", countText(v.Locale.Language, out.NoConsent))
	}
	v.toast(toast{Text: text, Bad: out.In+out.Again == 0})
	return v.redirect(v.back(v.link("/sequences", id.String())))
}
