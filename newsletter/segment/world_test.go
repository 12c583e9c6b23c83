package segment_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/testutil"
)

// world is a database with random people, and what Go knows of them.
type world struct {
	env      *testutil.Env
	segments *segment.Segments
	rules    *rule.Environment
	at       rule.At
	// ids are those who stand, all those merged into others too.
	ids, all []party.ID
	survivor map[party.ID]party.ID
	values   map[party.ID]rule.Values
	rand     *rand.Rand
	custom   map[string]store.CustomField
	// far is what a host elsewhere knows: no table holds it.
	far map[[16]byte][]rule.Values
}

var (
	budapest  = mustZone("Europe/Budapest")
	cities    = []string{"Budapest", "Győr", "Pécs", "חיפה", "Θεσσαλονίκη", "Москва", "", "100% Nowa_Wieś", "Kis város", "Kis"}
	countries = []string{"HU", "AT", "GR", "IL", "RU", ""}
	sources   = []string{"web", "fair", "call", ""}
)

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// role is a row of crm_role.
type role struct {
	bun.BaseModel `bun:"table:crm_role,alias:role_row"`

	Company      string     `bun:"company,pk,type:nvarchar(40)"`
	Role         party.Role `bun:"role,pk,type:nvarchar(10)"`
	HostKey      string     `bun:"host_key,pk,type:nvarchar(80)"`
	PartyID      party.ID   `bun:"party_id"`
	ConversionID party.ID   `bun:"conversion_id"`
	CreatedAt    time.Time  `bun:"created_at"`
}

