package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
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
