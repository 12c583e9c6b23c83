package web

import (
	"context"
	"io"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/kpi"
)

func (s *screens) commissionRoutes() []route {
	return []route{
		{Pattern: "GET /commission", Right: actor.OpportunityRead, Do: s.showCommissions},
		{Pattern: "POST /commission/close", Right: actor.Settings, Do: s.closeCommissions},
		{Pattern: "GET /reports/commission.xlsx", Right: actor.ReportRead, Do: s.downloadCommissions},
		{Pattern: "GET /settings/commission", Right: actor.Settings, Do: s.commissionPolicy().show},
		{Pattern: "POST /settings/commission", Right: actor.Settings, Do: s.commissionPolicy().change},
		{Pattern: "GET /settings/commission/rules/{index}", Right: actor.Settings, Do: s.editCommissionRule},
		{Pattern: "POST /settings/commission/rules/{index}", Right: actor.Settings, Do: s.saveCommissionRule},
	}
}

// commissionPage is what sellers earned in a month.
type commissionPage struct {
	Tabs            figureTabs
	Months, Sellers []option
	State           string
	Mood, Settled   string
	Total           string
	Sums            []commissionSum
	Rows            []commissionRow
	Notes           []string
	Month, Excel    string
	Due             bool
}

type commissionSum struct {
	Seller, Path, Amount, Corrections string
	Deals                             int
}

type commissionRow struct {
	Seller, Name, Path, Customer, Group, Rule string
	On, Base, Share, Part, Rate, Amount, Kind string
	Back                                      bool
}

// commissionMonths is how many months back statements are offered.
const commissionMonths = 18

func (v *visit) commissionQuery() (commission.Query, error) {
	f := v.asked()
	q := commission.Query{Seller: f.text("seller")}
	if month, err := civil.Parse(f.text("month") + "-01"); err == nil {
		q.Month = month
		return q, nil
	}
	today, err := v.module().KPIs.Today(v.ctx())
	q.Month = civil.Date{Year: today.Year, Month: today.Month, Day: 1}
	return q, err
}

func (s *screens) showCommissions(v *visit) error {
	q, err := v.commissionQuery()
	if err != nil {
		return err
	}
	st, err := v.module().Commissions.Statement(v.ctx(), q)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	group, err := v.partLabels(kpi.ProductGroup)
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	month := q.Month.String()[:7]
	d := commissionPage{
		Tabs: figureTabs{"commission"}, State: v.t("commission.state." + string(st.State)), Mood: map[commission.State]string{commission.Closed: "good", commission.Due: "watch", commission.Open: "busy", commission.None: "quiet"}[st.State],
		Total: lang.Money(st.Total, st.Currency), Month: month, Due: st.State == commission.Due, Excel: v.link("/reports/commission.xlsx") + "?month=" + month + "&seller=" + q.Seller,
	}
	if st.State == commission.Closed {
		d.Settled = v.t("commission.settled", lang.Date(civil.In(st.ClosedAt, v.zone())), nameIn(names, st.ClosedBy))
	} else if st.Earned != "" {
		d.Settled = v.t("commission.earned." + string(st.Earned))
	}
	if err := v.commissionChoices(&d, q); err != nil {
		return err
	}
	for _, one := range st.Sellers {
		sum := commissionSum{Seller: nameIn(names, one.Seller), Path: v.link("/commission") + "?month=" + month + "&seller=" + one.Seller, Amount: lang.Money(one.Amount, st.Currency), Deals: one.Deals}
		if !one.Corrections.IsZero() {
			sum.Corrections = v.t("commission.of.it", lang.Money(one.Corrections, st.Currency))
		}
		d.Sums = append(d.Sums, sum)
	}
	for _, r := range st.Rows {
		row := commissionRow{
			Seller: nameIn(names, r.Seller), Name: r.Name, Path: v.link("/opportunities", r.OpportunityID.String()), Customer: r.Customer, Rule: r.Rule, On: lang.Date(r.EarnedOn), Amount: lang.Money(r.Amount, st.Currency),
			Kind: v.t("commission.kind." + string(r.Kind)), Back: r.Kind != commission.Share,
		}
		if r.Group != "" {
			row.Group = group(kpi.Row{Key: r.Group, Label: r.Group})
		}
		if r.Kind == commission.Share {
			row.Kind = ""
			row.Base = v.t("commission.base."+string(r.Of), lang.Money(r.Base, st.Currency))
			row.Share, row.Part, row.Rate = lang.Percent(r.Share), lang.Money(r.Part, st.Currency), lang.Percent(r.Rate)
		}
		d.Rows = append(d.Rows, row)
	}
	if st.Uncosted > 0 {
		d.Notes = append(d.Notes, v.t("commission.uncosted", st.Uncosted))
	}
	if st.Unruled > 0 {
		d.Notes = append(d.Notes, v.t("commission.unruled", st.Unruled))
	}
	for _, m := range st.Missing {
		d.Notes = append(d.Notes, v.t("figures.missing", m))
	}
	return v.show(200, "commission", head{Title: v.t("menu.commission"), Section: "dashboard", Wide: true}, d)
}

func (v *visit) commissionChoices(d *commissionPage, q commission.Query) error {
	today, err := v.module().KPIs.Today(v.ctx())
	if err != nil {
		return err
	}
	at := civil.Date{Year: today.Year, Month: today.Month, Day: 1}
	for range commissionMonths {
		d.Months = append(d.Months, option{Value: at.String()[:7], Label: monthNumber(v.Locale.Language, at), On: at == q.Month})
		last := at.AddDays(-1)
		at = civil.Date{Year: last.Year, Month: last.Month, Day: 1}
	}
	if v.Actor.See == actor.Own || !v.may(actor.CommissionRead) {
		return nil
	}
	d.Sellers, err = v.ownersOr(q.Seller)
	return err
}

func (s *screens) closeCommissions(v *visit) error {
	f := v.posted()
	month, err := civil.Parse(f.text("month") + "-01")
	if err != nil {
		return errNoPage
	}
	if _, err := v.module().Commissions.Close(v.ctx(), month); err != nil {
		return err
	}
	v.done("commission.closed")
	return v.redirect(v.link("/commission") + "?month=" + month.String()[:7])
}

func (s *screens) downloadCommissions(v *visit) error {
	q, err := v.commissionQuery()
	if err != nil {
		return err
	}
	book, err := v.figureBook(figureFilter{})
	if err != nil {
		return err
	}
	return v.download("commission.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Commissions(ctx, w, s.module.Commissions, q, book)
	})
}
