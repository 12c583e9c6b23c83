package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
)

// elsewhere reports whether the host is reached over a network.
func (a *server) elsewhere() bool { return a.module.Host().Place == erpbridge.Elsewhere }

// Customer is a customer of the host.
type Customer struct {
	Key         string  `json:"key,omitempty"`
	Code        string  `json:"code,omitempty" maxLength:"80"`
	Person      bool    `json:"person,omitempty" doc:"A natural person."`
	Name        string  `json:"name,omitempty" maxLength:"240"`
	Given       string  `json:"given,omitempty" maxLength:"80"`
	Family      string  `json:"family,omitempty" maxLength:"120"`
	TaxID       string  `json:"tax_id,omitempty" maxLength:"60"`
	EUVatID     string  `json:"eu_vat_id,omitempty" maxLength:"60"`
	Email       string  `json:"email,omitempty" maxLength:"254"`
	Phone       string  `json:"phone,omitempty" maxLength:"60"`
	Website     string  `json:"website,omitempty" maxLength:"200"`
	Address     Address `json:"address,omitempty"`
	Currency    string  `json:"currency,omitempty" maxLength:"3"`
	PriceList   string  `json:"price_list,omitempty" maxLength:"80"`
	PaymentDays int     `json:"payment_days,omitempty" minimum:"0" maximum:"3650"`
	Language    string  `json:"language,omitempty" maxLength:"5"`
	Blocked     bool    `json:"blocked,omitempty"`
}

func customerOf(c erpbridge.Customer) Customer {
	return Customer{
		c.Key, c.Code, c.Person, c.Name, c.Given, c.Family, c.TaxID, c.EUVatID, c.Email, c.Phone, c.Website,
		Address{c.Address.Line1, c.Address.Line2, c.Address.PostalCode, c.Address.City, c.Address.Region, c.Address.Country},
		c.Currency, c.PriceList, c.PaymentDays, string(c.Language), c.Blocked,
	}
}

func (c Customer) customer() erpbridge.Customer {
	return erpbridge.Customer{
		Code: c.Code, Person: c.Person, Name: c.Name, Given: c.Given, Family: c.Family, TaxID: c.TaxID, EUVatID: c.EUVatID, Email: c.Email,
		Phone: c.Phone, Website: c.Website, Address: *(&c.Address).host(), Currency: c.Currency, PriceList: c.PriceList,
		PaymentDays: c.PaymentDays, Language: locale.Language(c.Language),
	}
}

func (a *Address) host() *erpbridge.Address {
	return &erpbridge.Address{Line1: a.Line1, Line2: a.Line2, PostalCode: a.PostalCode, City: a.City, Region: a.Region, Country: a.Country}
}

// HostContact is a contact person at the host.
type HostContact struct {
	Key      string `json:"key,omitempty"`
	Name     string `json:"name"`
	Given    string `json:"given,omitempty"`
	Family   string `json:"family,omitempty"`
	JobTitle string `json:"job_title,omitempty"`
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Mobile   string `json:"mobile,omitempty"`
}

func contactOf(c erpbridge.Contact) HostContact {
	return HostContact{c.Key, c.Name, c.Given, c.Family, c.JobTitle, c.Email, c.Phone, c.Mobile}
}

// Ref names a document of the host.
type Ref struct {
	Kind   string `json:"kind" example:"order"`
	Key    string `json:"key"`
	Number string `json:"number,omitempty"`
}

func refOf(r erpbridge.Ref) Ref { return Ref{string(r.Kind), r.Key, r.Number} }

func refsOf(r *erpbridge.Ref) *Ref {
	if r == nil {
		return nil
	}
	out := refOf(*r)
	return &out
}

