package lead_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

func TestStatusTransitions(t *testing.T) {
	tests := []struct {
		name   string
		moves  []lead.Move
		faults []string
		want   lead.Status
	}{
		{"the usual way", []lead.Move{{To: lead.StatusWorking}, {To: lead.StatusQualified}}, nil, lead.StatusQualified},
		{"given up and reopened", []lead.Move{{To: lead.StatusDisqualified, Reason: "nincs kerete"}, {To: lead.StatusWorking}}, nil, lead.StatusWorking},
		{"nurtured", []lead.Move{{To: lead.StatusWorking}, {To: lead.StatusNurturing}, {To: lead.StatusQualified}}, nil, lead.StatusQualified},
		{"the same again", []lead.Move{{To: lead.StatusWorking}, {To: lead.StatusWorking}}, nil, lead.StatusWorking},
		{"given up without a reason", []lead.Move{{To: lead.StatusDisqualified, Reason: " "}}, []string{"reason"}, lead.StatusNew},
		{"back to new", []lead.Move{{To: lead.StatusWorking}, {To: lead.StatusNew}}, []string{"status"}, lead.StatusWorking},
		{"converted by hand", []lead.Move{{To: lead.StatusConverted}}, []string{"status"}, lead.StatusNew},
		{"given up, then qualified", []lead.Move{{To: lead.StatusDisqualified, Reason: "x"}, {To: lead.StatusQualified}}, []string{"status"}, lead.StatusDisqualified},
		{"no status", []lead.Move{{To: "hot"}}, []string{"status"}, lead.StatusNew},
	}
	each(t, func(t *testing.T, w world) {
		for i, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				id := w.capture(t, w.System(), lead.Draft{Emails: []string{fmt.Sprintf("s%d@example.hu", i)}}).Lead
				var err error
				for _, m := range tt.moves {
					_, err = w.leads.SetStatus(w.System(), id, 0, m)
				}
				var paths []string
				for _, f := range fault.Of(err) {
					paths = append(paths, f.Path)
				}
				sameList(t, "faults", paths, tt.faults)
				same(t, "status", w.get(t, id).Lead.Status, tt.want)
			})
		}
	})
}

func TestStaleChangeIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		id := w.capture(t, w.System(), lead.Draft{Emails: []string{"a@example.hu"}}).Lead
		if _, err := w.leads.Edit(w.As("kovacs", actor.Seller, actor.All), id, 1, lead.Patch{Campaign: point("Ősz")}); err != nil {
			t.Fatal(err)
		}
		_, err := w.leads.SetStatus(w.As("szabo", actor.Seller, actor.All), id, 1, lead.Move{To: lead.StatusWorking})
		if !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "kovacs") || !strings.Contains(err.Error(), "Ősz") {
			t.Errorf("got %v, want a conflict that names kovacs and Ősz", err)
		}
	})
}

func TestConversionMarksOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		id := w.capture(t, w.System(), lead.Draft{Emails: []string{"a@example.hu"}}).Lead
		first, err := w.leads.MarkConverted(w.System(), id, [16]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.leads.MarkConverted(w.System(), id, [16]byte{1})
		if err != nil || again.Version != first.Version {
			t.Errorf("the same conversion again gave version %d, %v; want %d", again.Version, err, first.Version)
		}
		if _, err := w.leads.MarkConverted(w.System(), id, [16]byte{2}); !errors.Is(err, fault.Conflict) {
			t.Errorf("another conversion gave %v, want Conflict", err)
		}
		if _, err := w.leads.SetStatus(w.System(), id, 0, lead.Move{To: lead.StatusWorking}); !errors.Is(err, fault.Invalid) {
			t.Errorf("a status by hand gave %v, want Invalid", err)
		}
		back, err := w.leads.UnmarkConverted(w.System(), id, [16]byte{1})
		if err != nil || back.Status != lead.StatusQualified || !back.ConvertedAt.IsZero() {
			t.Errorf("taken back it is %+v, %v", back, err)
		}
	})
}

