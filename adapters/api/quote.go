package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/quote"
)

// Quote is one version of a quote.
type Quote struct {
	ID            ID        `json:"id"`
	Version       int64     `json:"version"`
	BaseID        ID        `json:"base_id" doc:"The id of the first version."`
	Revision      int       `json:"revision" doc:"Counts the versions from 1."`
	Number        string    `json:"number,omitempty" doc:"Left out for a draft." example:"Q-2026-00017"`
	State         string    `json:"state" enum:"draft,issued,accepted,declined,expired,superseded,withdrawn"`
	Progress      string    `json:"progress,omitempty" doc:"How far the host has come with an accepted quote."`
	PartyID       ID        `json:"party_id"`
	PartyName     string    `json:"party_name,omitempty"`
	ContactID     ID        `json:"contact_id,omitempty"`
	OpportunityID ID        `json:"opportunity_id,omitempty"`
	Title         string    `json:"title,omitempty"`
	Language      string    `json:"language" enum:"hu,en,he,ru,el"`
	Currency      string    `json:"currency"`
	PriceDate     Date      `json:"price_date"`
	ValidUntil    Date      `json:"valid_until" doc:"The last day on which it can be accepted."`
	IssuedAt      time.Time `json:"issued_at,omitzero"`
	IssuedOn      Date      `json:"issued_on,omitempty"`
	DecidedAt     time.Time `json:"decided_at,omitzero"`
	DecidedBy     string    `json:"decided_by,omitempty"`
	DecisionNote  string    `json:"decision_note,omitempty"`
	Cover         string    `json:"cover,omitempty"`
	Closing       string    `json:"closing,omitempty"`
	Terms         string    `json:"terms,omitempty"`
	DeliveryTerms string    `json:"delivery_terms,omitempty"`
	Net           Decimal   `json:"net"`
	VAT           Decimal   `json:"vat"`
	Gross         Decimal   `json:"gross"`
	OptionalNet   Decimal   `json:"optional_net" doc:"What the optional lines would add."`
	DocumentHash  string    `json:"document_hash,omitempty" doc:"SHA-256 of the frozen document."`
	OwnerUser     string    `json:"owner_user"`
	OwnerTeam     string    `json:"owner_team"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
	UpdatedBy     string    `json:"updated_by"`
}

func quoteOf(q quote.Quote) Quote {
	return Quote{
		ID: idOf(q.ID), Version: q.Version, BaseID: idOf(q.BaseID), Revision: q.Revision, Number: q.Number, State: string(q.State), Progress: string(q.Progress),
		PartyID: idOf(q.PartyID), ContactID: idOf(q.ContactID), OpportunityID: idOf(q.OpportunityID), Title: q.Title, Language: string(q.Language),
		Currency: q.Currency, PriceDate: dateOf(q.PriceDate), ValidUntil: dateOf(q.ValidUntil), IssuedAt: q.IssuedAt, IssuedOn: dateOf(q.IssuedOn),
		DecidedAt: q.DecidedAt, DecidedBy: q.DecidedBy, DecisionNote: q.DecisionNote, Cover: q.Cover, Closing: q.Closing, Terms: q.Terms, DeliveryTerms: q.DeliveryTerms,
		Net: decimalOf(q.Net), VAT: decimalOf(q.VAT), Gross: decimalOf(q.Gross), OptionalNet: decimalOf(q.OptionalNet), DocumentHash: string(q.DocumentHash),
		OwnerUser: q.OwnerUser, OwnerTeam: q.OwnerTeam, CreatedAt: q.CreatedAt, UpdatedAt: q.UpdatedAt, UpdatedBy: q.UpdatedBy,
	}
}

func quoteRow(r quote.Row) Quote {
	q := quoteOf(r.Quote)
	q.PartyName = r.PartyName
	return q
}

// QuoteLine is one row of a quote.
type QuoteLine struct {
	ID               ID      `json:"id,omitempty" doc:"Left out in a preview."`
	Position         int     `json:"position"`
	Number           string  `json:"number,omitempty" doc:"What is printed before the line."`
	Kind             string  `json:"kind" enum:"item,optional,text,heading"`
	AlternativeGroup string  `json:"alternative_group,omitempty"`
	ProductKey       string  `json:"product_key,omitempty"`
	Code             string  `json:"code,omitempty"`
	Name             string  `json:"name"`
	Description      string  `json:"description,omitempty"`
	Quantity         Decimal `json:"quantity"`
	Unit             string  `json:"unit,omitempty"`
	ListPrice        Decimal `json:"list_price"`
	UnitPrice        Decimal `json:"unit_price" doc:"Net, before the discount."`
	PriceManual      bool    `json:"price_manual"`
	ListDiscount     Decimal `json:"list_discount"`
	Discount         Decimal `json:"discount" doc:"In percent."`
	VATCode          string  `json:"vat_code,omitempty"`
	VATRate          Decimal `json:"vat_rate" doc:"In percent."`
	Net              Decimal `json:"net"`
}

func quoteLines(lines []quote.Line) []QuoteLine {
	printed := quote.Numbers(lines)
	out := make([]QuoteLine, len(lines))
	for i, l := range lines {
		out[i] = QuoteLine{
			ID: idOf(l.ID), Position: l.Position, Number: printed[i], Kind: string(l.Kind), AlternativeGroup: l.AlternativeGroup, ProductKey: l.ProductKey, Code: l.Code,
			Name: l.Name, Description: l.Description, Quantity: decimalOf(l.Quantity), Unit: l.Unit, ListPrice: decimalOf(l.ListPrice), UnitPrice: decimalOf(l.UnitPrice),
			PriceManual: l.PriceManual, ListDiscount: decimalOf(l.ListDiscount), Discount: decimalOf(l.Discount), VATCode: l.VATCode, VATRate: decimalOf(l.VATRate), Net: decimalOf(l.Net),
		}
	}
	return out
}

// VATRow is one row of the VAT summary.
type VATRow struct {
	Code  string  `json:"code,omitempty"`
	Rate  Decimal `json:"rate"`
	Net   Decimal `json:"net"`
	VAT   Decimal `json:"vat"`
	Gross Decimal `json:"gross"`
}

// QuoteVersion is one version of a quote, in short.
type QuoteVersion struct {
	ID       ID      `json:"id"`
	Revision int     `json:"revision"`
	Number   string  `json:"number,omitempty"`
	State    string  `json:"state"`
	IssuedOn Date    `json:"issued_on,omitempty"`
	Currency string  `json:"currency"`
	Gross    Decimal `json:"gross"`
}

// QuoteCard is a quote with everything that belongs to it.
type QuoteCard struct {
	Quote    Quote          `json:"quote"`
	Lines    []QuoteLine    `json:"lines"`
	VAT      []VATRow       `json:"vat"`
	Versions []QuoteVersion `json:"versions"`
	Custom   map[string]any `json:"custom"`
}

func quoteCardOf(c quote.Card) QuoteCard {
	return QuoteCard{
		Quote: quoteOf(c.Quote), Lines: quoteLines(c.Lines), Custom: customOf(c.Sheet.Values),
		VAT: each(c.VAT, func(v quote.VATRow) VATRow {
			return VATRow{v.Code, decimalOf(v.Rate), decimalOf(v.Net), decimalOf(v.VAT), decimalOf(v.Gross)}
		}),
		Versions: each(c.Versions, func(v quote.Version) QuoteVersion {
			return QuoteVersion{idOf(v.ID), v.Revision, v.Number, string(v.State), dateOf(v.IssuedOn), v.Currency, decimalOf(v.Gross)}
		}),
	}
}

// QuoteHeader is what people write above and below the lines.
type QuoteHeader struct {
	ContactID     ID     `json:"contact_id,omitempty"`
	OpportunityID ID     `json:"opportunity_id,omitempty"`
	Title         string `json:"title,omitempty" maxLength:"200"`
	Language      string `json:"language,omitempty" enum:"hu,en,he,ru,el"`
	ValidUntil    Date   `json:"valid_until,omitempty"`
	Cover         string `json:"cover,omitempty" maxLength:"20000"`
	Closing       string `json:"closing,omitempty" maxLength:"20000"`
	Terms         string `json:"terms,omitempty" maxLength:"400"`
	DeliveryTerms string `json:"delivery_terms,omitempty" maxLength:"400"`
	Owner         string `json:"owner,omitempty" maxLength:"64"`
	Team          string `json:"team,omitempty" maxLength:"64"`
	// Custom is never printed.
	Custom map[string]any `json:"custom,omitempty" doc:"Values of custom fields by name; null clears one, those that are left out stay."`
}

func (h QuoteHeader) header() quote.Header {
	return quote.Header{
		Contact: partyID(h.ContactID), Opportunity: keyOf[activity.OpportunityTag](h.OpportunityID), Title: h.Title, Language: locale.Language(h.Language),
		ValidUntil: day(h.ValidUntil), Cover: h.Cover, Closing: h.Closing, Terms: h.Terms, DeliveryTerms: h.DeliveryTerms, Owner: h.Owner, Team: h.Team, Custom: h.Custom,
	}
}

// QuoteLineDraft describes a line; a product of the host fills what is left out.
type QuoteLineDraft struct {
	Kind             string   `json:"kind,omitempty" enum:"item,optional,text,heading" doc:"item where it is left out."`
	AlternativeGroup string   `json:"alternative_group,omitempty" maxLength:"20"`
	Product          string   `json:"product,omitempty" maxLength:"80" doc:"The host's key; without it name, unit_price and vat_rate are needed."`
	Code             string   `json:"code,omitempty" maxLength:"40"`
	Name             string   `json:"name,omitempty" maxLength:"240"`
	Description      string   `json:"description,omitempty" maxLength:"20000"`
	Quantity         Decimal  `json:"quantity,omitempty"`
	Unit             string   `json:"unit,omitempty" maxLength:"20"`
	UnitPrice        *Decimal `json:"unit_price,omitempty" doc:"The price list's where it is left out."`
	Discount         *Decimal `json:"discount,omitempty" doc:"In percent; the price list's where it is left out."`
	VATCode          string   `json:"vat_code,omitempty" maxLength:"20"`
	VATRate          *Decimal `json:"vat_rate,omitempty"`
}

func draftLines(n *numbers, lines []QuoteLineDraft) []quote.DraftLine {
	out := make([]quote.DraftLine, len(lines))
	for i, l := range lines {
		at := at("lines", i)
		out[i] = quote.DraftLine{
			Kind: quote.Kind(l.Kind), AlternativeGroup: l.AlternativeGroup, Product: l.Product, Code: l.Code, Name: l.Name, Description: l.Description,
			Quantity: number(n, at+".quantity", l.Quantity, money.ParseQuantity), Unit: l.Unit, UnitPrice: optional(n, at+".unit_price", l.UnitPrice, money.ParseAmount),
			Discount: optional(n, at+".discount", l.Discount, money.ParsePercent), VATCode: l.VATCode, VATRate: optional(n, at+".vat_rate", l.VATRate, money.ParsePercent),
		}
	}
	return out
}

// QuoteDraft describes a new quote.
type QuoteDraft struct {
	PartyID  ID               `json:"party_id"`
	Currency string           `json:"currency,omitempty" maxLength:"3" doc:"The customer's, else the company's, where it is left out."`
	Header   QuoteHeader      `json:"header,omitempty"`
	Lines    []QuoteLineDraft `json:"lines,omitempty" maxItems:"1000"`
}

func (d QuoteDraft) input() (quote.DraftInput, error) {
	var n numbers
	in := quote.DraftInput{Party: partyID(d.PartyID), Header: d.Header.header(), Currency: d.Currency, Lines: draftLines(&n, d.Lines)}
	return in, n.err()
}

// QuoteLines are all lines.
type QuoteLines struct {
	Lines []QuoteLineDraft `json:"lines" maxItems:"1000"`
}

// QuoteAnswer is what a reader said to a quote.
type QuoteAnswer struct {
	By        string `json:"by" maxLength:"120" doc:"The name of whoever answered."`
	Note      string `json:"note,omitempty" maxLength:"1000"`
	Reference string `json:"reference,omitempty" maxLength:"200" doc:"The reader's own order number, or where his letter is filed."`
	Email     string `json:"email,omitempty" maxLength:"254"`
	Options   []int  `json:"options,omitempty" maxItems:"1000" doc:"The positions of optional and alternative lines that he takes."`
}

// QuoteDecision is how a quote was answered.
type QuoteDecision struct {
	Number string    `json:"number"`
	State  string    `json:"state" enum:"accepted,declined"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

func quoteID(id ID) quote.ID { return keyOf[quote.Tag](id) }

func tagQuote(c quote.Card, err error) (*Tagged[QuoteCard], error) {
	return &Tagged[QuoteCard]{etag(c.Quote.Version), quoteCardOf(c)}, err
}

// onQuote makes a verb of a function that changes a quote, under the version that was read.
func onQuote[B any](do func(ctx context.Context, m *crm.Module, id quote.ID, in *changing[B]) (quote.Card, error)) verb[changing[B], Tagged[QuoteCard]] {
	return func(ctx context.Context, m *crm.Module, in *changing[B]) (*Tagged[QuoteCard], error) {
		if err := locked(ctx, m, &quote.Quote{}, quoteID(in.ID), in.version); err != nil {
			return nil, err
		}
		return tagQuote(do(ctx, m, quoteID(in.ID), in))
	}
}

// onQuoteAlone is onQuote for a change without a body.
func onQuoteAlone(do func(ctx context.Context, m *crm.Module, id quote.ID, version int64) (quote.Card, error)) verb[matched, Tagged[QuoteCard]] {
	return func(ctx context.Context, m *crm.Module, in *matched) (*Tagged[QuoteCard], error) {
		if err := locked(ctx, m, &quote.Quote{}, quoteID(in.ID), in.version); err != nil {
			return nil, err
		}
		return tagQuote(do(ctx, m, quoteID(in.ID), in.version))
	}
}

// QuoteQuestion asks for quotes; what is left out does not narrow.
type QuoteQuestion struct {
	OwnFilter
	State       []string `query:"state" enum:"draft,issued,accepted,declined,expired,superseded,withdrawn" doc:"Any of them, by comma."`
	Party       ID       `query:"party" doc:"With the people of a company and parties merged into it."`
	Opportunity ID       `query:"opportunity"`
	Owner       string   `query:"owner" maxLength:"64"`
	From        Date     `query:"from" doc:"The first day of drafting."`
	To          Date     `query:"to" doc:"The last day of drafting."`
}

func (q QuoteQuestion) filter(ctx context.Context, m *crm.Module) (quote.Filter, error) {
	own, err := q.own(ctx, m, "quote")
	return quote.Filter{
		Custom: own,
		States: words[quote.State](q.State), Party: partyID(q.Party), Opportunity: keyOf[activity.OpportunityTag](q.Opportunity), Owner: q.Owner,
		From: day(q.From), To: day(q.To),
	}, err
}

func (a *server) quotes() {
	const tag = "Quotes"
	read, write := rights(actor.QuoteRead), rights(actor.QuoteWrite)
	add(a, route{ID: "draft-quote", Method: http.MethodPost, Path: "/quotes", Tag: tag, Rights: write, Status: http.StatusCreated, Summary: "Draft a quote, priced by the host's price lists"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body QuoteDraft }) (*Made[QuoteCard], error) {
			if err := convertCustom(ctx, m, "quote", in.Body.Header.Custom); err != nil {
				return nil, err
			}
			d, err := in.Body.input()
			if err != nil {
				return nil, err
			}
			c, err := m.Quotes.Draft(ctx, d)
			return &Made[QuoteCard]{etag(c.Quote.Version), callOf(ctx).r.URL.Path + "/" + c.Quote.ID.String(), quoteCardOf(c)}, err
		})
	add(a, route{ID: "preview-quote", Method: http.MethodPost, Path: "/quotes/preview", Tag: tag, Rights: write, Summary: "Compute what a draft would be", Doc: "Writes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body QuoteDraft }) (*Out[QuotePreview], error) {
			if err := convertCustom(ctx, m, "quote", in.Body.Header.Custom); err != nil {
				return nil, err
			}
			d, err := in.Body.input()
			if err != nil {
				return nil, err
			}
			c, err := m.Quotes.Preview(ctx, d)
			card := quoteCardOf(c)
			return &Out[QuotePreview]{QuotePreview{card.Quote.Currency, card.Quote.Net, card.Quote.VAT, card.Quote.Gross, card.Quote.OptionalNet, card.Lines, card.VAT}}, err
		})
	add(a, route{ID: "list-quotes", Method: http.MethodGet, Path: "/quotes", Tag: tag, Rights: read, Summary: "List quotes, the newest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			QuoteQuestion
		}) (*Listed[Quote], error) {
			filter, err := in.filter(ctx, m)
			if err != nil {
				return nil, err
			}
			filter.Page = in.page()
			list, err := m.Quotes.List(ctx, filter)
			return listed(callOf(ctx), each(list.Rows, quoteRow), list.Next), err
		})
	add(a, route{ID: "get-quote", Method: http.MethodGet, Path: "/quotes/{id}", Tag: tag, Rights: read, Summary: "Read a quote with lines, VAT and versions"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[QuoteCard], error) {
			return tagQuote(m.Quotes.Get(ctx, quoteID(in.ID)))
		})
	add(a, route{ID: "get-quote-pdf", Method: http.MethodGet, Path: "/quotes/{id}/pdf", Tag: tag, Rights: read, Gives: "application/pdf", Summary: "Read a quote as a PDF", Doc: "From its issue on always the same bytes; a draft says so on each page."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*file, error) {
			pdf, err := m.Quotes.PDF(ctx, quoteID(in.ID))
			return &file{"application/pdf", disposition("quote.pdf"), pdf}, err
		})
	add(a, route{ID: "edit-quote", Method: http.MethodPut, Path: "/quotes/{id}/header", Tag: tag, Rights: write, Summary: "Replace the header of a draft"},
		onQuote(func(ctx context.Context, m *crm.Module, id quote.ID, in *changing[QuoteHeader]) (quote.Card, error) {
			if err := convertCustom(ctx, m, "quote", in.Body.Custom); err != nil {
				return quote.Card{}, err
			}
			return m.Quotes.Edit(ctx, id, in.version, in.Body.header())
		}))
	add(a, route{ID: "set-quote-lines", Method: http.MethodPut, Path: "/quotes/{id}/lines", Tag: tag, Rights: write, Summary: "Replace all lines of a draft"},
		onQuote(func(ctx context.Context, m *crm.Module, id quote.ID, in *changing[QuoteLines]) (quote.Card, error) {
			var n numbers
			lines := draftLines(&n, in.Body.Lines)
			if err := n.err(); err != nil {
				return quote.Card{}, err
			}
			return m.Quotes.SetLines(ctx, id, in.version, lines)
		}))
	add(a, route{ID: "delete-quote", Method: http.MethodDelete, Path: "/quotes/{id}", Tag: tag, Rights: write, Summary: "Remove a draft"},
		func(ctx context.Context, m *crm.Module, in *matched) (*Empty, error) {
			if err := locked(ctx, m, &quote.Quote{}, quoteID(in.ID), in.version); err != nil {
				return nil, err
			}
			return nil, m.Quotes.Delete(ctx, quoteID(in.ID), in.version)
		})
	a.quoteSteps(tag)
}

