package lead_test

import (
	"errors"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
)

func TestSimilar(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		anna := w.capture(t, w.seller("nagy"), lead.Draft{Name: "Kovács Anna", Organization: "Erdei Bútor Kft.", Emails: []string{"anna@erdei.hu"}, Phones: []string{"+36 30 123 4567"}})
		tests := []struct {
			name  string
			draft lead.Draft
			score int
		}{
			{"the same e-mail", lead.Draft{Emails: []string{"ANNA@erdei.hu"}}, party.Likely},
			{"name and company", lead.Draft{Name: "Anna Kovács", Organization: "Erdei Bútor"}, party.Likely},
			{"what cannot be read is not compared", lead.Draft{Name: "Kovács Anna", Organization: "Erdei Bútor Kft.", Emails: []string{"anna(at)erdei"}}, party.Likely},
			{"somebody else", lead.Draft{Name: "Szűcs Réka", Emails: []string{"reka@tuzliliom.hu"}}, 0},
			{"nothing typed yet", lead.Draft{}, 0},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				found, err := w.leads.Similar(w.seller("nagy"), test.draft)
				if err != nil {
					t.Fatal(err)
				}
				if test.score == 0 {
					if len(found) > 0 {
						t.Errorf("found %+v", found)
					}
					return
				}
				if len(found) != 1 || found[0].Lead != anna.Lead || found[0].Match.Score < test.score || found[0].Hidden {
					t.Errorf("found %+v, want lead %s", found, anna.Lead)
				}
			})
		}
		t.Run("of a colleague's lead the name is withheld", func(t *testing.T) {
			found, err := w.leads.Similar(w.seller("kovacs"), lead.Draft{Emails: []string{"anna@erdei.hu"}})
			if err != nil || len(found) != 1 || !found[0].Hidden || found[0].Name != "" {
				t.Errorf("found %+v, %v", found, err)
			}
		})
		t.Run("the right to read is needed", func(t *testing.T) {
			if _, err := w.leads.Similar(w.As("x", actor.Rights{actor.LeadCapture}, actor.Own), lead.Draft{Name: "Kovács Anna"}); !errors.Is(err, fault.Forbidden) {
				t.Errorf("got %v, want Forbidden", err)
			}
		})
	})
}