func TestEditChangesLeadPartyAndCompany(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.seller("anna")
		id := w.capture(t, ctx, lead.Draft{Name: "Nagy Éva", Emails: []string{"eva@nagy.hu"}}).Lead
		card := w.get(t, id)
		_, err := w.leads.Edit(ctx, id, card.Lead.Version, lead.Patch{
			ExpectedValue: point(money.MustAmount("5000")), Currency: point("eur"), Organization: point("Minta Kft."),
			Party:        &party.Draft{Kind: party.Person, FullName: "Nagyné Kis Éva", Emails: []string{"eva@nagy.hu", "eva@uj.hu"}, Language: locale.Hungarian},
			PartyVersion: card.Party.Version,
		})
		if err != nil {
			t.Fatal(err)
		}
		after := w.get(t, id)
		same(t, "name", after.Party.DisplayName, "Nagyné Kis Éva")
		same(t, "currency", after.Lead.Currency, "EUR")
		same(t, "employer", after.Employer.DisplayName, "Minta Kft.")
		same(t, "points", len(after.Points), 1)
		sameList(t, "events", w.events(t, id[:]), []string{lead.EventCaptured, lead.EventChanged})
		_, err = w.leads.Edit(ctx, id, after.Lead.Version, lead.Patch{Currency: point("x"), ExpectedValue: point(money.MustAmount("-1")), Source: point(strings.Repeat("s", 99))})
		same(t, "faults", len(fault.Of(err)), 3)
		same(t, "nothing was written", w.get(t, id).Lead.Version, after.Lead.Version)
	})
}

func TestAssignNeedsTheRightForOthersLeads(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		team := func(user string) context.Context { return w.As(user, actor.Seller, actor.Team, "t1") }
		nobodys := w.capture(t, w.System(), lead.Draft{Emails: []string{"a@example.hu"}}).Lead
		if _, err := w.leads.Assign(team("anna"), nobodys, 0, party.Owner{User: "bela"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("giving away what is nobody's gave %v, want Forbidden", err)
		}
		if _, err := w.leads.Assign(team("anna"), nobodys, 0, party.Owner{User: "anna", Team: "t1"}); err != nil {
			t.Errorf("taking it: %v", err)
		}
		if _, err := w.leads.Assign(team("bela"), nobodys, 0, party.Owner{User: "bela"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("taking a colleague's gave %v, want Forbidden", err)
		}
		if _, err := w.leads.Assign(w.seller("anna"), nobodys, 0, party.Owner{User: "bela", Team: "t1"}); err != nil {
			t.Errorf("giving one's own away: %v", err)
		}
		card := w.get(t, nobodys)
		same(t, "owner", card.Lead.OwnerUser, "bela")
		same(t, "owner of the party", card.Party.OwnerUser, "bela")
		if _, err := w.leads.Get(w.seller("anna"), nobodys); !errors.Is(err, fault.NotFound) {
			t.Errorf("anna still sees it: %v", err)
		}
		sameList(t, "events", w.events(t, nobodys[:]), []string{lead.EventCaptured, lead.EventAssigned, lead.EventAssigned})
	})
}

func TestRespondedOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		id := w.capture(t, w.System(), lead.Draft{Emails: []string{"a@example.hu"}}).Lead
		w.Clock.Advance(7 * time.Minute)
		first, err := w.leads.Responded(w.As("anna", actor.Seller, actor.All), id)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "after", first.FirstResponseAt.Sub(first.ArrivedAt), 7*time.Minute)
		w.Clock.Advance(time.Hour)
		again, err := w.leads.Responded(w.System(), id)
		if err != nil || !again.FirstResponseAt.Equal(first.FirstResponseAt) {
			t.Errorf("the second contact changed it to %v, %v", again.FirstResponseAt, err)
		}
		sameList(t, "events", w.events(t, id[:]), []string{lead.EventCaptured, lead.EventResponded})
	})
}

