package web

import (
	"net/http"
	"net/url"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
)

// convertView is the dialog in which a lead becomes a customer: what will be created, what was matched,
// what is missing.
type convertView struct {
	Lead    lead.Card
	Preview convert.LeadPreview
	Checks  *checklist
	Matches []matchedCustomer
	// Found are customers that were searched for.
	Found  []matchedCustomer
	Others []otherLead
	Form   *input
	Deals  []opportunity.Row
	// First says that nobody has pressed anything yet: what is missing is told, not blamed.
	First  bool
	Chosen string
	CSRF   string
	Path   string
}

// matchedCustomer is a customer of the host that may be the lead, with the reasons in the reader's language.
type matchedCustomer struct {
	erpbridge.Customer
	Score   int
	Reasons []string
	On      bool
	Path    string
}

// otherLead is another lead of the same company, with the name of its person.
type otherLead struct {
	lead.Lead
	Name string
	On   bool
}

func (s *screens) askConvert(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	if !card.Lead.ConversionID.IsZero() { // it was done: the result stands for the dialog
		return v.redirect(v.link("/conversions", card.Lead.ConversionID.String()))
	}
	preview, err := v.module().Convert.PreviewLead(v.ctx(), card.Lead.ID, convert.CustomerChoice{})
	if err != nil {
		return err
	}
	c := preview.Customer
	f := v.blank(
		"existing", "", "fill", "on", "name", c.Name, "tax_id", c.TaxID, "email", c.Email, "phone", party.FormatPhone(c.Phone),
		"line1", c.Address.Line1, "postal_code", c.Address.PostalCode, "city", c.Address.City, "country", party.CountryName(c.Address.Country, v.Locale.Language), "currency", c.Currency,
		"deal", "new", "deal_name", dealName(card), "deal_value", amountText(card.Lead.ExpectedValue), "deal_close", "",
	)
	if len(preview.Matches) > 0 && preview.Matches[0].Match.Score >= party.Certain {
		f.Values.Set("existing", preview.Matches[0].Customer.Key)
	}
	if !v.may("opportunity.write") {
		f.Values.Set("deal", "none")
	}
	return v.drawConvert(http.StatusOK, card, f)
}

// dealName is what an opportunity is called that a lead brings: the first line of what he wants.
func dealName(card lead.Card) string {
	name := firstLine(card.Lead.Interest)
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:80])
	}
	if name == "" {
		name = account(card).DisplayName
	}
	return name
}

// drawConvert draws the dialog. What is missing stands at its field from the first look on.
func (v *visit) drawConvert(status int, card lead.Card, f *input) error {
	d := convertView{Lead: card, Form: f, First: status == http.StatusOK, Chosen: f.text("existing"), CSRF: v.csrf(), Path: v.link("/leads", card.Lead.ID.String())}
	var err error
	if d.Preview, err = v.module().Convert.PreviewLead(v.ctx(), card.Lead.ID, convert.CustomerChoice{Completed: completed(f)}); err != nil {
		return err
	}
	if d.Checks = v.checklist(d.Preview); status == http.StatusOK && d.Preview.Already == nil && d.Chosen == "" && len(d.Preview.Missing) > 0 {
		if err := v.refuse(f, &fault.Error{Code: fault.Invalid, Faults: d.Preview.Missing}); err != nil {
			return err
		}
	}
	d.Matches = v.matched(d.Preview.Matches, d.Chosen)
	if d.Found, err = v.otherCustomers(f, d.Matches); err != nil {
		return err
	}
	if d.Others, err = v.named(d.Preview.Others, f); err != nil {
		return err
	}
	if v.may("opportunity.read") {
		open, err := v.module().Opportunities.List(v.ctx(), opportunity.Filter{Party: d.Preview.Party, States: []opportunity.State{opportunity.Open}, Page: store.Page{Limit: 20}})
		if err != nil && fault.CodeOf(err) != fault.NotFound { // a colleague's company, of whose sales he sees none yet
			return err
		}
		d.Deals = open.Rows
	}
	return v.dialog("lead_convert", status, head{Title: v.t("convert.title"), Section: "leads", Crumbs: []crumb{
		{v.t("menu.leads"), v.link("/leads")}, {card.Party.DisplayName, d.Path},
	}}, d)
}

