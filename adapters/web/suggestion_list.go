package web

import (
	"cmp"
	"net/http"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/suggest"
)

func (s *screens) valueRoutes() []route {
	return []route{
		{Pattern: "GET /values", Right: actor.ReportRead, Do: s.listValues},
		{Pattern: "GET /settings/values", Right: actor.Settings, Do: s.showValuePlan},
		{Pattern: "POST /settings/values", Right: actor.Settings, Do: s.saveValuePlan},
		{Pattern: "GET /suggestions", Right: actor.OpportunityRead, Do: s.listSuggestions},
		{Pattern: "POST /suggestions/{id}/take", Right: actor.OpportunityWrite, Do: s.takeSuggestion},
		{Pattern: "POST /suggestions/{id}/dismiss", Right: actor.OpportunityWrite, Do: s.dismissSuggestion},
		{Pattern: "POST /suggestions/{id}/undo", Right: actor.OpportunityWrite, Do: s.undoSuggestion},
	}
}

// suggestionList is the page of what customers may want next.
type suggestionList struct {
	Tabs          customerTabs
	Form          *input
	Kinds, Owners []option
	Rows          []suggestionRow
	First, Next   string
	// Unknown says that the host does not tell what was ordered.
	Unknown bool
	Book    bookLink
}

// customerTabs are the pages about customers; On is the one at hand.
type customerTabs struct{ On string }

type suggestionRow struct {
	ID, Path, Name, Owner, Kind, What, Why string
	Worth                                  string
	// Offer says that it can be taken or dismissed here.
	Offer bool
}

// suggestionFilter reads what narrows the list from its form, and fills the choices.
func (v *visit) suggestionFilter(d *suggestionList) (suggest.Filter, error) {
	f := d.Form
	d.Kinds = []option{{Label: v.t("suggest.kind.any")}}
	for _, k := range buying.Kinds {
		d.Kinds = append(d.Kinds, option{Value: string(k), Label: k.In(v.Locale.Language), On: string(k) == f.text("kind")})
	}
	var err error
	d.Owners, err = v.ownersOr(f.text("owner"))
	return suggest.Filter{Kind: buying.Kind(f.text("kind")), Owner: f.text("owner"), Page: store.Page{Limit: listPage, After: f.text("after")}}, err
}

func (s *screens) listSuggestions(v *visit) error {
	d := suggestionList{Tabs: customerTabs{"suggestions"}, Form: v.asked(), Unknown: !v.module().Values.Known(), Book: v.bookLink("/reports/suggestions.xlsx")}
	filter, err := v.suggestionFilter(&d)
	if err != nil {
		return err
	}
	list, err := v.module().Suggestions.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	if d.Rows, err = v.suggestionRows(list.Rows); err != nil {
		return err
	}
	if list.Next != "" {
		d.Next = withAfter(v.r.URL.String(), list.Next)
	}
	if filter.Page.After != "" {
		d.First = withAfter(v.r.URL.String(), "")
	}
	if v.part() && v.target() == "list" {
		d.Book.Swap = true
		return v.fill(http.StatusOK, "suggestion_list", "listpart", d)
	}
	return v.show(http.StatusOK, "suggestion_list", head{Title: v.t("suggest.title"), Section: "customers"}, d)
}

// ownersOr are the users to choose a seller from, everybody first.
func (v *visit) ownersOr(chosen string) ([]option, error) {
	users, err := v.owners(chosen)
	return append([]option{{Label: v.t("value.owner.any")}}, users...), err
}

// customerLabels gives what names the customers of a list: their name here, else the host's, else their key.
func customerLabels[T any](v *visit, list []T, of func(T) (key, name string)) (func(key, name string) string, error) {
	var strange []string
	for _, one := range list {
		if key, name := of(one); name == "" {
			strange = append(strange, key)
		}
	}
	hosts, err := v.module().CustomerNames(v.ctx(), strange)
	return func(key, name string) string { return cmp.Or(name, hosts[key], key) }, err
}

func (v *visit) suggestionRows(list []suggest.Suggestion) ([]suggestionRow, error) {
	names, err := v.names()
	if err != nil {
		return nil, err
	}
	label, err := customerLabels(v, list, func(s suggest.Suggestion) (key, name string) { return s.Customer, s.Name })
	if err != nil {
		return nil, err
	}
	rows := make([]suggestionRow, len(list))
	for i, s := range list {
		row := suggestionRow{
			ID: s.ID.String(), Path: v.link("/customers", s.Customer), Name: label(s.Customer, s.Name), Owner: nameIn(names, s.Owner), Kind: s.Kind.In(v.Locale.Language), Why: s.Why(v.Locale),
			Worth: shortMoney(v.Locale.Language, s.Worth, v.Locale.Currency), Offer: v.may(actor.OpportunityWrite) && s.State == suggest.Open,
		}
		for k, item := range s.Items {
			if k > 0 {
				row.What += ", "
			}
			row.What += item.Name
		}
		rows[i] = row
	}
	return rows, nil
}

func (s *screens) takeSuggestion(v *visit) error {
	id, err := key[suggest.Tag](v, "id")
	if err != nil {
		return err
	}
	made, err := v.module().TakeSuggestion(v.ctx(), id)
	if err != nil {
		return err
	}
	v.toast(toast{Text: v.t("suggest.taken"), Undo: v.link("/suggestions", id.String(), "undo"), Link: v.link("/opportunities", made.String()), Name: v.t("button.show")})
	return v.redirect(v.back(v.link("/opportunities", made.String())))
}

func (s *screens) dismissSuggestion(v *visit) error {
	id, err := key[suggest.Tag](v, "id")
	if err != nil {
		return err
	}
	if err := v.module().Suggestions.Dismiss(v.ctx(), id); err != nil {
		return err
	}
	v.toast(toast{Text: v.t("suggest.dismissed"), Undo: v.link("/suggestions", id.String(), "undo")})
	return v.redirect(v.back(v.link("/suggestions")))
}

func (s *screens) undoSuggestion(v *visit) error {
	id, err := key[suggest.Tag](v, "id")
	if err != nil {
		return err
	}
	if err := v.module().UndoSuggestion(v.ctx(), id); err != nil {
		return err
	}
	v.done("suggest.undone")
	return v.redirect(v.back(v.link("/suggestions")))
}