func TestMergeKeepsEverythingAndCanBeUndone(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		loser := w.capture(t, w.System(), lead.Draft{
			Name: "Παπαδόπουλος Γιώργος", Language: locale.Greek, Phones: []string{"+30 210 321 4567"}, Interest: "Τιμή", Origin: lead.Origin{Source: "fair", Channel: lead.ByMeeting},
		})
		w.Clock.Advance(time.Hour)
		survivor := w.capture(t, w.System(), lead.Draft{
			Name: "Γιώργος Παπαδόπουλος", Language: locale.Greek, Emails: []string{"g@papadopoulos.gr"}, Interest: "Κατάλογος", Origin: lead.Origin{Source: "google"},
		})
		same(t, "offered", survivor.Duplicates[0].Lead, loser.Lead)
		before := w.get(t, survivor.Lead)
		merge, err := w.leads.Merge(w.System(), survivor.Lead, loser.Lead)
		if err != nil {
			t.Fatal(err)
		}
		card := w.get(t, survivor.Lead)
		same(t, "phone", card.Party.Phone, "+302103214567")
		same(t, "interest", card.Lead.Interest, "Κατάλογος\n\nΤιμή")
		same(t, "first source", card.Lead.Source, "fair")
		same(t, "first touch", card.First.Source, "fair")
		same(t, "touches", len(card.Touches), 2)
		same(t, "arrived", card.Lead.ArrivedAt, card.First.At)
		same(t, "the loser leads to the survivor", w.get(t, loser.Lead).Lead.ID, survivor.Lead)
		same(t, "listed", len(w.list(t, lead.Filter{}, lead.ByName)), 1)
		if _, err := w.leads.SetStatus(w.System(), loser.Lead, 0, lead.Move{To: lead.StatusWorking}); !errors.Is(err, fault.Invalid) {
			t.Errorf("changing the merged lead gave %v, want Invalid", err)
		}
		again := w.capture(t, w.System(), lead.Draft{Name: "Γ. Παπαδόπουλος", Language: locale.Greek, Phones: []string{"+30 210 321 4567"}, Emails: []string{"g@papadopoulos.gr"}})
		same(t, "who comes again", again.Lead, survivor.Lead)

		for range 2 { // the second time changes nothing
			if err := w.leads.Unmerge(w.System(), merge); err != nil {
				t.Fatal(err)
			}
		}
		back := w.get(t, survivor.Lead)
		same(t, "phone is gone", back.Party.Phone, "")
		same(t, "source", back.Lead.Source, before.Lead.Source)
		same(t, "arrived", back.Lead.ArrivedAt, before.Lead.ArrivedAt)
		same(t, "the loser is itself again", w.get(t, loser.Lead).Lead.ID, loser.Lead)
		same(t, "listed", len(w.list(t, lead.Filter{}, lead.ByName)), 2)
	})
}

func TestMergeRefusals(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), erpbridge.Host{})
	person := w.capture(t, w.System(), lead.Draft{Name: "Kiss Éva", Emails: []string{"a@example.hu"}}).Lead
	firm := w.capture(t, w.System(), lead.Draft{Organization: "Kiss Kft.", Phones: []string{"+36 1 234 5678"}}).Lead
	converted := w.capture(t, w.System(), lead.Draft{Name: "Más Béla", Emails: []string{"b@example.hu"}}).Lead
	if _, err := w.leads.MarkConverted(w.System(), converted, [16]byte{1}); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]lead.ID{
		"itself": {person, person}, "a company": {person, firm}, "a converted one": {person, converted}, "nothing": {person, {}},
	} {
		if _, err := w.leads.Merge(w.System(), pair[0], pair[1]); err == nil {
			t.Errorf("%s was merged", name)
		}
		same(t, name+" left the lead alone", w.get(t, person).Lead.Version, 1)
	}
}