func (v *visit) matched(found []convert.Matched, chosen string) []matchedCustomer {
	var out []matchedCustomer
	for _, m := range found {
		one := matchedCustomer{Customer: m.Customer, Score: m.Match.Score, On: m.Customer.Key == chosen, Path: v.link("/customers", m.Customer.Key)}
		for _, reason := range m.Match.Reasons {
			one.Reasons = append(one.Reasons, reason.Text(v.Locale.Language))
		}
		out = append(out, one)
	}
	return out
}

// otherCustomers are those that the clerk searched for, and the one he chose, without those that are offered
// already.
func (v *visit) otherCustomers(f *input, offered []matchedCustomer) ([]matchedCustomer, error) {
	shown := map[string]bool{}
	for _, m := range offered {
		shown[m.Key] = true
	}
	var out []matchedCustomer
	add := func(c erpbridge.Customer) {
		if !shown[c.Key] {
			shown[c.Key] = true
			out = append(out, matchedCustomer{Customer: c, On: c.Key == f.text("existing"), Path: v.link("/customers", c.Key)})
		}
	}
	if chosen := f.text("existing"); chosen != "" && !shown[chosen] {
		c, err := v.module().Customer(v.ctx(), chosen)
		if err == nil {
			add(c)
		} else if fault.CodeOf(err) != fault.NotFound {
			return nil, err
		}
	}
	if text := f.text("search"); text != "" {
		found, err := v.module().Customers(v.ctx(), text, "", cardRows)
		if err != nil && fault.CodeOf(err) != fault.NotFound {
			return nil, err
		}
		for _, c := range found {
			add(c)
		}
	}
	return out, nil
}

// named gives leads with the names of their people.
func (v *visit) named(leads []lead.Lead, f *input) ([]otherLead, error) {
	ids := make([]party.ID, len(leads))
	for i, l := range leads {
		ids[i] = l.PartyID
	}
	people, err := v.module().Parties.GetMany(v.ctx(), ids)
	on := map[string]bool{}
	for _, text := range f.Values["also"] {
		on[text] = true
	}
	out := make([]otherLead, len(leads))
	for i, l := range leads {
		out[i] = otherLead{l, people[l.PartyID].DisplayName, on[l.ID.String()]}
	}
	return out, err
}

// completed is what the clerk typed into the dialog.
func completed(f *input) erpbridge.Customer {
	return erpbridge.Customer{
		Name: f.text("name"), TaxID: f.text("tax_id"), Email: f.text("email"), Phone: f.text("phone"), Currency: f.text("currency"),
		Address: erpbridge.Address{Line1: f.text("line1"), PostalCode: f.text("postal_code"), City: f.text("city"), Country: party.CountryOf(f.text("country"))},
	}
}

func (s *screens) convertLead(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	f := v.posted()
	if f.text("find") != "" || f.text("check") != "" { // the buttons that look without doing
		return v.drawConvert(http.StatusOK, card, f)
	}
	choice, err := v.leadChoice(f)
	if err != nil {
		return err
	}
	if f.bad() {
		return v.drawConvert(http.StatusUnprocessableEntity, card, f)
	}
	done, err := v.module().Convert.Lead(v.ctx(), card.Lead.ID, choice)
	if fault.CodeOf(err) == fault.NotFound && choice.Customer.Existing != "" {
		f.wrong("existing", "convert.gone")
		return v.drawConvert(http.StatusUnprocessableEntity, card, f)
	}
	if err != nil {
		if err := v.refuse(f, renamed(err, convertNames)); err != nil {
			return err
		}
		return v.drawConvert(http.StatusUnprocessableEntity, card, f)
	}
	v.module().Wake()
	return v.redirect(v.link("/conversions", done.ID.String()))
}

