package web

import (
	"errors"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
)

// trialView is where a test of a letter can go: to the visitor himself, and to the addresses of the campaign's own.
type trialView struct {
	Own   string
	Seeds []string
}

func (v *visit) trialView(c campaign.Campaign) (trialView, error) {
	out := trialView{Seeds: c.Seeds()}
	colleagues, err := v.module().Colleagues(v.ctx())
	for _, u := range colleagues {
		if u.ID == v.Actor.UserID {
			out.Own = u.Email
		}
	}
	return out, err
}

// sendTrial sends what was saved to the addresses that were ticked; only those that the page offers are taken.
func (s *screens) sendTrial(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	f := v.posted()
	at := f.placeOf(c)
	back := v.link("/campaigns", c.ID.String(), "content") + at.query()
	offered, err := v.trialView(c)
	if err != nil {
		return err
	}
	t := newsletter.Trial{Campaign: c.ID, Variant: at.Variant, Language: at.Language}
	for _, address := range f.Values["to"] {
		if address != "" && (address == offered.Own || slices.Contains(offered.Seeds, address)) {
			t.To = append(t.To, address)
		}
	}
	if len(t.To) == 0 {
		v.toast(toast{Text: v.t("trial.nobody"), Bad: true})
		return v.redirect(back)
	}
	if text := f.text("reader"); text != "" {
		if t.Reader, err = store.ParseKey[party.Tag](text); err != nil {
			return errNoPage
		}
		if p, err := v.visible(t.Reader); err != nil || p.ID.IsZero() {
			return errors.Join(err, errNoPage)
		}
	}
	err = s.module.Newsletters.SendTest(v.ctx(), t)
	var told *fault.Error
	switch {
	case err == nil:
		v.done("trial.sent", strings.Join(t.To, ", "))
	case errors.As(err, &told) && told.Code == fault.Invalid && len(told.Faults) > 0:
		v.toast(toast{Text: v.t("trial.faulty", v.faultText(told.Faults[0])), Bad: true})
	case errors.As(err, &told) && (told.Code == fault.Unavailable || told.Code == fault.Invalid):
		v.toast(toast{Text: v.t("trial.refused", v.sentence(told.Message)), Bad: true})
	default:
		return err
	}
	return v.redirect(back)
}