// Document is a document of the host.
type Document struct {
	Ref
	Customer    string         `json:"customer" doc:"The host's key."`
	Date        Date           `json:"date,omitempty"`
	Due         Date           `json:"due,omitempty"`
	Currency    string         `json:"currency"`
	Reference   string         `json:"reference,omitempty" doc:"Our number of the quote."`
	Note        string         `json:"note,omitempty"`
	Source      *Ref           `json:"source,omitempty" doc:"The document it follows."`
	Lines       []DocumentLine `json:"lines,omitempty"`
	Net         Decimal        `json:"net"`
	VAT         Decimal        `json:"vat"`
	Gross       Decimal        `json:"gross"`
	Paid        Decimal        `json:"paid"`
	State       string         `json:"state" example:"open"`
	CancelledBy *Ref           `json:"cancelled_by,omitempty"`
}

// DocumentLine is a line of a document.
type DocumentLine struct {
	Key       string  `json:"key"`
	Product   string  `json:"product,omitempty"`
	Name      string  `json:"name"`
	Quantity  Decimal `json:"quantity"`
	Unit      string  `json:"unit,omitempty"`
	UnitPrice Decimal `json:"unit_price"`
	Discount  Decimal `json:"discount"`
	VATCode   string  `json:"vat_code,omitempty"`
	VATRate   Decimal `json:"vat_rate"`
	Net       Decimal `json:"net"`
	Delivered Decimal `json:"delivered"`
	Invoiced  Decimal `json:"invoiced"`
}

func documentOf(d erpbridge.Document) Document {
	return Document{
		Ref: refOf(d.Ref), Customer: d.Customer, Date: dateOf(d.Date), Due: dateOf(d.Due), Currency: d.Currency, Reference: d.Reference, Note: d.Note,
		Source: refsOf(d.Source), Net: decimalOf(d.Net), VAT: decimalOf(d.VAT), Gross: decimalOf(d.Gross), Paid: decimalOf(d.Paid), State: string(d.State),
		CancelledBy: refsOf(d.CancelledBy),
		Lines: each(d.Lines, func(l erpbridge.DocumentLine) DocumentLine {
			return DocumentLine{
				l.Key, l.Product, l.Name, decimalOf(l.Quantity), l.Unit, decimalOf(l.UnitPrice), decimalOf(l.Discount), l.VATCode, decimalOf(l.VATRate),
				decimalOf(l.Net), decimalOf(l.Delivered), decimalOf(l.Invoiced),
			}
		}),
	}
}

// Conversion is what became of a conversion.
type Conversion struct {
	ID              ID            `json:"id"`
	Kind            string        `json:"kind" enum:"customer,order,delivery,invoice,payment_request,advance_invoice,completion_act,credit,quote"`
	State           string        `json:"state" enum:"done,pending,unknown,failed,undoing,undone,abandoned" doc:"pending: it is on its way to a host that is reached by an API."`
	Reason          string        `json:"reason,omitempty" doc:"Why it is not done."`
	PartyID         ID            `json:"party_id"`
	Customer        *Customer     `json:"customer,omitempty"`
	CreatedCustomer bool          `json:"created_customer,omitempty"`
	Filled          []FilledField `json:"filled,omitempty"`
	Contacts        []HostContact `json:"contacts,omitempty"`
	OpportunityID   ID            `json:"opportunity_id,omitempty"`
	Leads           []ID          `json:"leads,omitempty"`
	Document        *Document     `json:"document,omitempty"`
	Repeated        bool          `json:"repeated,omitempty" doc:"It had been made before."`
}

// FilledField is a field of the host's record that was filled.
type FilledField struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

func conversionOf(r convert.Result) Conversion {
	out := Conversion{
		ID: idOf(r.ID), Kind: string(r.Kind), State: string(r.State), Reason: r.Reason, PartyID: idOf(r.Party), CreatedCustomer: r.CreatedCustomer,
		Filled:   each(r.Filled, func(f erpbridge.FilledField) FilledField { return FilledField(f) }),
		Contacts: each(r.Contacts, contactOf), OpportunityID: idOf(r.Opportunity), Leads: idsOf(r.Leads), Repeated: r.Repeated,
	}
	if r.Customer != nil {
		c := customerOf(*r.Customer)
		out.Customer = &c
	}
	if r.Document != nil {
		d := documentOf(*r.Document)
		out.Document = &d
	}
	return out
}

