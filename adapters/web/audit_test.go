package web

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/schedule"
)

// auditedOf are the columns of a model that changes are logged of: neither its key, nor who changed it when,
// nor those that hold bytes.
func auditedOf(model reflect.Type) []string {
	var out []string
	for i := range model.NumField() {
		f := model.Field(i)
		switch {
		case f.Type == reflect.TypeFor[store.Record]() || f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Uint8:
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			out = append(out, auditedOf(f.Type)...)
		default:
			tag, _, _ := strings.Cut(f.Tag.Get("bun"), ",")
			if tag != "" && tag != "-" && tag != "id" && !strings.Contains(tag, ":") {
				out = append(out, tag)
			}
		}
	}
	return out
}

func TestEveryAuditedColumnHasAName(t *testing.T) {
	models := []any{
		party.Party{}, party.Merge{}, lead.Lead{}, lead.Import{}, opportunity.Pipeline{}, opportunity.Stage{}, opportunity.Opportunity{}, opportunity.Comment{},
		activity.Activity{}, quote.Quote{}, quote.Sending{}, convert.Call{}, mail.Mail{}, mail.Template{}, setting.View{}, setting.User{}, apikey.Key{}, webhook.Webhook{},
		clock.Clock{}, quota.Quota{}, schedule.Schedule{}, sequence.Sequence{}, campaign.Campaign{}, segment.Segment{}, subscription.Topic{},
	}
	a := auditWords{v: &visit{Visitor: Visitor{Locale: locale.Locale{Language: locale.Hungarian}}}}
	for _, m := range models {
		columns := auditedOf(reflect.TypeOf(m))
		if len(columns) < 3 {
			t.Errorf("%T has only the columns %q", m, columns)
		}
		for _, column := range columns {
			if !auditInner[column] && a.field(column) == strings.ReplaceAll(column, "_", " ") {
				t.Errorf("the column %s of %T has no name: add audit.field.%s to auditFields, or the column to auditInner", column, m, column)
			}
		}
	}
	if got := a.field("reply_to_address"); got != "reply to address" {
		t.Errorf("a column that nobody named reads %q", got)
	}
}

func TestAuditSaysItInTheReadersWords(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Kárpáti Ilona", "Kárpáti és Fia Bt.", "ilona@karpati.test")
	_, err := w.module.Leads.SetStatus(w.as("anna"), id, 0, lead.Move{To: lead.StatusWorking})
	w.must(err)
	page := w.browser("kati").get("/crm/audit/" + id.String()).Body
	for _, want := range []string{"Állapot", "Folyamatban", "Kovács Anna", "módosította", "érdeklődő"} {
		if !strings.Contains(page, want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	for _, raw := range []string{">status<", ">working<", "first_response_at"} {
		if strings.Contains(page, raw) {
			t.Errorf("the log says %q", raw)
		}
	}
}

func TestAuditNamesTheWorkOfPrograms(t *testing.T) {
	a := auditWords{v: &visit{Visitor: Visitor{Locale: locale.Locale{Language: locale.Hungarian}}}, people: map[string]string{"kovacs": "Kovács Anna"}}
	for _, tc := range []struct {
		name, want string
		entry      store.AuditEntry
	}{
		{"a colleague", "Kovács Anna", store.AuditEntry{ActorKind: "user", UserID: "kovacs", UserName: "Anna"}},
		{"somebody who left", "Nagy Péter", store.AuditEntry{ActorKind: "user", UserID: "nagy", UserName: "Nagy Péter"}},
		{"the worker", "Háttérmunka", store.AuditEntry{ActorKind: "system", UserID: "worker", UserName: "worker"}},
		{"single sign-on", "Egyszeri bejelentkezés", store.AuditEntry{ActorKind: "system", UserID: "sign-on", UserName: "sign-on"}},
		{"a web form", "Nyilvános oldal", store.AuditEntry{ActorKind: "public", UserID: "public", UserName: "public"}},
	} {
		if got := a.who(tc.entry); got != tc.want {
			t.Errorf("%s is called %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestNamesAtTheEndsOfLinesStandApart(t *testing.T) {
	for _, tc := range []struct {
		name       string
		ends, want []int
	}{
		{"far apart already", []int{40, 120, 80}, []int{40, 120, 80}},
		{"at the same place", []int{100, 100, 100}, []int{100, 115, 130}},
		{"at the bottom", []int{186, 186, 180}, []int{171, 186, 156}},
		{"at the top", []int{16, 10, 12}, []int{46, 16, 31}},
		{"none", nil, nil},
	} {
		if got := spread(tc.ends, 15, 16, 186); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
