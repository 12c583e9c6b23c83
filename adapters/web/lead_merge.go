package web

import (
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/setting"
)

// duplicates is the page of those who may be the same as a lead.
type duplicates struct {
	Row  lead.Row
	Rows []similarRow
}

func (s *screens) listDuplicates(v *visit) error {
	row, err := v.leadRow()
	if err != nil {
		return err
	}
	found, err := v.module().Leads.Duplicates(v.ctx(), row.ID)
	if err != nil {
		return err
	}
	rows, err := v.similarRows(found, party.Possible)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "lead_duplicates", head{Title: v.t("merge.duplicates"), Section: "leads", Crumbs: v.leadCrumbs(row)}, duplicates{row, rows})
}

// comparison is two leads side by side, and what becomes of them.
type comparison struct {
	Form *input
	// Keep survives; Drop is joined to it and stands for it from then on.
	Keep, Drop lead.Card
	Rows       []comparedRow
	// Reasons say why they may be the same.
	Reasons []string
	Score   int
}

// comparedRow is one field of both, and of what comes out.
type comparedRow struct {
	Label            string
	Keep, Drop, Both string
	// Taken is set where the survivor takes something over.
	Taken bool
}

// compareLeads shows what a merge would give. Changing the two places in the address changes who survives.
func (s *screens) compareLeads(v *visit) error {
	return v.drawMerge(v.blank())
}

func (v *visit) drawMerge(f *input) error {
	d := comparison{Form: f}
	var err error
	if d.Keep, d.Drop, err = v.mergePair(); err != nil {
		return err
	}
	found, err := v.module().Leads.Duplicates(v.ctx(), d.Keep.Lead.ID)
	if err != nil {
		return err
	}
	for _, one := range found {
		if one.Party != d.Drop.Party.ID {
			continue
		}
		d.Score = one.Match.Score
		for _, reason := range one.Match.Reasons {
			d.Reasons = append(d.Reasons, reason.Text(v.Locale.Language))
		}
	}
	if d.Rows, err = v.compared(d.Keep, d.Drop); err != nil {
		return err
	}
	row := lead.Row{Lead: d.Keep.Lead, Name: d.Keep.Party.DisplayName}
	return v.show(f.statusOf(), "lead_merge", head{Title: v.t("merge.title"), Section: "leads", Crumbs: v.leadCrumbs(row)}, d)
}

// mergePair reads both leads of the address. A lead that was merged already stands for another one: there
// is nothing to merge then.
func (v *visit) mergePair() (keep, drop lead.Card, err error) {
	first, err := key[lead.Tag](v, "id")
	if err != nil {
		return keep, drop, err
	}
	second, err := key[lead.Tag](v, "other")
	if err != nil {
		return keep, drop, err
	}
	if keep, err = v.module().Leads.Get(v.ctx(), first); err != nil {
		return keep, drop, err
	}
	if drop, err = v.module().Leads.Get(v.ctx(), second); err != nil {
		return keep, drop, err
	}
	if keep.Lead.ID == drop.Lead.ID {
		return keep, drop, fault.New(fault.Invalid, "%s", v.t("merge.one"))
	}
	return keep, drop, nil
}