// LeadConversion is what was decided about a lead. Left empty it makes a new customer with a contact and
// no opportunity.
type LeadConversion struct {
	Customer    CustomerChoice     `json:"customer,omitempty"`
	Contact     ContactChoice      `json:"contact,omitempty"`
	Opportunity *OpportunityChoice `json:"opportunity,omitempty" doc:"None where it is left out."`
	Also        []ID               `json:"also,omitempty" maxItems:"100" doc:"Other leads of the same company, whose people become contacts of the same customer."`
}

// CustomerChoice says which customer the lead becomes.
type CustomerChoice struct {
	Existing  string   `json:"existing,omitempty" maxLength:"80" doc:"The host's key of a customer to link to."`
	Fill      string   `json:"fill,omitempty" enum:"fill_empty" doc:"Fills the empty fields of the existing customer."`
	Completed Customer `json:"completed,omitempty" doc:"Fields that were completed; they count before the lead's own."`
}

// ContactChoice says which contact the person becomes.
type ContactChoice struct {
	Existing string `json:"existing,omitempty" maxLength:"80"`
	Skip     bool   `json:"skip,omitempty" doc:"Makes no contact."`
}

// OpportunityChoice says which opportunity the lead goes into.
type OpportunityChoice struct {
	Existing ID                     `json:"existing,omitempty"`
	Name     string                 `json:"name,omitempty" maxLength:"200" doc:"Of the new one."`
	Goal     string                 `json:"goal,omitempty" maxLength:"20000"`
	Lines    []OpportunityLine      `json:"lines,omitempty" maxItems:"500"`
	Details  *NewOpportunityDetails `json:"details,omitempty"`
}

// NewOpportunityDetails are further fields of an opportunity that is made of a lead.
type NewOpportunityDetails struct {
	PipelineID      ID       `json:"pipeline_id,omitempty"`
	StageID         ID       `json:"stage_id,omitempty"`
	ExpectedRevenue *Decimal `json:"expected_revenue,omitempty"`
	Currency        string   `json:"currency,omitempty" maxLength:"3"`
	ExpectedClose   Date     `json:"expected_close,omitempty"`
	Team            *Team    `json:"team,omitempty"`
}

func (c LeadConversion) choice(n *numbers) convert.LeadChoice {
	out := convert.LeadChoice{
		Customer: convert.CustomerChoice{Existing: c.Customer.Existing, Fill: convert.Fill(c.Customer.Fill), Completed: c.Customer.Completed.customer()},
		Contact:  convert.ContactChoice{Existing: c.Contact.Existing}, Also: keysOf[lead.Tag](c.Also),
	}
	if c.Contact.Skip {
		out.Contact.Skip = convert.SkipContact
	}
	if o := c.Opportunity; o != nil {
		draft := opportunity.Draft{Name: o.Name, Goal: o.Goal, Lines: opportunityLines(n, o.Lines)}
		if d := o.Details; d != nil {
			draft.Pipeline, draft.Stage, draft.Currency = pipelineID(d.PipelineID), stageID(d.StageID), d.Currency
			draft.ExpectedRevenue = optional(n, "opportunity.details.expected_revenue", d.ExpectedRevenue, money.ParseAmount)
			draft.ExpectedClose, draft.Team = day(d.ExpectedClose), d.Team.team(n)
		}
		out.Opportunity = &convert.OpportunityChoice{Existing: opportunityID(o.Existing), Draft: draft}
	}
	return out
}

// LeadPreview is what a conversion would create and match, and what is missing.
type LeadPreview struct {
	Customer Customer          `json:"customer" doc:"What would be created at the host."`
	Contact  *HostContact      `json:"contact,omitempty"`
	Already  *Customer         `json:"already,omitempty" doc:"The customer that the party is linked to."`
	Matches  []MatchedCustomer `json:"matches" doc:"Customers of the host that may be the lead, best first."`
	Missing  []Fault           `json:"missing" doc:"What invoicing needs and nobody knows yet."`
	Others   []ID              `json:"others" doc:"Other open leads of the same company."`
}

