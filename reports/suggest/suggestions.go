package suggest

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/buying"
)

// Config is what the package is told by its surroundings.
type Config struct {
	Locales       func(company string) locale.Locale
	Parties       *party.Parties
	Opportunities *opportunity.Opportunities
}

// Suggestions keeps the suggestions of all companies. It is safe for many goroutines.
type Suggestions struct {
	db     *store.DB
	config Config
}

// New makes a Suggestions on a database.
func New(db *store.DB, c Config) *Suggestions { return &Suggestions{db: db, config: c} }

// Filter narrows a list; zero fields do not, but that State is Open where it is "".
type Filter struct {
	Kind     buying.Kind
	State    State
	Customer string
	// Owner is the user whose customers they are for.
	Owner string
	Page  store.Page
}

// Listing is one page.
type Listing struct {
	Rows []Suggestion `json:"rows"`
	Next string       `json:"next"`
}

const columns = "SELECT sg.*, whose.id AS party_id, COALESCE(whose.name, '') AS name, COALESCE(whose.owner_user, '') AS owner_user FROM crm_suggestion AS sg" +
	" LEFT JOIN crm_role AS is_one ON is_one.company = sg.company AND is_one.role = 'customer' AND is_one.host_key = sg.customer LEFT JOIN crm_party AS whose ON whose.id = is_one.party_id WHERE {scope} AND sg.company = ?"

// List gives a page of suggestions, those worth most first. It needs actor.OpportunityRead.
func (g *Suggestions) List(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, g.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Listing, error) {
		if f.State == "" {
			f.State = Open
		}
		query, args := columns+" AND sg.state = ?", []any{s.Actor.Company, string(f.State)}
		for _, narrow := range []struct{ sql, value string }{{"sg.kind", string(f.Kind)}, {"sg.customer", f.Customer}, {"whose.owner_user", f.Owner}} {
			if narrow.value != "" {
				query += " AND " + narrow.sql + " = ?"
				args = append(args, narrow.value)
			}
		}
		tail, err := s.PagedSQL(store.Order{Column: "sg.worth", ID: "sg.id", Desc: true}, f.Page)
		if err != nil {
			return Listing{}, err
		}
		var rows []named
		if err := s.Query(ctx, &rows, store.From[row]("sg"), query+tail.SQL, append(args, tail.Args...)...); err != nil {
			return Listing{}, err
		}
		return listing(rows, f.Page.Size())
	})
}

func listing(rows []named, size int) (Listing, error) {
	out := Listing{Rows: make([]Suggestion, len(rows))}
	for i, r := range rows {
		one, err := r.suggestion()
		if err != nil {
			return Listing{}, fmt.Errorf("suggestion %s: %w", r.ID, err)
		}
		out.Rows[i] = one
	}
	if n := len(rows); n > 0 && n == size {
		scaled, err := rows[n-1].Worth.Scaled()
		if err != nil {
			return Listing{}, err
		}
		out.Next = store.Cursor(scaled, rows[n-1].ID)
	}
	return out, nil
}

// Get reads one suggestion. It needs actor.OpportunityRead.
func (g *Suggestions) Get(ctx context.Context, id ID) (Suggestion, error) {
	return store.Read(ctx, g.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Suggestion, error) {
		var rows []named
		err := s.Query(ctx, &rows, store.From[row]("sg"), columns+" AND sg.id = ?", s.Actor.Company, id)
		if err == nil && len(rows) == 0 {
			err = fault.New(fault.NotFound, "there is no suggestion %s, or you may not see it", id)
		}
		if err != nil {
			return Suggestion{}, err
		}
		return rows[0].suggestion()
	})
}

// Deal is what [Suggestions.Take] needs of the host.
type Deal struct {
	Customer erpbridge.Customer
	// Name is that of the opportunity, Lines what may be sold.
	Name     string
	Currency string
	Lines    []opportunity.Line
}

