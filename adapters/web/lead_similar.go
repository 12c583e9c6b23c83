package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// similarRow is somebody who may be the same, with the reasons in the reader's language.
type similarRow struct {
	lead.Duplicate
	Reasons []string
	// Path leads to the record, "" where the visitor may not see it.
	Path  string
	Owner string
	// Into is the id of an open lead that the draft can be added to.
	Into string
	// Key tells one row from another, whatever it is.
	Key string
}

// similar looks for who may be the same as a draft, as far as it is worth a question.
func (v *visit) similar(d lead.Draft) ([]similarRow, error) {
	found, err := v.module().Leads.Similar(v.ctx(), d)
	if err != nil {
		return nil, err
	}
	return v.similarRows(found, party.Likely)
}

func (v *visit) similarRows(found []lead.Duplicate, from int) ([]similarRow, error) {
	var out []similarRow
	for _, one := range found {
		if one.Match.Score < from {
			continue
		}
		r := similarRow{Duplicate: one, Key: one.Party.String()}
		if one.Owner.User != "" {
			r.Owner = v.nameOf(one.Owner.User)
		}
		for _, reason := range one.Match.Reasons {
			r.Reasons = append(r.Reasons, reason.Text(v.Locale.Language))
		}
		switch {
		case one.Hidden:
		case !one.Lead.IsZero():
			r.Path = v.link("/leads", one.Lead.String())
			if one.Status.Open() && v.may(actor.LeadWrite) {
				r.Into = one.Lead.String()
			}
		case one.Customer != "":
			r.Path, r.Key = v.link("/customers", one.Customer), "customer "+one.Customer
		default:
			r.Path = v.link("/contacts", one.Party.String())
		}
		out = append(out, r)
	}
	return out, nil
}

// seenAll reports whether the person has been shown all of them.
func seenAll(found []similarRow, seen string) bool {
	for _, one := range found {
		if !strings.Contains("|"+seen+"|", "|"+one.Key+"|") {
			return false
		}
	}
	return true
}

// Seen are the keys of those whom the form shows.
func (d leadForm) Seen() string {
	keys := make([]string, len(d.Similar))
	for i, one := range d.Similar {
		keys[i] = one.Key
	}
	return strings.Join(keys, "|")
}

// showSimilar answers while a person types.
func (s *screens) showSimilar(v *visit) error {
	f := v.posted()
	draft := v.leadDraft(f)
	draft.Token = ""
	found, err := v.similar(draft)
	if err != nil {
		return err
	}
	return v.fill(http.StatusOK, "lead_form", "similarpart", leadForm{Form: f, Similar: found})
}

// addToLead says that a draft is a lead that there is: it is taken in and joined to that lead, in one go.
func (v *visit) addToLead(draft lead.Draft, into string) error {
	other, err := store.ParseKey[lead.Tag](into)
	if err != nil {
		return errNoPage
	}
	var merge party.MergeID
	err = v.module().DB().Write(v.ctx(), func(ctx context.Context, s *store.Session) error {
		leads := v.module().In(s).Leads
		done, err := leads.Capture(ctx, draft)
		if err != nil || done.Lead == other {
			return err
		}
		merge, err = leads.Merge(ctx, other, done.Lead)
		return err
	})
	if err != nil {
		return err
	}
	v.module().Wake()
	t := toast{Text: v.t("similar.added")}
	if !merge.IsZero() {
		t.Undo = v.link("/merges", merge.String(), "undo")
	}
	v.toast(t)
	return v.redirect(v.link("/leads", other.String()))
}