// MatchedCustomer is a customer of the host that may be the lead.
type MatchedCustomer struct {
	Customer Customer      `json:"customer"`
	Score    int           `json:"score"`
	Reasons  []MatchReason `json:"reasons"`
}

// DocumentDraft says which document is made from what.
type DocumentDraft struct {
	From    Subject      `json:"from"`
	Lines   []LineChoice `json:"lines,omitempty" maxItems:"1000" doc:"What it takes of the document it follows; everything that remains where they are left out."`
	Options []int        `json:"options,omitempty" maxItems:"1000" doc:"Positions of optional and alternative lines of a quote that the customer takes."`
	Key     string       `json:"key,omitempty" maxLength:"80" doc:"Tells documents with the same content apart."`
	Date    Date         `json:"date,omitempty" doc:"Today where it is left out."`
	Due     Date         `json:"due,omitempty"`
	Note    string       `json:"note,omitempty" maxLength:"1000"`
}

// Subject is what a document is made from.
type Subject struct {
	Kind string `json:"kind" enum:"quote,opportunity,conversion" doc:"conversion: the one that made the order or delivery note which the new document follows."`
	ID   ID     `json:"id"`
}

// LineChoice is a quantity of one line.
type LineChoice struct {
	Line     string  `json:"line" maxLength:"80" doc:"The host's key of the line."`
	Quantity Decimal `json:"quantity"`
}

func (d DocumentDraft) input() (convert.DocumentInput, error) {
	var n numbers
	kind := convert.SubjectKind(d.From.Kind)
	if d.From.Kind == "opportunity" {
		kind = convert.Opportunity
	}
	in := convert.DocumentInput{
		From: convert.Subject{Kind: kind, ID: keyOf[any](d.From.ID)}, Options: d.Options, Key: d.Key, Date: day(d.Date), Due: day(d.Due), Note: d.Note,
	}
	for i, l := range d.Lines {
		in.Lines = append(in.Lines, convert.LineChoice{Line: l.Line, Quantity: number(&n, at("lines", i)+".quantity", l.Quantity, money.ParseQuantity)})
	}
	return in, n.err()
}