// Take makes an opportunity of a suggestion, for the acting user; taken already, it gives the opportunity that was made.
// It needs actor.OpportunityWrite.
func (g *Suggestions) Take(ctx context.Context, id ID, d Deal) (opportunity.ID, error) {
	return store.Write(ctx, g.db, actor.OpportunityWrite, func(ctx context.Context, s *store.Session) (opportunity.ID, error) {
		var was row
		if err := s.Lock(ctx, &was, id); err != nil {
			return opportunity.ID{}, err
		}
		switch {
		case was.State == Taken:
			return was.Deal, nil
		case was.State == Dismissed:
			return opportunity.ID{}, fault.New(fault.Invalid, "the suggestion was dismissed; take that back first")
		case d.Customer.Key != was.Customer:
			return opportunity.ID{}, fault.New(fault.Invalid, "the suggestion is for another customer")
		}
		p, err := g.config.Parties.In(s).OfCustomer(ctx, d.Customer)
		if err != nil {
			return opportunity.ID{}, err
		}
		made, err := g.config.Opportunities.In(s).Create(ctx, opportunity.Draft{PartyID: p.ID, Name: d.Name, Currency: d.Currency, Lines: d.Lines, Source: Source})
		if err != nil {
			return opportunity.ID{}, err
		}
		next := was
		next.State, next.Deal, next.RestUntil = Taken, made.ID, g.today(s).AddDays(Rest)
		return made.ID, s.Save(ctx, &was, &next)
	})
}

// Source is where opportunities say that they come from.
const Source = "suggestion"

func (g *Suggestions) today(s *store.Session) civil.Date {
	return civil.In(s.Now, g.config.Locales(s.Actor.Company).Location())
}

// Dismiss says that a suggestion is none; it rests then. It needs actor.OpportunityWrite.
func (g *Suggestions) Dismiss(ctx context.Context, id ID) error {
	return g.turn(ctx, id, func(ctx context.Context, s *store.Session, was row) (row, error) {
		if was.State == Taken {
			return was, fault.New(fault.Invalid, "an opportunity was made of the suggestion; undo that first")
		}
		was.State, was.RestUntil = Dismissed, g.today(s).AddDays(Rest)
		return was, nil
	})
}

// Undo has a suggestion stand as before it was taken or dismissed. An opportunity that was made of it goes where nobody
// did anything with it yet; one that is open and worked on is closed as lost, with the loss that is given. It needs actor.OpportunityWrite.
func (g *Suggestions) Undo(ctx context.Context, id ID, as opportunity.Loss) error {
	return g.turn(ctx, id, func(ctx context.Context, s *store.Session, was row) (row, error) {
		if was.State == Taken && !was.Deal.IsZero() {
			deals := g.config.Opportunities.In(s)
			card, err := deals.Get(ctx, was.Deal)
			if err != nil {
				return was, err
			}
			switch card.State {
			case opportunity.Won:
				return was, fault.New(fault.Invalid, "the opportunity was won; it is not taken back")
			case opportunity.Open:
				gone, err := deals.Discard(ctx, was.Deal)
				if err == nil && !gone {
					_, err = deals.CloseLost(ctx, was.Deal, as)
				}
				if err != nil {
					return was, err
				}
			case opportunity.Lost:
			}
		}
		was.State, was.RestUntil, was.Deal = Open, civil.Date{}, opportunity.ID{}
		return was, nil
	})
}

func (g *Suggestions) turn(ctx context.Context, id ID, how func(ctx context.Context, s *store.Session, was row) (row, error)) error {
	_, err := store.Write(ctx, g.db, actor.OpportunityWrite, func(ctx context.Context, s *store.Session) (row, error) {
		var was row
		if err := s.Lock(ctx, &was, id); err != nil {
			return was, err
		}
		next, err := how(ctx, s, was)
		if err != nil {
			return was, err
		}
		return next, s.Save(ctx, &was, &next)
	})
	return err
}