// convertNames are the dialog's names for what conversions call otherwise.
var convertNames = map[string]string{
	"opportunity.name": "deal_name", "opportunity.draft.name": "deal_name", "opportunity.expected_revenue": "deal_value", "opportunity.expected_close": "deal_close",
	"opportunity.draft.expected_revenue": "deal_value", "opportunity.draft.expected_close": "deal_close", "customer.existing": "existing",
}

// leadChoice is what the clerk decided.
func (v *visit) leadChoice(f *input) (convert.LeadChoice, error) {
	choice := convert.LeadChoice{Customer: convert.CustomerChoice{Existing: f.text("existing")}}
	if choice.Customer.Existing == "" || f.on("fill") {
		choice.Customer.Completed = completed(f)
	}
	if choice.Customer.Existing != "" && f.on("fill") {
		choice.Customer.Fill = convert.FillEmpty
	}
	for _, text := range f.Values["also"] {
		also, err := store.ParseKey[lead.Tag](text)
		if err != nil {
			return choice, errNoPage
		}
		choice.Also = append(choice.Also, also)
	}
	switch deal := f.text("deal"); deal {
	case "none", "":
	case "new":
		choice.Opportunity = &convert.OpportunityChoice{Draft: opportunity.Draft{
			Name: f.text("deal_name"), ExpectedRevenue: f.amount("deal_value"), ExpectedClose: f.day("deal_close"),
		}}
	default:
		existing, err := store.ParseKey[opportunity.Tag](deal)
		if err != nil {
			return choice, errNoPage
		}
		choice.Opportunity = &convert.OpportunityChoice{Existing: existing}
	}
	return choice, nil
}

// conversionView is what became of a conversion.
type conversionView struct {
	convert.Result
	// Customer's page is ours, Host the host's own.
	CustomerPath, HostPath string
	Contacts               []hostRecord
	DealPath, DealName     string
	Leads                  []otherLead
	DocumentPath           string
	Undo, Here             string
	Waiting                bool
}

func (s *screens) showConversion(v *visit) error {
	id, err := key[convert.Tag](v, "id")
	if err != nil {
		return err
	}
	made, err := v.module().Convert.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	d := conversionView{Result: made, Here: v.here(), Waiting: made.State != convert.Done && made.State != convert.Undone}
	title := v.t("convert.result")
	if made.Customer != nil {
		title = made.Customer.Name
		d.CustomerPath, d.HostPath = v.link("/customers", made.Customer.Key), hostLink(s.config.Links, "customer", made.Customer.Key)
	}
	for _, c := range made.Contacts {
		d.Contacts = append(d.Contacts, hostRecord{Name: c.Name, Path: hostLink(s.config.Links, "contact", c.Key)})
	}
	if !made.Opportunity.IsZero() {
		d.DealPath = v.link("/opportunities", made.Opportunity.String())
		if v.may("opportunity.read") {
			card, err := v.module().Opportunities.Get(v.ctx(), opportunity.ID(made.Opportunity))
			if err != nil && fault.CodeOf(err) != fault.NotFound {
				return err
			}
			d.DealName = card.Name
		}
	}
	if made.Document != nil {
		d.DocumentPath = s.documentLink(made.Document.Ref)
	}
	for _, l := range made.Leads {
		row, err := v.module().Leads.Row(v.ctx(), lead.ID(l))
		if err != nil {
			if fault.CodeOf(err) == fault.NotFound {
				continue
			}
			return err
		}
		d.Leads = append(d.Leads, otherLead{row.Lead, row.Name, false})
	}
	if v.may("convert.undo") && made.State == convert.Done {
		d.Undo = v.link("/conversions", made.ID.String(), "undo") + "?next=" + url.QueryEscape(v.here())
	}
	return v.show(http.StatusOK, "conversion", head{Title: title, Section: "leads", Crumbs: []crumb{{v.t("menu.leads"), v.link("/leads")}}}, d)
}