func (a *server) conversions() {
	const tag = "Conversion"
	may := rights(actor.Convert)
	add(a, route{ID: "preview-lead-conversion", Method: http.MethodPost, Path: "/leads/{id}/conversion/preview", Tag: tag, Rights: may, Summary: "See what a conversion would create and match, and what is missing", Doc: "Writes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Body CustomerChoice
		}) (*Out[LeadPreview], error) {
			c := in.Body
			p, err := m.Convert.PreviewLead(ctx, leadID(in.ID), convert.CustomerChoice{Existing: c.Existing, Fill: convert.Fill(c.Fill), Completed: c.Completed.customer()})
			return &Out[LeadPreview]{previewOf(callOf(ctx).language(), p)}, err
		})
	add(a, route{ID: "convert-lead", Method: http.MethodPost, Path: "/leads/{id}/conversion", Tag: tag, Rights: may, Summary: "Make a lead a customer of the host", Doc: "Exactly once: the same again gives the first result, whatever the choice says then."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Body LeadConversion
		}) (*Out[Conversion], error) {
			var n numbers
			choice := in.Body.choice(&n)
			if err := n.err(); err != nil {
				return nil, err
			}
			r, err := m.Convert.Lead(ctx, leadID(in.ID), choice)
			return &Out[Conversion]{conversionOf(r)}, err
		})
	for _, d := range []struct {
		id, path, summary string
		do                func(c *convert.Conversions) func(context.Context, convert.DocumentInput) (convert.Result, error)
	}{
		{"make-order", "/orders", "Make an order of the host from a quote or an opportunity", func(c *convert.Conversions) func(context.Context, convert.DocumentInput) (convert.Result, error) {
			return c.Order
		}},
		{"make-delivery", "/deliveries", "Make a delivery note, wholly or in parts", func(c *convert.Conversions) func(context.Context, convert.DocumentInput) (convert.Result, error) {
			return c.Deliver
		}},
		{"make-invoice", "/invoices", "Make an invoice", func(c *convert.Conversions) func(context.Context, convert.DocumentInput) (convert.Result, error) {
			return c.Invoice
		}},
		{"request-payment", "/payment-requests", "Make a payment request, which is no tax document", func(c *convert.Conversions) func(context.Context, convert.DocumentInput) (convert.Result, error) {
			return c.RequestPayment
		}},
		{"make-advance-invoice", "/advance-invoices", "Make the invoice of a payment on account", func(c *convert.Conversions) func(context.Context, convert.DocumentInput) (convert.Result, error) {
			return c.Advance
		}},
		{"make-completion-act", "/completion-acts", "Make the act that is signed when a service is done", func(c *convert.Conversions) func(context.Context, convert.DocumentInput) (convert.Result, error) {
			return c.Complete
		}},
		{"make-credit-note", "/credit-notes", "Make a credit note of a part of an invoice", func(c *convert.Conversions) func(context.Context, convert.DocumentInput) (convert.Result, error) {
			return c.Credit
		}},
	} {
		add(a, route{ID: d.id, Method: http.MethodPost, Path: d.path, Tag: tag, Rights: may, Summary: d.summary, Doc: "Exactly once: the same again gives the first result."},
			func(ctx context.Context, m *crm.Module, in *struct{ Body DocumentDraft }) (*Out[Conversion], error) {
				input, err := in.Body.input()
				if err != nil {
					return nil, err
				}
				r, err := d.do(m.Convert)(ctx, input)
				return &Out[Conversion]{conversionOf(r)}, err
			})
	}
	add(a, route{ID: "get-conversion", Method: http.MethodGet, Path: "/conversions/{id}", Tag: tag, Rights: may, Summary: "Read what became of a conversion"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Out[Conversion], error) {
			r, err := m.Convert.Get(ctx, keyOf[convert.Tag](in.ID))
			return &Out[Conversion]{conversionOf(r)}, err
		})
	add(a, route{ID: "undo-conversion", Method: http.MethodPost, Path: "/conversions/{id}/undo", Tag: tag, Rights: rights(actor.ConvertUndo), Summary: "Take a conversion back by the host's own means", Doc: "Done twice it changes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Body Reason
		}) (*Out[Conversion], error) {
			id := keyOf[convert.Tag](in.ID)
			if err := m.Convert.Undo(ctx, id, in.Body.Reason); err != nil {
				return nil, err
			}
			r, err := m.Convert.Get(ctx, id)
			return &Out[Conversion]{conversionOf(r)}, err
		})
	a.hostCalls(tag)
	a.settlements(tag)
}

func previewOf(lang locale.Language, p convert.LeadPreview) LeadPreview {
	out := LeadPreview{
		Customer: customerOf(p.Customer), Missing: []Fault{}, Others: each(p.Others, func(l lead.Lead) ID { return idOf(l.ID) }),
		Matches: each(p.Matches, func(m convert.Matched) MatchedCustomer {
			return MatchedCustomer{customerOf(m.Customer), m.Match.Score, matchOf(lang, m.Match)}
		}),
	}
	for _, f := range p.Missing {
		out.Missing = append(out.Missing, Fault{f.Path, f.Code, messageIn(lang, f)})
	}
	if p.Contact != nil {
		c := contactOf(*p.Contact)
		out.Contact = &c
	}
	if p.Already != nil {
		c := customerOf(*p.Already)
		out.Already = &c
	}
	return out
}