func TestListPages(t *testing.T) {
	names := []string{"Mészáros Réka", "Mester Ádám", "Kovács Anna", "Ábel Áron", "Zsoldos Zita", "Szabó Béla", "Csonka Dóra", "Cukor Éva", "Иванов Иван", "Παππά Μαρία"}
	each(t, func(t *testing.T, w world) {
		for i, name := range names {
			w.Clock.Advance(time.Minute)
			w.capture(t, w.System(), lead.Draft{Name: name, Emails: []string{fmt.Sprintf("x%d@example.hu", i)}, Origin: lead.Origin{Campaign: fmt.Sprint("c", i%2)}})
		}
		tests := []struct {
			name   string
			filter lead.Filter
			order  lead.Sort
			want   string
		}{
			{"newest first", lead.Filter{}, lead.ByArrival, "Παππά Μαρία|Иванов Иван|Cukor Éva|Csonka Dóra|Szabó Béla|Zsoldos Zita|Ábel Áron|Kovács Anna|Mester Ádám|Mészáros Réka"},
			{"in Hungarian order", lead.Filter{}, lead.ByName, "Ábel Áron|Cukor Éva|Csonka Dóra|Kovács Anna|Mester Ádám|Mészáros Réka|Szabó Béla|Zsoldos Zita|Παππά Μαρία|Иванов Иван"},
			{"by score, then by age", lead.Filter{}, lead.ByScore, "Παππά Μαρία|Иванов Иван|Cukor Éva|Csonka Dóra|Szabó Béla|Zsoldos Zita|Ábel Áron|Kovács Anna|Mester Ádám|Mészáros Réka"},
			{"while Mészáros is typed", lead.Filter{Name: "mes"}, lead.ByArrival, "Mester Ádám|Mészáros Réka"},
			{"with sz", lead.Filter{Name: "Mész"}, lead.ByArrival, "Mészáros Réka"},
			{"C before Cs", lead.Filter{Name: "c"}, lead.ByName, "Cukor Éva|Csonka Dóra"},
			{"Cyrillic", lead.Filter{Name: "ива"}, lead.ByName, "Иванов Иван"},
			{"of a campaign", lead.Filter{Campaign: "c1"}, lead.ByName, "Ábel Áron|Cukor Éva|Mester Ádám|Szabó Béla|Παππά Μαρία"},
			{"none", lead.Filter{Statuses: []lead.Status{lead.StatusConverted}}, lead.ByName, ""},
			{"arrived early", lead.Filter{Until: w.Clock.Now().Add(-7 * time.Minute)}, lead.ByName, "Mester Ádám|Mészáros Réka"},
		}
		for _, tt := range tests {
			for _, size := range []int{1, 3, 50} {
				t.Run(fmt.Sprint(tt.name, " by ", size), func(t *testing.T) {
					var got []string
					page := store.Page{Limit: size}
					for {
						list, err := w.leads.List(w.System(), tt.filter, tt.order, page)
						if err != nil {
							t.Fatal(err)
						}
						for _, r := range list.Rows {
							got = append(got, r.Name)
						}
						if page.After = list.Next; list.Next == "" {
							break
						}
					}
					want := strings.Split(tt.want, "|")
					if tt.want == "" {
						want = nil
					}
					sameList(t, "names", got, want)
					n, err := w.leads.Count(w.System(), tt.filter)
					if err != nil || n != len(want) {
						t.Errorf("counted %d, %v; want %d", n, err, len(want))
					}
				})
			}
		}
		_, err := w.leads.List(w.System(), lead.Filter{Statuses: []lead.Status{"hot"}}, "size", firstPage)
		same(t, "faults", len(fault.Of(err)), 2)
	})
}

