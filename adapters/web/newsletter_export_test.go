package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// TestWhatFollowedIsShown: the page says so where nothing followed, whatever stands in its address, and the workbooks
// are given to those who may see reports.
func TestWhatFollowedIsShown(t *testing.T) {
	w, _ := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes"})
	c, err := w.module.Newsletters.Campaigns.Create(w.system(), campaign.Plan{
		Name: "Ősz", Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}}.String(), SenderName: "Minta Kft.", SenderAddress: "hirlevel@minta.test", Language: locale.Hungarian,
	})
	w.must(err)
	b := w.browser("kati")
	path := "/campaigns/" + c.ID.String()
	b.get(path + "/followed?model=linear&touch=nonsense&days=-1").ok(http.StatusOK).has("Még semmi sem következett")
	b.get(path + "/report.xlsx").ok(http.StatusOK)
	b.get("/topics/" + topic.ID.String() + "/report.xlsx").ok(http.StatusOK)
	b.get("/topics/" + c.ID.String() + "/report.xlsx").ok(http.StatusNotFound)
}

// TestOwnFieldsAreOfferedAndGapsTold: the editor lists the company's own fields, and before a campaign begins its page
// says for how many readers one of them is missing.
func TestOwnFieldsAreOfferedAndGapsTold(t *testing.T) {
	w, _ := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes"})
	_, err := w.module.Fields.Add(w.system(), custom.Draft{Kinds: []string{"party"}, Name: "fleet", Label: "Autók", Type: store.NumberField})
	w.must(err)
	c, err := w.module.Newsletters.Campaigns.Create(w.system(), campaign.Plan{
		Name: "Ősz", Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}}.String(), SenderName: "Minta Kft.", SenderAddress: "hirlevel@minta.test", Language: locale.Hungarian,
	})
	w.must(err)
	_, err = w.module.Newsletters.Campaigns.SetContents(w.system(), c.ID, c.Version, []campaign.Content{{
		Variant: "A", Language: locale.Hungarian, Subject: "Ősz", Design: `{"blocks":[{"text":{"html":"<p>{{party.custom.fleet}}</p>"}},{"footer":{"company":"Minta Kft.","address":"Budapest"}}]}`,
	}})
	w.must(err)
	b, path := w.browser("kati"), "/campaigns/"+c.ID.String()
	b.get(path+"/content").ok(http.StatusOK).has("{{party.custom.fleet}}", "Autók (partner)")
	b.get(path+"/schedule").ok(http.StatusOK).has("1 olvasónál marad üres hely az üzenetben (1 olvasóból).", "{{party.custom.fleet|…}}")
}
