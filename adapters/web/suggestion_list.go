package web

import (
	"cmp"
	"context"
	"io"
	"net/http"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/suggest"
)

func (s *screens) valueRoutes() []route {
	return []route{
		{Pattern: "GET /values", Right: actor.ReportRead, Do: s.listValues},
		{Pattern: "GET /reports/values.xlsx", Right: actor.ReportRead, Do: s.downloadValues},
		{Pattern: "GET /reports/suggestions.xlsx", Right: actor.ReportRead, Do: s.downloadSuggestions},
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
}

// customerTabs are the pages about customers; On is the one at hand.
type customerTabs struct{ On string }

type suggestionRow struct {
	ID, Path, Name, Owner, Kind, What, Why string
	Worth                                  string
	// Offer says that it can be taken or dismissed here.
	Offer bool
}

func (s *screens) listSuggestions(v *visit) error {
	f := v.asked()
	d := suggestionList{Tabs: customerTabs{"suggestions"}, Form: f, Unknown: !v.module().Values.Known()}
	list, err := v.module().Suggestions.List(v.ctx(), suggest.Filter{
		Kind: buying.Kind(f.text("kind")), Owner: f.text("owner"), Page: store.Page{Limit: listPage, After: f.text("after")},
	})
	if err != nil {
		return err
	}
	if d.Rows, err = v.suggestionRows(list.Rows); err != nil {
		return err
	}
	d.Kinds = []option{{Label: v.t("suggest.kind.any")}}
	for _, k := range buying.Kinds {
		d.Kinds = append(d.Kinds, option{Value: string(k), Label: v.t("suggest.kind." + string(k)), On: string(k) == f.text("kind")})
	}
	if d.Owners, err = v.ownersOr(f.text("owner")); err != nil {
		return err
	}
	if list.Next != "" {
		d.Next = withAfter(v.r.URL.String(), list.Next)
	}
	if f.text("after") != "" {
		d.First = withAfter(v.r.URL.String(), "")
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "suggestion_list", "list", d)
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
			ID: s.ID.String(), Path: v.link("/customers", s.Customer), Name: label(s.Customer, s.Name), Owner: nameIn(names, s.Owner), Kind: v.t("suggest.kind." + string(s.Kind)), Why: v.why(s.Suggestion),
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

// why words the reason of a suggestion.
func (v *visit) why(s buying.Suggestion) string {
	b, lang := s.Because, v.Locale.Language
	switch s.Kind {
	case buying.Quiet:
		return v.t("suggest.why.quiet", b.Gap, b.Times, b.Since)
	case buying.Less:
		return v.t("suggest.why.less", lang.Money(money.Round(b.Recent, v.Locale.Currency), v.Locale.Currency), lang.Money(money.Round(b.Usual, v.Locale.Currency), v.Locale.Currency))
	case buying.Lapsed:
		return v.t("suggest.why.lapsed", b.Times, b.Gap, b.Since)
	case buying.Renewal:
		return v.t("suggest.why.renewal", lang.Date(b.Last), lang.Date(s.Due))
	case buying.Similar:
		// How many times more of those who buy the one buy the other than of all customers.
		lift := decimal.NewFromInt(int64(b.Both*b.All)).DivRound(decimal.NewFromInt(int64(max(1, b.Of*b.Also))), 1)
		return v.t("suggest.why.similar", b.Both, b.Of, b.WithName, lang.Number(lift, 1))
	}
	return ""
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

func (v *visit) customerBook() (reports.CustomerBook, error) {
	names, err := v.names()
	return reports.CustomerBook{
		Language: v.Locale.Language, Names: v.module().CustomerNames, Owners: names,
		Why:  func(one suggest.Suggestion) string { return v.why(one.Suggestion) },
		Kind: func(one suggest.Suggestion) string { return v.t("suggest.kind." + string(one.Kind)) },
	}, err
}

func (s *screens) downloadValues(v *visit) error {
	book, err := v.customerBook()
	if err != nil {
		return err
	}
	return v.download("values.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Values(ctx, w, s.module.Values, book)
	})
}

func (s *screens) downloadSuggestions(v *visit) error {
	if !v.may(actor.OpportunityRead) {
		return errNoPage
	}
	book, err := v.customerBook()
	if err != nil {
		return err
	}
	return v.download("suggestions.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Suggestions(ctx, w, s.module.Suggestions, book)
	})
}