// HostCall is a conversion, or the undoing of one, on its way to a host that is elsewhere.
type HostCall struct {
	ID           ID        `json:"id"`
	ConversionID ID        `json:"conversion_id"`
	PartyID      ID        `json:"party_id"`
	Operation    string    `json:"operation" enum:"lead,document,undo"`
	State        string    `json:"state" enum:"pending,sending,done,failed,unknown,abandoned"`
	Attempts     int       `json:"attempts"`
	DueAt        time.Time `json:"due_at,omitzero"`
	ReasonCode   string    `json:"reason_code,omitempty" doc:"refused, ours, unreachable, no_answer or by_hand."`
	Reason       string    `json:"reason,omitempty"`
	FinishedAt   time.Time `json:"finished_at,omitzero"`
	CreatedAt    time.Time `json:"created_at"`
}

func hostCallOf(c convert.Call) HostCall {
	return HostCall{
		idOf(c.ID), idOf(c.ConversionID), idOf(c.PartyID), string(c.Operation), string(c.State), c.Attempts, c.DueAt, c.ReasonCode, c.Reason, c.FinishedAt, c.CreatedAt,
	}
}

// HostOutcome is what a person found at the host.
type HostOutcome struct {
	Outcome string `json:"outcome" enum:"made,not_made"`
	Key     string `json:"key,omitempty" maxLength:"80" doc:"The host's key of what was made; needed for made."`
	Number  string `json:"number,omitempty" maxLength:"60"`
	Note    string `json:"note,omitempty" maxLength:"400"`
}

// Abandonment says why a call is given up.
type Abandonment struct {
	Checked bool   `json:"checked,omitempty" doc:"A person looked: the host has nothing of it."`
	Note    string `json:"note,omitempty" maxLength:"400"`
}

// hostCalls adds what is about calls to a host that is elsewhere.
func (a *server) hostCalls(tag string) {
	may := rights(actor.Convert, actor.ConvertUndo)
	add(a, route{ID: "list-host-calls", Method: http.MethodGet, Path: "/host-calls", Tag: tag, Rights: may, Summary: "List the calls to a host that is elsewhere, the newest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			State      []string `query:"state" enum:"pending,sending,done,failed,unknown,abandoned" doc:"Any of them, by comma."`
			Party      ID       `query:"party"`
			Conversion ID       `query:"conversion"`
			Waiting    bool     `query:"waiting" doc:"Those that a person has to deal with."`
		}) (*Listed[HostCall], error) {
			f := convert.CallFilter{States: words[convert.CallState](in.State), Party: partyID(in.Party), Conversion: keyOf[convert.Tag](in.Conversion), Page: in.page()}
			if in.Waiting {
				f.Waiting = convert.WaitingForPerson
			}
			list, err := m.Convert.Calls(ctx, f)
			return listed(callOf(ctx), each(list.Rows, hostCallOf), list.Next), err
		})
	callID := func(id ID) convert.CallID { return keyOf[convert.CallTag](id) }
	add(a, route{ID: "retry-host-call", Method: http.MethodPost, Path: "/host-calls/{id}/retry", Tag: tag, Rights: may, Summary: "Have a call made now"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Out[HostCall], error) {
			c, err := m.Convert.Retry(ctx, callID(in.ID))
			return &Out[HostCall]{hostCallOf(c)}, err
		})
	add(a, route{ID: "resolve-host-call", Method: http.MethodPost, Path: "/host-calls/{id}/resolve", Tag: tag, Rights: may, Summary: "Tell what the host did with a call that has no answer"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Body HostOutcome
		}) (*Out[HostCall], error) {
			b := in.Body
			c, err := m.Convert.Resolve(ctx, callID(in.ID), convert.Resolution{Outcome: convert.Outcome(b.Outcome), Key: b.Key, Number: b.Number, Note: b.Note})
			return &Out[HostCall]{hostCallOf(c)}, err
		})
	add(a, route{ID: "abandon-host-call", Method: http.MethodPost, Path: "/host-calls/{id}/abandon", Tag: tag, Rights: may, Summary: "Give a call up"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Body Abandonment
		}) (*Out[HostCall], error) {
			c, err := m.Convert.Abandon(ctx, callID(in.ID), convert.Abandonment{Checked: in.Body.Checked, Note: in.Body.Note})
			return &Out[HostCall]{hostCallOf(c)}, err
		})
}

