package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// moveDialog asks for what a stage needs before an opportunity comes into it.
type moveDialog struct {
	Form     *input
	ID       opportunity.ID
	Name     string
	Stage    string
	Currency string
	Next     string
	// Fields are those that can be filled in here, Elsewhere what has to be done on the card.
	Fields    []moveField
	Elsewhere []string
	// Own are the company's own fields that are asked for.
	Own []field
	// People are those of the party, for a contact that is asked for.
	People []option
}

type moveField struct {
	Name, Label string
	// Kind is "text", "long", "money", "date", "moment" or "people".
	Kind string
}

// movable are the requirements of stages that the dialog can take in, with their labels.
var movable = map[string]moveField{
	"goal": {"goal", "deal.goal", "long"}, "contact_id": {"contact_id", "deal.contact", "people"}, "expected_revenue": {"expected_revenue", "deal.revenue", "money"},
	"expected_close": {"expected_close", "deal.close", "date"}, "next_step_at": {"next_step_at", "deal.next", "moment"},
	"source": {"source", "deal.source", "text"}, "campaign": {"campaign", "deal.campaign", "text"}, "competitors": {"competitors", "deal.competitor.name", "text"},
}

// moveOpportunity brings an opportunity into another stage, with what the dialog asked for. The board gets
// itself back, a dialog that lacks something the dialog, everybody else the page that he came from.
func (s *screens) moveOpportunity(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	to, err := store.ParseKey[opportunity.StageTag](f.text("stage"))
	if err != nil || to.IsZero() {
		return errNoPage
	}
	from, _ := store.ParseKey[opportunity.StageTag](f.text("from"))
	before, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	own, err := v.customFields("opportunity")
	if err != nil {
		return err
	}
	edit, rivals := v.movedFields(f, before, own)
	if !f.bad() {
		err = v.module().DB().Write(v.ctx(), func(ctx context.Context, unit *store.Session) error { // both or neither
			all := v.module().Opportunities.In(unit)
			if rivals != nil {
				if _, err := all.SetCompetitors(ctx, id, 0, rivals); err != nil {
					return err
				}
			}
			if edit != nil {
				if _, err := all.Edit(ctx, id, *edit); err != nil {
					return err
				}
			}
			_, err := all.Move(ctx, id, opportunity.Step{Stage: to, From: from})
			return err
		})
		if err == nil {
			return s.moved(v, before, to)
		}
	}
	asked := slices.ContainsFunc(fault.Of(err), func(one fault.Fault) bool { return strings.HasPrefix(one.Code, "stage.") && one.Path != "stage_id" })
	if !asked && edit == nil && rivals == nil && !f.bad() {
		return err
	}
	d, err := v.moveDialog(f, before, to, own, err)
	if err != nil {
		return err
	}
	if v.part() {
		v.w.Header().Set("Hx-Retarget", "#crm-dialog-body")
		v.w.Header().Set("Hx-Reswap", "innerHTML")
		return v.fill(http.StatusUnprocessableEntity, "opportunity_move", "dialog", d)
	}
	return v.show(http.StatusUnprocessableEntity, "opportunity_move", head{Title: before.Name, Section: "opportunities"}, d)
}

// moved says what was done, with the way back, and draws the board or goes where the visitor came from.
func (s *screens) moved(v *visit, before opportunity.Card, to opportunity.StageID) error {
	names, err := v.stageNames()
	if err != nil {
		return err
	}
	if to != before.StageID {
		v.toast(toast{
			Text: v.t("deal.moved", before.Name, names[to]), Undo: v.link("/opportunities", before.ID.String(), "move"),
			Fields: map[string]string{"stage": before.StageID.String(), "from": to.String()},
		})
	}
	if v.part() && v.target() == "board" {
		address, err := url.Parse(v.here())
		if err != nil {
			return err
		}
		b, err := v.board(address)
		if err != nil {
			return err
		}
		return v.fill(http.StatusOK, "opportunity_board", "board", b)
	}
	return v.redirect(v.back(v.link("/opportunities", before.ID.String())))
}