// TestTeamListsByNameAlike: a page of many leads is found by going through the names, one of few by sorting them; both
// list what the team sees, whoever else has leads in between.
func TestTeamListsByNameAlike(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		owners := []party.Owner{{User: "anna", Team: "t1"}, {User: "bela", Team: "t1"}, {User: "cili", Team: "t2"}, {Team: "t1"}, {Team: "t2"}, {}}
		var want []string
		for i, name := range strings.Fields("Ádám Balog Csonka Dévai Erdős Fazekas Gál Hegedűs Ilyés Juhász Kiss Lakatos") {
			name += " Éva"
			got := w.capture(t, w.System(), lead.Draft{Name: name, Owner: owners[i%len(owners)], Emails: []string{fmt.Sprintf("eva%d@pelda.hu", i)}})
			if o := owners[i%len(owners)]; o.Team == "t1" || o == (party.Owner{}) {
				want = append(want, name)
			}
			if i == 2 { // one of the other team's is shared with her
				if err := w.parties.Share(w.System(), got.Party, "anna"); err != nil {
					t.Fatal(err)
				}
				want = append(want, name)
			}
		}
		for _, tries := range [][2]int{{1, 1000}, {1, 5}, {1, 1}, {1000, 1000}} {
			back := lead.SetWide(tries[0], tries[1])
			var got []string
			for page := (store.Page{Limit: 3}); ; {
				list, err := w.leads.List(w.As("anna", actor.Seller, actor.Team, "t1"), lead.Filter{}, lead.ByName, page)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range list.Rows {
					got = append(got, r.Name)
				}
				if page.After = list.Next; page.After == "" {
					break
				}
			}
			back()
			sameList(t, fmt.Sprint("names ", tries), got, want)
		}
	})
}