// Remaining is a document of the host with what may still follow it.
type Remaining struct {
	Document Document        `json:"document"`
	Lines    []RemainingLine `json:"lines"`
}

// RemainingLine is one line of the document.
type RemainingLine struct {
	Line      string  `json:"line" doc:"The host's key, as a new document takes it."`
	Product   string  `json:"product,omitempty"`
	Name      string  `json:"name"`
	Unit      string  `json:"unit,omitempty"`
	Quantity  Decimal `json:"quantity"`
	Delivered Decimal `json:"delivered"`
	Invoiced  Decimal `json:"invoiced"`
	ToDeliver Decimal `json:"to_deliver"`
	ToInvoice Decimal `json:"to_invoice"`
}

// HostCard is what the host knows of a customer.
type HostCard struct {
	Customer  Customer   `json:"customer"`
	Documents []Document `json:"documents" doc:"The newest of all kinds, without their lines."`
	Open      []OpenItem `json:"open" doc:"What is not paid yet, the oldest due date first."`
	Payments  []Payment  `json:"payments"`
	Balances  []Balance  `json:"balances"`
	Lacks     []string   `json:"lacks" doc:"What this host does not tell: documents, open, payments."`
}

// OpenItem is an amount that is not paid yet.
type OpenItem struct {
	Document Ref     `json:"document"`
	Date     Date    `json:"date,omitempty"`
	Due      Date    `json:"due,omitempty"`
	Currency string  `json:"currency"`
	Amount   Decimal `json:"amount"`
	Open     Decimal `json:"open"`
}

// Payment is money that came in.
type Payment struct {
	Key      string  `json:"key"`
	Date     Date    `json:"date,omitempty"`
	Currency string  `json:"currency"`
	Amount   Decimal `json:"amount"`
	Document Ref     `json:"document"`
}

// Balance is what a customer owes in one currency.
type Balance struct {
	Currency string  `json:"currency"`
	Owed     Decimal `json:"owed"`
	Overdue  Decimal `json:"overdue"`
}

func hostCardOf(c convert.HostCard) HostCard {
	out := HostCard{
		Customer: customerOf(c.Customer), Documents: each(c.Documents, documentOf), Lacks: some(c.Lacks), Balances: []Balance{},
		Open: each(c.Open, func(o erpbridge.OpenItem) OpenItem {
			return OpenItem{refOf(o.Document), dateOf(o.Date), dateOf(o.Due), o.Currency, decimalOf(o.Amount), decimalOf(o.Open)}
		}),
		Payments: each(c.Payments, func(p erpbridge.Payment) Payment {
			return Payment{p.Key, dateOf(p.Date), p.Currency, decimalOf(p.Amount), refOf(p.Document)}
		}),
	}
	for _, currency := range slices.Sorted(maps.Keys(c.Owed)) {
		out.Balances = append(out.Balances, Balance{currency, decimalOf(c.Owed[currency]), decimalOf(c.Overdue[currency])})
	}
	return out
}

// Settlement is a deal from the promise to the payment: gross totals in one currency.
type Settlement struct {
	Currency    string            `json:"currency"`
	Progress    string            `json:"progress,omitempty"`
	Promised    Decimal           `json:"promised"`
	Ordered     Decimal           `json:"ordered"`
	Delivered   Decimal           `json:"delivered"`
	Invoiced    Decimal           `json:"invoiced"`
	Credited    Decimal           `json:"credited"`
	Paid        Decimal           `json:"paid"`
	Open        Decimal           `json:"open"`
	Documents   []SettledDocument `json:"documents"`
	Lines       []SettledLine     `json:"lines"`
	Differences []Difference      `json:"differences" doc:"What does not agree or is still to do."`
}