// movedFields are the fields that came with a move; nil where none did.
func (v *visit) movedFields(f *input, before opportunity.Card, own []store.CustomField) (*opportunity.Edit, []opportunity.Competitor) {
	var e opportunity.Edit
	came := false
	for name := range movable {
		came = came || name != "competitors" && f.text(name) != ""
	}
	for name, to := range map[string]**string{"goal": &e.Goal, "source": &e.Source, "campaign": &e.Campaign} {
		if text := f.text(name); text != "" {
			*to = &text
		}
	}
	if contact, err := store.ParseKey[party.Tag](f.text("contact_id")); err == nil && !contact.IsZero() {
		e.ContactID = &contact
	}
	if f.text("expected_revenue") != "" {
		e.ExpectedRevenue = f.amount("expected_revenue")
	}
	if day := f.day("expected_close"); !day.IsZero() {
		e.ExpectedClose = &day
	}
	if at := f.moment("next_step_at"); !at.IsZero() {
		e.NextStepAt = &at
	}
	for name, value := range v.readCustom(f, own) {
		if value != nil { // what is left empty is asked for again, not cleared
			if e.Custom == nil {
				e.Custom = map[string]any{}
			}
			came, e.Custom[name] = true, value
		}
	}
	var rivals []opportunity.Competitor
	if name := f.text("competitors"); name != "" {
		rivals = append(slices.Clone(before.Competitors), opportunity.Competitor{Name: name})
	}
	if !came {
		return nil, rivals
	}
	return &e, rivals
}

// moveDialog asks for what err says is missing.
func (v *visit) moveDialog(f *input, before opportunity.Card, to opportunity.StageID, own []store.CustomField, err error) (moveDialog, error) {
	names, reading := v.stageNames()
	if reading != nil {
		return moveDialog{}, reading
	}
	d := moveDialog{Form: f, ID: before.ID, Name: before.Name, Stage: names[to], Currency: before.Currency, Next: v.back(v.here())}
	told := new(fault.Error)
	if err != nil && !errors.As(err, &told) {
		return d, err
	}
	other := *told
	other.Faults = nil
	known := map[string]bool{}
	ask := func(name string) {
		if field, ok := movable[name]; ok && !known[name] {
			known[name], d.Fields = true, append(d.Fields, field)
		}
	}
	for name := range movable { // what was asked before is asked again
		if f.has(name) {
			ask(name)
		}
	}
	d.Own = v.askOwn(f, own, told)
	slices.SortFunc(d.Fields, func(a, b moveField) int { return strings.Compare(a.Name, b.Name) })
	for _, one := range told.Faults {
		_, here := movable[one.Path]
		switch {
		case one.Code == "stage.field" && here:
			if f.has(one.Path) {
				f.wrong(one.Path, "fault.required")
			}
			ask(one.Path)
		case one.Code == "stage.field" && slices.ContainsFunc(d.Own, func(o field) bool { return o.Name == one.Path }):
		case one.Code == "stage.field":
			d.Elsewhere = append(d.Elsewhere, v.requirement(one.Path))
		case one.Code == "stage.activity":
			kind := activity.Kind(strings.TrimPrefix(one.Path, "activities."))
			d.Elsewhere = append(d.Elsewhere, v.t("deal.needs.activity", kind.In(v.Locale.Language)))
		default:
			other.Faults = append(other.Faults, one)
		}
	}
	if len(other.Faults) > 0 || len(told.Faults) == 0 && told.Message != "" {
		if err := v.refuse(f, &other); err != nil {
			return d, err
		}
	}
	if known["contact_id"] {
		if d.People, err = v.peopleOf(before.PartyID, before.ContactID); err != nil {
			return d, err
		}
	}
	return d, nil
}

// askOwn are the company's own fields that a stage needs, and those that were asked for before; the answers to those that
// are still missing say so.
func (v *visit) askOwn(f *input, own []store.CustomField, told *fault.Error) []field {
	var out []field
	for _, one := range own {
		name := customPrefix + one.Name
		missing := slices.ContainsFunc(told.Faults, func(t fault.Fault) bool { return t.Code == "stage.field" && t.Path == name })
		if missing && f.has(name) {
			f.wrong(name, "fault.required")
		}
		if missing || f.has(name) {
			one.Rules.Required = true
			out = append(out, v.customInputs(f, []store.CustomField{one})...)
		}
	}
	return out
}

// requirement names what a stage needs and the dialog cannot take.
func (v *visit) requirement(path string) string {
	if name, custom := strings.CutPrefix(path, "custom."); custom {
		return name
	}
	if key := "deal." + path; texts[key] != nil {
		return v.t(key)
	}
	return path
}

// peopleOf are the persons of a party, for a select; the first choice is nobody.
func (v *visit) peopleOf(of, chosen party.ID) ([]option, error) {
	out := []option{{Label: v.t("sale.nobody"), On: chosen.IsZero()}}
	found, err := v.module().Parties.People(v.ctx(), of)
	if err != nil {
		return nil, err
	}
	known := false
	for _, p := range found {
		known = known || p.ID == chosen
		out = append(out, option{Value: p.ID.String(), Label: p.DisplayName, On: p.ID == chosen})
	}
	if !known && !chosen.IsZero() {
		p, err := v.module().Parties.Get(v.ctx(), chosen)
		switch {
		case err == nil:
			out = append(out, option{Value: chosen.String(), Label: p.DisplayName, On: true})
		case !errors.Is(err, fault.NotFound):
			return nil, err
		}
	}
	return out, nil
}