// QuotePreview is what a draft would be.
type QuotePreview struct {
	Currency    string      `json:"currency"`
	Net         Decimal     `json:"net"`
	VAT         Decimal     `json:"vat"`
	Gross       Decimal     `json:"gross"`
	OptionalNet Decimal     `json:"optional_net"`
	Lines       []QuoteLine `json:"lines"`
	ByRate      []VATRow    `json:"by_rate"`
}

// quoteSteps adds what brings a quote from state to state.
func (a *server) quoteSteps(tag string) {
	write, issue := rights(actor.QuoteWrite), rights(actor.QuoteIssue)
	add(a, route{ID: "reprice-quote", Method: http.MethodPost, Path: "/quotes/{id}/reprice", Tag: tag, Rights: write, Summary: "Ask for today's prices of all lines that nobody priced by hand"},
		onQuoteAlone(func(ctx context.Context, m *crm.Module, id quote.ID, version int64) (quote.Card, error) {
			return m.Quotes.Reprice(ctx, id, version)
		}))
	add(a, route{ID: "issue-quote", Method: http.MethodPost, Path: "/quotes/{id}/issue", Tag: tag, Rights: issue, Summary: "Give a draft its number, freeze it and make the PDF"},
		onQuoteAlone(func(ctx context.Context, m *crm.Module, id quote.ID, _ int64) (quote.Card, error) {
			return m.Quotes.Issue(ctx, id)
		}))
	add(a, route{ID: "new-quote-version", Method: http.MethodPost, Path: "/quotes/{id}/versions", Tag: tag, Rights: write, Summary: "Copy an issued quote into a draft with the next revision"},
		onQuoteAlone(func(ctx context.Context, m *crm.Module, id quote.ID, _ int64) (quote.Card, error) {
			return m.Quotes.NewVersion(ctx, id)
		}))
	add(a, route{ID: "withdraw-quote", Method: http.MethodPost, Path: "/quotes/{id}/withdraw", Tag: tag, Rights: issue, Summary: "Take an issued quote back"},
		onQuote(func(ctx context.Context, m *crm.Module, id quote.ID, in *changing[Reason]) (quote.Card, error) {
			return m.Quotes.Withdraw(ctx, id, in.Body.Reason)
		}))
	for _, answer := range []struct {
		name, summary string
		do            func(q *quote.Quotes) func(context.Context, quote.ID, quote.Answer) (quote.Decision, error)
	}{
		{"accept", "Note that the reader accepts a quote", func(q *quote.Quotes) func(context.Context, quote.ID, quote.Answer) (quote.Decision, error) {
			return q.Accept
		}},
		{"decline", "Note that the reader does not want a quote", func(q *quote.Quotes) func(context.Context, quote.ID, quote.Answer) (quote.Decision, error) {
			return q.Decline
		}},
	} {
		add(a, route{ID: answer.name + "-quote", Method: http.MethodPost, Path: "/quotes/{id}/" + answer.name, Tag: tag, Rights: write, Summary: answer.summary, Doc: "The same again gives the first decision."},
			func(ctx context.Context, m *crm.Module, in *struct {
				ByID
				Body QuoteAnswer
			}) (*Out[QuoteDecision], error) {
				b := in.Body
				d, err := answer.do(m.Quotes)(ctx, quoteID(in.ID), quote.Answer{
					By: b.By, Note: b.Note, Evidence: quote.Evidence{Email: b.Email, Reference: b.Reference, Options: b.Options},
				})
				return &Out[QuoteDecision]{QuoteDecision{d.Number, string(d.State), d.By, d.At}}, err
			})
	}
}