// SettledDocument is one document of a deal.
type SettledDocument struct {
	ConversionID ID      `json:"conversion_id"`
	Document     Ref     `json:"document"`
	Follows      *Ref    `json:"follows,omitempty"`
	State        string  `json:"state"`
	Total        Decimal `json:"total"`
	Paid         Decimal `json:"paid"`
	Currency     string  `json:"currency"`
}

// SettledLine is one product of a deal with its quantities.
type SettledLine struct {
	Product   string  `json:"product,omitempty"`
	Name      string  `json:"name"`
	Unit      string  `json:"unit,omitempty"`
	Promised  Decimal `json:"promised"`
	Ordered   Decimal `json:"ordered"`
	Delivered Decimal `json:"delivered"`
	Invoiced  Decimal `json:"invoiced"`
}

// Difference is one thing that does not agree, or is still to do.
type Difference struct {
	Code    string  `json:"code" example:"to_deliver"`
	Amount  Decimal `json:"amount"`
	Message string  `json:"message" doc:"In the company's language."`
}

func settlementOf(s convert.Settlement) Settlement {
	return Settlement{
		s.Currency, string(s.Progress), decimalOf(s.Promised), decimalOf(s.Ordered), decimalOf(s.Delivered), decimalOf(s.Invoiced), decimalOf(s.Credited), decimalOf(s.Paid), decimalOf(s.Open),
		each(s.Documents, func(d convert.SettledDocument) SettledDocument {
			return SettledDocument{idOf(d.Conversion), refOf(d.Document), refsOf(d.Follows), string(d.State), decimalOf(d.Total), decimalOf(d.Paid), d.Currency}
		}),
		each(s.Lines, func(l convert.SettledLine) SettledLine {
			return SettledLine{l.Product, l.Name, l.Unit, decimalOf(l.Promised), decimalOf(l.Ordered), decimalOf(l.Delivered), decimalOf(l.Invoiced)}
		}),
		each(s.Differences, func(d convert.Difference) Difference { return Difference{d.Code, decimalOf(d.Amount), d.Message} }),
	}
}

// settlements adds what the host made of it all.
func (a *server) settlements(tag string) {
	may := rights(actor.Convert)
	add(a, route{ID: "get-remaining", Method: http.MethodGet, Path: "/conversions/{id}/remaining", Tag: tag, Rights: may, Summary: "Read a document of the host with what may still be delivered and invoiced"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Out[Remaining], error) {
			r, err := m.Convert.Remaining(ctx, keyOf[convert.Tag](in.ID))
			lines := each(r.Lines, func(l convert.RemainingLine) RemainingLine {
				return RemainingLine{
					l.Line, l.Product, l.Name, l.Unit, decimalOf(l.Quantity), decimalOf(l.Delivered), decimalOf(l.Invoiced), decimalOf(l.ToDeliver), decimalOf(l.ToInvoice),
				}
			})
			return &Out[Remaining]{Remaining{documentOf(r.Document), lines}}, err
		})
	add(a, route{ID: "get-host-card", Method: http.MethodGet, Path: "/parties/{id}/host-card", Tag: tag, Rights: may, Summary: "Read what the host knows of a customer: documents, open items, payments"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Out[HostCard], error) {
			c, err := m.Convert.HostCard(ctx, partyID(in.ID))
			return &Out[HostCard]{hostCardOf(c)}, err
		})
	for _, s := range []struct {
		noun string
		kind convert.SubjectKind
	}{{"quote", convert.Quote}, {"opportunity", convert.Opportunity}} {
		path := map[string]string{"quote": "/quotes/{id}", "opportunity": "/opportunities/{id}"}[s.noun]
		add(a, route{ID: "get-" + s.noun + "-settlement", Method: http.MethodGet, Path: path + "/settlement", Tag: tag, Rights: may, Summary: "Hold what was promised against what the host made and got for it"},
			func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Out[Settlement], error) {
				r, err := m.Convert.Settlement(ctx, convert.Subject{Kind: s.kind, ID: keyOf[any](in.ID)})
				return &Out[Settlement]{settlementOf(r)}, err
			})
	}
}