// Every public operation is walked as those who must not: another company, a colleague who sees his own
// alone, somebody without the right.
func TestNobodySeesOrChangesWhatIsNotHis(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		mine := w.capture(t, w.seller("anna"), lead.Draft{Name: "Kiss Éva", Organization: "Titkos Kft.", Emails: []string{"eva@titkos.hu"}})
		twin := w.capture(t, w.seller("anna"), lead.Draft{Name: "Kiss Éva", Emails: []string{"eva@mashol.hu"}})
		merge, err := w.leads.Merge(w.seller("anna"), mine.Lead, twin.Lead)
		if err != nil {
			t.Fatal(err)
		}
		imported := w.importAs(t, source("people.csv", people(3)), lead.MergeKnown)
		strangers := map[string]context.Context{
			"another company":       actor.With(context.Background(), actor.User{Company: w.Company + "x", ID: "anna", Rights: actor.Admin, See: actor.All}.Actor()),
			"a colleague":           w.As("bela", actor.Admin, actor.Own),
			"another team":          w.As("bela", actor.Admin, actor.Team, "t9"),
			"one without any right": w.As("anna", nil, actor.All),
			"the public":            actor.With(context.Background(), actor.Public(w.Company)),
			"nobody":                context.Background(),
		}
		id := mine.Lead
		operations := map[string]func(ctx context.Context) error{
			"Get":        func(ctx context.Context) error { _, err := w.leads.Get(ctx, id); return err },
			"Touches":    func(ctx context.Context) error { _, err := w.leads.Touches(ctx, id, firstPage); return err },
			"Duplicates": func(ctx context.Context) error { _, err := w.leads.Duplicates(ctx, id); return err },
			"Edit": func(ctx context.Context) error {
				_, err := w.leads.Edit(ctx, id, 0, lead.Patch{Interest: point("x")})
				return err
			},
			"SetStatus": func(ctx context.Context) error {
				_, err := w.leads.SetStatus(ctx, id, 0, lead.Move{To: lead.StatusWorking})
				return err
			},
			"Assign": func(ctx context.Context) error {
				_, err := w.leads.Assign(ctx, id, 0, party.Owner{User: "bela"})
				return err
			},
			"Responded":       func(ctx context.Context) error { _, err := w.leads.Responded(ctx, id); return err },
			"MarkConverted":   func(ctx context.Context) error { _, err := w.leads.MarkConverted(ctx, id, [16]byte{9}); return err },
			"UnmarkConverted": func(ctx context.Context) error { _, err := w.leads.UnmarkConverted(ctx, id, [16]byte{9}); return err },
			"Merge":           func(ctx context.Context) error { _, err := w.leads.Merge(ctx, id, twin.Lead); return err },
			"List": func(ctx context.Context) error {
				return empty(w.leads.List(ctx, lead.Filter{OwnerUser: "anna"}, lead.ByName, firstPage))
			},
			"List by name": func(ctx context.Context) error {
				return empty(w.leads.List(ctx, lead.Filter{Name: "Kiss"}, lead.ByName, firstPage))
			},
			"Count": func(ctx context.Context) error {
				n, err := w.leads.Count(ctx, lead.Filter{OwnerUser: "anna"})
				if n == 0 && err == nil {
					return errNothing
				}
				return err
			},
		}
		for who, ctx := range strangers {
			for what, do := range operations {
				if do(ctx) == nil {
					t.Errorf("%s: %s works", who, what)
				}
			}
			if err := w.leads.Unmerge(ctx, merge); err == nil {
				t.Errorf("%s: Unmerge works", who)
			}
		}
		foreign := strangers["another company"]
		for what, do := range map[string]func(ctx context.Context) error{
			"GetImport": func(ctx context.Context) error { _, err := w.leads.GetImport(ctx, imported.ID); return err },
			"Rejects": func(ctx context.Context) error {
				_, err := w.leads.Rejects(ctx, imported.ID, new(strings.Builder))
				return err
			},
			"UndoImport": func(ctx context.Context) error { _, err := w.leads.UndoImport(ctx, imported.ID); return err },
			"Import": func(ctx context.Context) error {
				if ctx == foreign {
					return errNothing // importing into one's own company is everybody's right
				}
				_, err := w.leads.Import(ctx, source("a.csv", mixed), lead.Plan{})
				return err
			},
			"Preview": func(ctx context.Context) error {
				if ctx == foreign {
					return errNothing
				}
				_, err := w.leads.Preview(ctx, source("a.csv", mixed), lead.PreviewOptions{})
				return err
			},
		} {
			for _, who := range []string{"another company", "one without any right", "the public", "nobody"} {
				if do(strangers[who]) == nil {
					t.Errorf("%s: %s works", who, what)
				}
			}
		}
		if list, err := w.leads.Imports(foreign, firstPage); err != nil || len(list) != 0 {
			t.Errorf("another company sees %d imports, %v", len(list), err)
		}
		card := w.get(t, id)
		same(t, "owner", card.Lead.OwnerUser, "anna")
		same(t, "status", card.Lead.Status, lead.StatusNew)
		// What another company captures meets nobody here.
		out := w.capture(t, foreign, lead.Draft{Name: "Kiss Éva", Emails: []string{"eva@titkos.hu"}})
		same(t, "outcome", out.Outcome, lead.Created)
		same(t, "duplicates", len(out.Duplicates), 0)
		// A share opens it, and only it.
		if err := w.parties.Share(w.System(), card.Party.ID, "bela"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.leads.Get(strangers["a colleague"], id); err != nil {
			t.Errorf("shared with bela, yet: %v", err)
		}
		list, err := w.leads.List(strangers["a colleague"], lead.Filter{}, lead.ByArrival, firstPage)
		if err != nil || len(list.Rows) != 1 {
			t.Errorf("bela sees %d leads, %v; want the shared one", len(list.Rows), err)
		}
	})
}

var errNothing = errors.New("nothing is seen")

func empty(list lead.List, err error) error {
	if err == nil && len(list.Rows) == 0 {
		return errNothing
	}
	return err
}

// The list of what a lead is kept for when its import is undone must hold every table whose rows hang
// on leads or parties.
func TestUndoKnowsAllThatHangsOnLeads(t *testing.T) {
	env := testutil.SQLite(t)
	rows, err := env.DB.SQL().Query(`SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name LIKE 'crm_%' AND c.name IN ('party_id', 'lead_id', 'organization_id', 'employer_id') ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	own := map[string]bool{ // removed together with the lead or its party
		"crm_party_key.party_id": true, "crm_party_point.party_id": true, "crm_touch.lead_id": true,
		"crm_route_decision.lead_id": true, "crm_clock.party_id": true, "crm_score.lead_id": true, "crm_score_history.lead_id": true,
		"crm_search.party_id": true, // an index of what there is, mended as it changes
	}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		if name := table + "." + column; !own[name] && !lead.Hangs(table, column) {
			t.Errorf("%s is not looked at before a lead is removed", name)
		}
	}
}
