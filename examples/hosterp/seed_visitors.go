package main

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// weekly is how many visitors a company has in a week of its last months, after its old lists were taken in.
var weekly = map[string]int{"HU01": 6, "GR01": 2, "IL01": 3}

// crowd is what visitors of a company are called, in its language, and how they found it.
type crowd struct {
	names   func(first, last string) string
	first   [][2]string // with how it is spelt in an address
	last    [][2]string
	sources []string
	reason  string
}

var crowds = map[locale.Language]crowd{
	locale.Hungarian: {
		names:   func(first, last string) string { return last + " " + first },
		first:   [][2]string{{"Zsófia", "zsofia"}, {"Dániel", "daniel"}, {"Eszter", "eszter"}, {"Gergő", "gergo"}, {"Krisztina", "krisztina"}, {"Ákos", "akos"}, {"Noémi", "noemi"}, {"Balázs", "balazs"}, {"Orsolya", "orsolya"}, {"Márton", "marton"}, {"Tünde", "tunde"}},
		last:    [][2]string{{"Bodnár", "bodnar"}, {"Sipos", "sipos"}, {"Lengyel", "lengyel"}, {"Győri", "gyori"}, {"Pásztor", "pasztor"}, {"Székely", "szekely"}, {"Hegedűs", "hegedus"}, {"Vörös", "voros"}, {"Fodor", "fodor"}, {"Barta", "barta"}, {"Ötvös", "otvos"}, {"Kelemen", "kelemen"}, {"Zsoldos", "zsoldos"}},
		sources: []string{"honlap", "ajánlás", "honlap", "google hirdetés", "telefon", "honlap", "hírlevél"}, reason: "Magánszemély, egy széket keresett",
	},
	locale.Greek: {
		names:   func(first, last string) string { return first + " " + last },
		first:   [][2]string{{"Νίκος", "nikos"}, {"Σπύρος", "spyros"}, {"Θανάσης", "thanasis"}, {"Στέλιος", "stelios"}, {"Μάριος", "marios"}, {"Πέτρος", "petros"}, {"Ηλίας", "ilias"}},
		last:    [][2]string{{"Αλεξίου", "alexiou"}, {"Μακρής", "makris"}, {"Ξενάκης", "xenakis"}, {"Σαββίδης", "savvidis"}, {"Τσακίρης", "tsakiris"}, {"Φωτίου", "fotiou"}, {"Χατζής", "chatzis"}, {"Ζαχαρίου", "zachariou"}},
		sources: []string{"ιστοσελίδα", "σύσταση", "ιστοσελίδα", "τηλέφωνο"}, reason: "Ιδιώτης, έψαχνε μία καρέκλα",
	},
	locale.Hebrew: {
		names:   func(first, last string) string { return first + " " + last },
		first:   [][2]string{{"נועה", "noa"}, {"איתי", "itay"}, {"תמר", "tamar"}, {"עומר", "omer"}, {"שירה", "shira"}, {"יונתן", "yonatan"}, {"הילה", "hila"}, {"רועי", "roi"}},
		last:    [][2]string{{"אברהמי", "avrahami"}, {"ביטון", "biton"}, {"גולן", "golan"}, {"דהן", "dahan"}, {"הראל", "harel"}, {"ויינברג", "weinberg"}, {"זכאי", "zakai"}, {"חדד", "hadad"}, {"טולדנו", "toledano"}},
		sources: []string{"אתר", "המלצה", "אתר", "טלפון"}, reason: "לקוח פרטי שחיפש כיסא אחד",
	},
}

// visitors come through the company's form week by week; a seller answers nearly all of them within a day. What they want
// and what it may be worth is as with those who came that way before.
func (sc *scene) visitors(ctx context.Context) ([]deed, error) {
	const weeks = 20
	from, many := crowds[sc.language], weekly[sc.company]
	before, err := sc.module.Leads.List(ctx, lead.Filter{Source: from.sources[0]}, lead.ByArrival, store.Page{Limit: 60})
	if err != nil || len(before.Rows) == 0 {
		return nil, err
	}
	var deeds []deed
	for n := range weeks * many {
		first, last := from.first[n%len(from.first)], from.last[n%len(from.last)]
		like, seller := before.Rows[n%len(before.Rows)], sc.people[n%len(sc.people)]
		came := sc.today.Add(-time.Duration(weeks*7-n*7/many)*day - time.Duration(sc.rand.IntN(11*60))*time.Minute)
		if came.After(sc.today.Add(-2 * day)) { // the latest ones are those of whom other scenes tell
			break
		}
		draft := lead.Draft{
			Name: from.names(first[0], last[0]), Emails: []string{fmt.Sprintf("%s.%s%d@example.com", first[1], last[1], n)},
			Interest: like.Interest, ExpectedValue: like.ExpectedValue, Currency: like.Currency, Origin: lead.Origin{Channel: lead.ByForm, Source: from.sources[n%len(from.sources)]},
		}
		var who lead.Result
		deeds = append(deeds, deed{came, func() (err error) {
			if who, err = sc.module.Leads.Capture(actor.With(ctx, actor.System(sc.company, "example form")), draft); err != nil {
				return err
			}
			_, err = sc.module.Leads.Assign(actor.With(ctx, seller), who.Lead, 0, party.Owner{User: seller.UserID, Team: seller.Team()})
			return err
		}})
		if n%13 == 4 { // is forgotten
			continue
		}
		deeds = append(deeds, deed{came.Add(time.Duration(25+sc.rand.IntN(9*60)) * time.Minute), func() error {
			return sc.meet(actor.With(ctx, seller), who, n, from.reason)
		}})
	}
	return deeds, nil
}

// meet is the first call to a visitor, after which the seller knows more.
func (sc *scene) meet(ctx context.Context, who lead.Result, n int, reason string) error {
	if _, err := sc.module.Activities.Record(ctx, activity.Deed{Party: who.Party, Kind: activity.Call, Direction: activity.Out, Subject: sc.phrase(5), Minutes: 4 + sc.rand.IntN(20)}); err != nil {
		return err
	}
	if _, err := sc.module.Leads.Responded(ctx, who.Lead); err != nil {
		return err
	}
	next := lead.Move{To: lead.StatusWorking}
	switch n % 6 {
	case 1:
		next.To = lead.StatusQualified
	case 2:
		next.To = lead.StatusNurturing
	case 5:
		next = lead.Move{To: lead.StatusDisqualified, Reason: reason}
	}
	_, err := sc.module.Leads.SetStatus(ctx, who.Lead, 0, next)
	return err
}