// compared puts the fields of both side by side, by the rules of [lead.Leads.Merge].
func (v *visit) compared(keep, drop lead.Card) ([]comparedRow, error) {
	sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return nil, err
	}
	var rows []comparedRow
	add := func(label, a, b, both string) {
		if a != "" || b != "" {
			rows = append(rows, comparedRow{Label: v.t(label), Keep: a, Drop: b, Both: both, Taken: both != a})
		}
	}
	fill := func(label, a, b string) {
		both := a
		if both == "" {
			both = b
		}
		add(label, a, b, both)
	}
	k, d := keep.Party, drop.Party
	fill("lead.name", k.DisplayName, d.DisplayName)
	fill("lead.organization", keep.Lead.Organization, drop.Lead.Organization)
	fill("lead.job_title", k.JobTitle, d.JobTitle)
	reach := func(c lead.Card, kind string, first ...string) []string {
		out := given(first...)
		for _, point := range c.Points {
			if point.Kind == kind {
				out = append(out, point.Value)
			}
		}
		return out
	}
	join := func(label, glue string, a, b []string) {
		both := append([]string{}, a...)
		for _, one := range b {
			if !strings.Contains(glue+strings.Join(both, glue)+glue, glue+one+glue) {
				both = append(both, one)
			}
		}
		add(label, strings.Join(a, glue), strings.Join(b, glue), strings.Join(both, glue))
	}
	join("lead.email", "\n", reach(keep, "email", k.Email), reach(drop, "email", d.Email))
	join("lead.phone", "\n", v.phones(reach(keep, "phone", k.Phone, k.Mobile)), v.phones(reach(drop, "phone", d.Phone, d.Mobile)))
	fill("lead.tax_id", k.TaxID, d.TaxID)
	fill("lead.website", k.Website, d.Website)
	fill("lead.address", strings.Join(k.Address().Lines(v.Locale.Language), ", "), strings.Join(d.Address().Lines(v.Locale.Language), ", "))
	join("lead.interest", "\n\n", given(keep.Lead.Interest), given(drop.Lead.Interest))
	value := func(l lead.Lead) string {
		if l.ExpectedValue.IsZero() {
			return ""
		}
		return v.Locale.Language.Money(l.ExpectedValue, l.Currency)
	}
	fill("lead.expected_value", value(keep.Lead), value(drop.Lead))
	earlier := keep.Lead
	if drop.Lead.ArrivedAt.Before(earlier.ArrivedAt) {
		earlier = drop.Lead
	}
	source := func(l lead.Lead) string { return sources.Text(v.Locale.Language, l.Source) }
	add("leads.column.age", whenText(v.Locale, keep.Lead.ArrivedAt), whenText(v.Locale, drop.Lead.ArrivedAt), whenText(v.Locale, earlier.ArrivedAt))
	add("lead.source", source(keep.Lead), source(drop.Lead), source(earlier))
	add("leads.column.status", v.t("lead.status."+string(keep.Lead.Status)), v.t("lead.status."+string(drop.Lead.Status)), v.t("lead.status."+string(keep.Lead.Status)))
	owner := func(l lead.Lead) string {
		if l.OwnerUser == "" {
			return ""
		}
		return v.nameOf(l.OwnerUser)
	}
	fill("owner", owner(keep.Lead), owner(drop.Lead))
	return rows, nil
}

// phones writes numbers for people.
func (v *visit) phones(numbers []string) []string {
	for i := range numbers {
		numbers[i] = party.FormatPhone(numbers[i])
	}
	return numbers
}

func (s *screens) mergeLeads(v *visit) error {
	keep, drop, err := v.mergePair()
	if err != nil {
		return err
	}
	id, err := v.module().Leads.Merge(v.ctx(), keep.Lead.ID, drop.Lead.ID)
	if err != nil {
		f := v.posted()
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return v.drawMerge(f)
	}
	v.toast(toast{Text: v.t("merge.done", drop.Party.DisplayName, keep.Party.DisplayName), Undo: v.link("/merges", id.String(), "undo")})
	return v.redirect(v.link("/leads", keep.Lead.ID.String()))
}

// unmergeLeads takes a merge back.
func (s *screens) unmergeLeads(v *visit) error {
	id, err := key[party.MergeTag](v, "merge")
	if err != nil {
		return err
	}
	if err := v.module().Leads.Unmerge(v.ctx(), id); err != nil {
		return err
	}
	v.done("merge.undone")
	return v.redirect(v.back(v.link("/leads")))
}

// MayMerge reports whether the visitor may join a row's lead to another one.
func (r similarRow) MayMerge() bool { return !r.Lead.IsZero() && !r.Hidden }