// newWorld puts people into a company of the test's own.
func newWorld(t testing.TB, env *testutil.Env, seed uint64, people int) *world {
	t.Helper()
	w := &world{
		env: env, values: map[party.ID]rule.Values{}, rand: rand.New(rand.NewPCG(seed, 1)), far: map[[16]byte][]rule.Values{}, custom: map[string]store.CustomField{}, survivor: map[party.ID]party.ID{},
		at: rule.At{Now: env.Clock.Now(), Zone: budapest},
	}
	var err error
	w.segments, err = segment.New(env.DB, segment.Config{
		Locales: func(string) locale.Locale {
			return locale.Locale{Language: locale.Hungarian, Zone: budapest, Currency: "HUF"}
		},
		Lists: []rule.List{w.contracts(), w.purchases()},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
		for _, f := range []store.CustomField{
			{RecordKind: "party", Name: "grade", Label: "grade of the customer", Type: store.TextField},
			{RecordKind: "lead", Name: "size", Label: "size in m2", Type: store.NumberField},
		} {
			if err := s.AddField(ctx, &f); err != nil {
				return err
			}
			w.custom[f.Name] = f
		}
		for range people {
			if err := w.person(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.rules, err = w.segments.Environment(env.System())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// contracts are a list that another package keeps in a table: here, the rows of roles as contacts.
func (w *world) contracts() rule.List {
	return rule.List{
		Name: "contracts", Doc: "contracts", From: "crm_role AS contract", Key: "contract.party_id", Company: "contract.company",
		Where: "contract.role = ?", Args: []any{"contact"},
		Fields: []rule.Field{
			{Name: "number", Kind: rule.Text, Doc: "the number", Column: "contract.host_key"},
			{Name: "signed_at", Kind: rule.Moment, Doc: "when it was signed", Column: "contract.created_at"},
		},
	}
}

// purchases are a list that only the host can give.
func (w *world) purchases() rule.List {
	return rule.List{
		Name: "purchases", Doc: "what was bought",
		Fields: []rule.Field{
			{Name: "product", Kind: rule.Text, Doc: "the product's key"},
			{Name: "net", Kind: rule.Number, Doc: "the net price"},
			{Name: "on", Kind: rule.Date, Doc: "the day", Optional: true},
		},
		Load: func(_ context.Context, _ *store.Session, keys [][16]byte) (map[[16]byte][]rule.Values, error) {
			out := map[[16]byte][]rule.Values{}
			for _, key := range keys {
				out[key] = w.far[key]
			}
			return out, nil
		},
	}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// moment is within 200 days before now, on whole hours, so that some are midnights of the zone.
func (w *world) moment() time.Time {
	return w.at.Now.Truncate(time.Hour).Add(-time.Duration(w.rand.IntN(200*24)) * time.Hour)
}

func (w *world) maybe(t time.Time) time.Time {
	if w.rand.IntN(3) == 0 {
		return time.Time{}
	}
	return t
}

func (w *world) day() civil.Date {
	if w.rand.IntN(3) == 0 {
		return civil.Date{}
	}
	return civil.In(w.at.Now, budapest).AddDays(-w.rand.IntN(200))
}

func (w *world) person(ctx context.Context, s *store.Session) error {
	r := w.rand
	p := party.Party{
		ID: store.NewKey[party.Tag](s), Kind: pick(r, []party.Kind{party.Person, party.Company}), City: pick(r, cities), Country: pick(r, countries),
		Language: pick(r, locale.Languages), PostalCode: pick(r, []string{"1011", "9021", "", "8_00"}), Gender: pick(r, []party.Gender{"f", "m", ""}),
		OwnerUser: pick(r, []string{"anna", "béla", ""}), DisplayName: pick(r, []string{"Kovács Anna", "kovács anna", "Иван Петрович", "Αγγελική", "דנה"}),
		Email: pick(r, []string{"", fmt.Sprintf("p%d@example.com", r.IntN(1000))}), BirthDate: w.day(), SortKey: []byte("k"),
	}
	if len(w.all) > 0 && r.IntN(5) == 0 { // merged into another one, whose its children are then
		p.MergedInto = pick(r, w.all)
	}
	if err := s.InsertQuiet(ctx, &p); err != nil {
		return err
	}
	w.all = append(w.all, p.ID)
	if !p.MergedInto.IsZero() {
		w.survivor[p.ID] = p.MergedInto
		return w.children(ctx, s, p.ID)
	}
	w.ids = append(w.ids, p.ID)
	v := rule.Values{
		"party.kind": p.Kind, "party.city": p.City, "party.country": p.Country, "party.language": p.Language, "party.postal_code": p.PostalCode,
		"party.gender": p.Gender, "party.owner": p.OwnerUser, "party.name": p.DisplayName, "party.email": p.Email, "party.birth_date": p.BirthDate,
		"party.created_at": p.CreatedAt,
	}
	w.values[p.ID] = v
	if r.IntN(2) == 0 {
		grade := pick(r, []string{"A", "B"})
		if err := s.SetCustom(ctx, "party", p.ID.Bytes(), map[string]any{"grade": grade}); err != nil {
			return err
		}
		v["party.custom.grade"] = grade
	}
	if err := w.children(ctx, s, p.ID); err != nil {
		return err
	}
	for range r.IntN(3) {
		w.far[p.ID] = append(w.far[p.ID], rule.Values{"product": pick(r, []string{"P1", "P2"}), "net": money.MustAmount(fmt.Sprint(r.IntN(5))), "on": w.day()})
	}
	v["purchases"] = w.far[p.ID]
	return nil
}

// children are what hangs on a party.
func (w *world) children(ctx context.Context, s *store.Session, id party.ID) error {
	owner := id
	for !w.survivor[owner].IsZero() {
		owner = w.survivor[owner]
	}
	v := w.values[owner]
	for _, add := range []func(context.Context, *store.Session, party.ID, rule.Values) error{w.addLead, w.addOpportunity, w.addActivity, w.addRole} {
		for range w.rand.IntN(4) {
			if err := add(ctx, s, id, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func row(v rule.Values, list string, r rule.Values) {
	rows, _ := v[list].([]rule.Values)
	v[list] = append(rows, r)
}

func (w *world) addLead(ctx context.Context, s *store.Session, id party.ID, v rule.Values) error {
	r := w.rand
	l := lead.Lead{
		ID: store.NewKey[lead.Tag](s), PartyID: id, Status: pick(r, lead.Statuses), Source: pick(r, sources), Score: r.IntN(5), Interest: pick(r, cities),
		ExpectedValue: money.NewAmount(decimal.New(int64(r.IntN(8)), -1)), Currency: pick(r, []string{"HUF", "EUR"}),
		ArrivedAt: w.moment(), FirstResponseAt: w.maybe(w.moment()),
	}
	if r.IntN(5) == 0 { // one that was merged into another does not count
		l.MergedInto = store.NewKey[lead.Tag](s)
	}
	if err := s.InsertQuiet(ctx, &l); err != nil {
		return err
	}
	given := rule.Values{
		"status": l.Status, "source": l.Source, "score": l.Score, "interest": l.Interest, "value": l.ExpectedValue, "currency": l.Currency,
		"arrived_at": l.ArrivedAt, "answered_at": l.FirstResponseAt,
	}
	if r.IntN(2) == 0 {
		size := money.NewQuantity(decimal.New(int64(r.IntN(30)), -1))
		if err := s.SetCustom(ctx, "lead", l.ID.Bytes(), map[string]any{"size": size}); err != nil {
			return err
		}
		given["custom.size"] = size
	}
	if l.MergedInto.IsZero() {
		row(v, "leads", given)
	}
	return nil
}

func (w *world) addOpportunity(ctx context.Context, s *store.Session, id party.ID, v rule.Values) error {
	r := w.rand
	o := opportunity.Opportunity{
		ID: store.NewKey[opportunity.Tag](s), PartyID: id, PipelineID: store.NewKey[opportunity.PipelineTag](s), StageID: store.NewKey[opportunity.StageTag](s),
		State: pick(r, []opportunity.State{opportunity.Open, opportunity.Won, opportunity.Lost}), ExpectedRevenue: money.NewAmount(decimal.New(int64(r.IntN(5)), 0)),
		Currency: pick(r, []string{"HUF", "EUR"}), ExpectedClose: w.day(), ClosedAt: w.maybe(w.moment()), StageSince: w.moment(),
	}
	row(v, "opportunities", rule.Values{"state": o.State, "revenue": o.ExpectedRevenue, "currency": o.Currency, "expected_close": o.ExpectedClose, "closed_at": o.ClosedAt})
	return s.InsertQuiet(ctx, &o)
}

func (w *world) addActivity(ctx context.Context, s *store.Session, id party.ID, v rule.Values) error {
	a := activity.Activity{
		ID: store.NewKey[activity.Tag](s), PartyID: id, Kind: pick(w.rand, []activity.Kind{activity.Call, activity.Note, activity.Mail}),
		State: pick(w.rand, []activity.State{activity.Done, activity.Planned}), At: w.moment(),
	}
	a.Open = a.State == activity.Planned
	row(v, "activities", rule.Values{"kind": a.Kind, "state": a.State, "at": a.At, "open": a.Open})
	return s.InsertQuiet(ctx, &a)
}

func (w *world) addRole(ctx context.Context, s *store.Session, id party.ID, v rule.Values) error {
	r := role{Role: pick(w.rand, []party.Role{party.Customer, party.Contact}), HostKey: fmt.Sprintf("K%010d", w.rand.Uint32()), PartyID: id, CreatedAt: w.moment()}
	row(v, "roles", rule.Values{"role": r.Role, "key": r.HostKey, "since": r.CreatedAt})
	if r.Role == party.Contact {
		row(v, "contracts", rule.Values{"number": r.HostKey, "signed_at": r.CreatedAt})
	}
	return s.InsertQuiet(ctx, &r)
}