// closing is the dialog by which an opportunity is won or lost.
type closing struct {
	Form  *input
	Card  opportunity.Card
	Lost  bool
	Next  string
	Order bool
	// Reasons are the company's usual ones, Rivals the competitors that are known.
	Reasons []option
	Rivals  []option
}

func (s *screens) askWon(v *visit) error  { return s.askClosing(v, false) }
func (s *screens) askLost(v *visit) error { return s.askClosing(v, true) }

func (s *screens) askClosing(v *visit, lost bool) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	next := v.link("/opportunities", id.String())
	if v.part() {
		next = v.here()
	}
	f := v.blank("next", next, "revenue", v.Locale.Language.Number(card.ExpectedRevenue.Decimal, money.Digits(card.Currency)), "reason", "", "competitor", "", "lesson", "")
	return s.drawClosing(v, f, card, lost)
}

func (s *screens) drawClosing(v *visit, f *input, card opportunity.Card, lost bool) error {
	d := closing{Form: f, Card: card, Lost: lost, Next: f.Get("next"), Order: v.mayConvert() && len(card.Lines) > 0}
	if lost {
		list, err := v.module().Settings.Choices(v.ctx(), setting.LostReasons)
		if err != nil {
			return err
		}
		d.Reasons = []option{{Label: v.t("sale.choose")}}
		for _, c := range list.Offered() {
			d.Reasons = append(d.Reasons, option{Value: c.Value, Label: c.Text(v.Locale.Language)})
		}
		d.Rivals = []option{{Value: opportunity.NoCompetitor, Label: v.t("deal.competitor.none")}}
		for _, c := range card.Competitors {
			d.Rivals = append(d.Rivals, option{Value: c.Name, Label: c.Name})
		}
	}
	return s.saleDialog(v, f.statusOf(), "opportunity_close", head{Title: card.Name, Section: "opportunities"}, d)
}

// saleDialog draws a dialog in place, or alone on a page where there is no script.
func (s *screens) saleDialog(v *visit, status int, name string, h head, data any) error {
	if v.part() {
		return v.fill(status, name, "dialog", data)
	}
	return v.show(status, name, h, data)
}

func (s *screens) closeWon(v *visit) error {
	return s.closeAs(v, false, func(id opportunity.ID, f *input, card opportunity.Card) error {
		win := opportunity.Win{}
		if revenue := f.amount("revenue"); revenue != nil && !revenue.Equal(card.ExpectedRevenue) {
			win.Revenue = revenue
		}
		if f.bad() {
			return nil
		}
		_, err := v.module().Opportunities.CloseWon(v.ctx(), id, win)
		return err
	})
}

func (s *screens) closeLost(v *visit) error {
	return s.closeAs(v, true, func(id opportunity.ID, f *input, _ opportunity.Card) error {
		competitor := f.text("competitor")
		if other := f.text("other"); other != "" {
			competitor = other
		}
		_, err := v.module().Opportunities.CloseLost(v.ctx(), id, opportunity.Loss{Reason: f.text("reason"), Competitor: competitor, Lesson: f.text("lesson")})
		return err
	})
}

func (s *screens) closeAs(v *visit, lost bool, do func(opportunity.ID, *input, opportunity.Card) error) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	f := v.posted()
	if err := do(id, f, card); err != nil {
		if err := v.refuse(f, repathed(err, map[string]string{"lost_reason": "reason", "lost_to": "competitor", "expected_revenue": "revenue"})); err != nil {
			return err
		}
	}
	if f.bad() {
		return s.drawClosing(v, f, card, lost)
	}
	word := "deal.won.done"
	if lost {
		word = "deal.lost.done"
	}
	v.toast(toast{Text: v.t(word, card.Name), Undo: v.link("/opportunities", id.String(), "reopen")})
	return v.redirect(v.back(v.link("/opportunities", id.String())))
}

// repathed gives an error whose faults stand at other fields.
func repathed(err error, names map[string]string) error {
	var told *fault.Error
	if !errors.As(err, &told) {
		return err
	}
	again := *told
	again.Faults = slices.Clone(told.Faults)
	for i, one := range again.Faults {
		if name, ok := names[one.Path]; ok {
			again.Faults[i].Path = name
		}
	}
	return &again
}

func (s *screens) reopenOpportunity(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	o, err := v.module().Opportunities.Reopen(v.ctx(), id, opportunity.Reopening{})
	if err != nil {
		return err
	}
	v.done("deal.reopened", o.Name)
	return v.redirect(v.back(v.link("/opportunities", id.String())))
}

// daysIn writes a length of time as whole days.
func daysIn(seconds int64) int { return int(time.Duration(seconds) * time.Second / (24 * time.Hour)) }
