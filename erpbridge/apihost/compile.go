package apihost

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// program is a compiled description.
type program struct {
	spec      *Description
	tolerance money.Amount
	items     path
	next      path
	etag      path
	message   path
	code      path
	line      *regexp.Regexp
	login     node

	company   *companyPlan
	customers *customerPlan
	contacts  *contactPlan
	products  *productPlan
	prices    *pricePlan
	users     *userPlan
	documents map[erpbridge.Kind]*documentPlan
}

type (
	companyPlan struct {
		get  *call
		read reader
	}
	customerPlan struct {
		get, find, update *call
		create, remove    []*call
		search            []*call
		list              *call
		by                map[string]template
		among             *amongPlan
		read              reader
		write             []writeField
	}
	contactPlan struct {
		list, update   *call
		create, remove []*call
		items, token   path
		read           reader
		write          []writeField
	}
	productPlan struct {
		get, groups, vat         *call
		search                   []*call
		among                    *amongPlan
		read, groupRead, vatRead reader
	}
	pricePlan struct {
		get  *call
		more []*call
		read reader
	}
	userPlan struct {
		list *call
		read reader
	}
	documentPlan struct {
		spec                     *Document
		get, find, history, open *call
		more                     []*call
		ways                     []wayPlan
		cancel                   []cancelPlan
		lines                    path
		read, lineRead, openRead reader
		backlog                  *call
		owed                     *owedPlan
		settled                  *settledPlan
	}
	// amongPlan is a compiled [Among].
	amongPlan struct {
		list   *call
		by     template
		or     string
		atOnce int
	}
	owedPlan struct {
		list *call
		more []*call
	}
	settledPlan struct {
		payments, invoices *amongPlan
		items              path
		where              map[string]string
		read               reader
	}
	wayPlan struct {
		from        erpbridge.Kind
		steps, undo []*call
	}
	cancelPlan struct {
		when  *formula.Program
		spec  *Cancel
		steps []*call
	}
	// writeField says how FillEmpty writes a field.
	writeField struct {
		name  string
		path  path
		value *formula.Program
	}
)

// baseEnv are the variables that every formula of a description sees.
func baseEnv() *formula.Env {
	return formula.NewEnv().With(
		formula.Field{Name: "session", Kind: formula.Record, Doc: "who asks", Fields: []formula.Field{
			{Name: "company", Kind: formula.Text, Doc: "the host's key of the company"},
			{Name: "user", Kind: formula.Text, Doc: "the host's key of the acting user"},
			{Name: "today", Kind: formula.Date, Doc: "the business date"},
			{Name: "now", Kind: formula.Moment, Doc: "the instant, UTC"},
		}},
		text1("token", "what the host keeps of the conversion's token"),
	)
}

func text1(name, doc string) formula.Field {
	return formula.Field{Name: name, Kind: formula.Text, Doc: doc}
}

func openRecord(name, doc string) formula.Field {
	return formula.Field{Name: name, Kind: formula.Record, Open: true, Doc: doc}
}

func recordOf[T any](name, doc string, columns []column[T]) formula.Field {
	return formula.Field{Name: name, Kind: formula.Record, Doc: doc, Fields: fieldsOf(columns)}
}

// answerEnv is what readings see: the answer and who asks.
func answerEnv(base *formula.Env) *formula.Env {
	return base.With(openRecord("answer", "the record in the host's answer"))
}

// compile checks a description and makes it executable; everything that is wrong is named at once.
func compile(d *Description) (*program, error) {
	c := &compiler{odata: d.Values == "odata", tokenless: d.Token.None, base: baseEnv(), settings: d.Settings}
	p := &program{spec: d, documents: map[erpbridge.Kind]*documentPlan{}}
	c.head(d, p)
	c.login(d, p)
	if d.Company != nil {
		p.company = &companyPlan{get: c.call("company.get", &d.Company.Get, c.base), read: reading(c, "company.read", d.Company.Read, nil, companyColumns, answerEnv(c.base))}
		c.need("company.read", d.Company.Read, "name")
	}
	c.customers(d, p)
	c.contacts(d, p)
	c.products(d, p)
	if d.Users != nil {
		p.users = &userPlan{list: c.call("users.list", &d.Users.List, c.base), read: reading(c, "users.read", d.Users.Read, nil, userColumns, answerEnv(c.base))}
		c.need("users.read", d.Users.Read, "id", "name")
	}
	for _, kind := range slices.Sorted(maps.Keys(d.Documents)) {
		c.document(kind, d.Documents[kind], p)
	}
	c.joined(d)
	if err := c.faults.Err("the description of %s is not right", d.Name); err != nil {
		return nil, err
	}
	return p, nil
}

func (c *compiler) head(d *Description, p *program) {
	if d.Version != 1 {
		c.add("version", "version", "is %d; this release reads version 1", d.Version)
	}
	c.faults.Required("name", d.Name)
	c.faults.Required("base", d.Base)
	c.references("base", d.Base)
	if u, err := url.Parse(reference.ReplaceAllString(strings.Replace(d.Base, "${", "https://${", whereSettingLeads(d.Base)), "x")); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.User != nil {
		c.add("base", "url", "%q is no address like https://erp.example.com/api", d.Base)
	}
	if d.Values != "odata" && d.Values != "plain" {
		c.add("values", "values", "is %q; it has to be odata or plain", d.Values)
	}
	if d.Tolerance != "" {
		t, err := money.ParseAmount(d.Tolerance)
		if err != nil || t.IsNegative() {
			c.add("tolerance", "number", "%q is no amount from 0 up", d.Tolerance)
		}
		p.tolerance = t
	}
	for _, name := range sortedKeys(d.Headers) {
		c.references("headers."+name, d.Headers[name])
	}
	if l := d.Token.Length; l != 0 && (l < 12 || l > 52) {
		c.add("token.length", "range", "is %d; 12 to 52 signs keep tokens apart, 0 keeps them as they are", l)
	}
	if l := d.Limits; l.AnswerBytes < 0 || l.Seconds < 0 || l.PerSecond < 0 || l.Burst < 0 || l.Pages < 0 {
		c.add("limits", "range", "a limit is negative")
	}
	p.items, p.next, p.etag = c.path("paging.items", d.Paging.Items), c.path("paging.next", d.Paging.Next), c.path("etag", d.ETag)
	p.message, p.code = c.path("errors.message", d.Errors.Message), c.path("errors.code", d.Errors.Code)
	if d.Errors.Line != "" {
		re, err := regexp.Compile(d.Errors.Line)
		if err != nil || re.NumSubexp() != 1 {
			c.add("errors.line", "regexp", "%q is no regular expression with one group", d.Errors.Line)
		}
		p.line = re
	}
	for i, r := range d.Errors.Rules {
		if !slices.Contains([]string{refused, later, unknown, missing, changed, exists, relogin}, r.Means) {
			c.add(ruleAt(i)+".means", "means", "is %q; it has to be refused, later, unknown, missing, changed, exists or login", r.Means)
		}
		if r.Status == 0 && r.Code == "" && r.Message == "" {
			c.add(ruleAt(i), "rule", "has no sign; give a status, a code or a message")
		}
	}
}

func (c *compiler) login(d *Description, p *program) {
	l := d.Login
	required := map[string][]string{
		"oauth2": {"token_url", "client_id", "client_secret"}, "basic": {"user", "password"}, "header": {"header", "key"}, "session": {"path", "cookie"}, "none": {},
	}
	names, ok := required[l.Kind]
	if !ok {
		c.add("login.kind", "login", "is %q; it has to be oauth2, basic, header, session or none", l.Kind)
	}
	given := map[string]string{
		"token_url": l.TokenURL, "client_id": l.ClientID, "client_secret": l.ClientSecret, "user": l.User, "password": l.Password,
		"header": l.Header, "key": l.Key, "path": l.Path, "cookie": l.Cookie,
	}
	for _, n := range names {
		c.faults.Required("login."+n, given[n])
	}
	for _, n := range sortedKeys(given) {
		c.references("login."+n, given[n])
	}
	for _, n := range []string{"client_secret", "password", "key"} {
		if v := given[n]; v != "" && !reference.MatchString(v) {
			c.add("login."+n, "secret", "is written into the description; write ${NAME} and give its value by Options.Secret")
		}
	}
	if l.Body == nil {
		return
	}
	for k, v := range l.Body {
		if s, ok := v.(string); ok {
			c.references("login.body."+k, s)
		}
	}
	body, err := parseBody(l.Body, func(source string, want formula.Kind, _ bool) *formula.Program {
		return c.formula("login.body", source, want, c.base)
	}, false)
	if err != nil {
		c.add("login.body", "body", "%v", err)
	}
	p.login = body
}

// whereSettingLeads is 1 for a base that begins with a setting, which holds the scheme then.
func whereSettingLeads(base string) int {
	if strings.HasPrefix(base, "${") {
		return 1
	}
	return 0
}

func ruleAt(i int) string { return "errors.rules[" + text(int64(i)) + "]" }

func (c *compiler) writes(at string, write, formulas map[string]string, known []string, env *formula.Env) []writeField {
	var out []writeField
	for _, name := range sortedKeys(formulas) {
		if write[name] == "" {
			c.add(at+".values_of."+name, "field", "is not among write")
		}
	}
	for _, name := range sortedKeys(write) {
		if !slices.Contains(known, name) {
			c.add(at+".write."+name, "field", "there is no field %q; the fields are %s", name, strings.Join(known, ", "))
			continue
		}
		f := writeField{name: name, path: c.path(at+".write."+name, write[name])}
		if source := formulas[name]; source != "" {
			f.value = c.formula(at+".values_of."+name, strings.TrimPrefix(source, "="), formula.Any, env)
		}
		out = append(out, f)
	}
	return out
}

func (c *compiler) customers(d *Description, p *program) {
	s := d.Customers
	if s == nil {
		c.add("customers", "required", "is missing; nothing can be converted without customers")
		return
	}
	c.need("customers.read", s.Read, "key", "name")
	env := c.base.With(recordOf("customer", "the draft, or the key of the customer", customerColumns), openRecord("found", "the customer as the host has it"))
	c.translation("customers", s.Translate, namesOf(customerColumns)...)
	plan := &customerPlan{get: c.call("customers.get", &s.Get, env), read: reading(c, "customers.read", s.Read, s.Translate, customerColumns, answerEnv(c.base))}
	if len(s.Create) == 0 {
		c.add("customers.create", "required", "is missing; a lead could not become a customer")
	}
	plan.create, _ = c.calls("customers.create", s.Create, env)
	if s.Find != nil {
		plan.find = c.call("customers.find", s.Find, c.base)
	} else if !d.Token.None && !repeatable(plan.create) {
		c.add("customers.find", "token", tokenless, "customer")
	}
	if s.Update != nil {
		plan.update = c.call("customers.update", s.Update, env.With(formula.Field{Name: "changes", Kind: formula.Record, Open: true, Doc: "the fields to write"}))
		plan.write = c.writes("customers", s.Write, s.Values, namesOf(customerColumns), env)
	}
	plan.remove, _ = c.calls("customers.remove", s.Remove, env)
	plan.among = c.among("customers.among", s.Among, c.base)
	searchEnv := c.base.With(text1("text", "what a person looks for"), formula.Field{Name: "limit", Kind: formula.Whole, Doc: "how many at most"})
	plan.search, _ = c.calls("customers.search", s.Search, searchEnv)
	if s.Match != nil {
		plan.list = c.call("customers.match.list", &s.Match.List, c.base)
		plan.by = map[string]template{}
		for _, name := range sortedKeys(s.Match.By) {
			if !slices.Contains([]string{"email", "phone", "tax_id", "name"}, name) {
				c.add("customers.match.by."+name, "field", "customers are found by email, phone, tax_id and name")
			}
			plan.by[name] = c.template("customers.match.by."+name, s.Match.By[name], inCondition, c.base.With(text1("value", "what is looked for"), text1("national", "a tax number without the letters of its country")))
		}
	}
	c.fields("customers.fields", s.Fields, namesOf(customerColumns), nil)
	p.customers = plan
}

// tokenless is what a description without a way to find what was made is told.
const tokenless = "is missing, and not every request has an idempotency header: after a time-out nobody could tell whether the %s was made; " +
	"name the field that keeps the token, or write token: {none: true}"

// repeatable reports whether the API itself answers each of the requests once for a token.
func repeatable(calls []*call) bool {
	return !slices.ContainsFunc(calls, func(q *call) bool { return q.makes() && !q.repeatable() })
}

func (c *compiler) contacts(d *Description, p *program) {
	s := d.Contacts
	if s == nil {
		return
	}
	c.need("contacts.read", s.Read, "key", "name")
	env := c.base.With(recordOf("contact", "the draft, or the key of the contact", contactColumns))
	c.translation("contacts", s.Translate, namesOf(contactColumns)...)
	plan := &contactPlan{
		list: c.call("contacts.list", &s.List, c.base.With(recordOf("customer", "the customer's key", customerColumns))),
		read: reading(c, "contacts.read", s.Read, s.Translate, contactColumns, answerEnv(c.base)), token: c.path("contacts.token", s.Token),
	}
	items := s.Items
	if items == "" {
		items = d.Paging.Items
	}
	plan.items = c.path("contacts.items", items)
	plan.create, _ = c.calls("contacts.create", s.Create, env)
	plan.remove, _ = c.calls("contacts.remove", s.Remove, env)
	if s.Token == "" && !d.Token.None && !repeatable(plan.create) {
		c.add("contacts.token", "token", tokenless, "contact")
	}
	if s.Update != nil {
		plan.update = c.call("contacts.update", s.Update, env.With(formula.Field{Name: "changes", Kind: formula.Record, Open: true, Doc: "the fields to write"}))
		plan.write = c.writes("contacts", s.Write, s.Values, namesOf(contactColumns), env)
	}
	c.fields("contacts.fields", s.Fields, namesOf(contactColumns), nil)
	p.contacts = plan
}

func (c *compiler) products(d *Description, p *program) {
	if s := d.Products; s != nil {
		c.need("products.read", s.Read, "key", "code", "name")
		c.translation("products", s.Translate, namesOf(productColumns)...)
		plan := &productPlan{
			get:  c.call("products.get", &s.Get, c.base.With(recordOf("product", "the key of the product", productColumns))),
			read: reading(c, "products.read", s.Read, s.Translate, productColumns, answerEnv(c.base)),
		}
		plan.search, _ = c.calls("products.search", s.Search, c.base.With(text1("text", "what a person looks for"), formula.Field{Name: "limit", Kind: formula.Whole, Doc: "how many at most"}))
		if s.Groups != nil {
			plan.groups = c.call("products.groups", s.Groups, c.base)
			plan.groupRead = reading(c, "products.group_read", s.GroupRead, nil, groupColumns, answerEnv(c.base))
			c.need("products.group_read", s.GroupRead, "key", "name")
		}
		if s.VAT != nil {
			plan.vat = c.call("products.vat", s.VAT, c.base)
			plan.vatRead = reading(c, "products.vat_read", s.VATRead, nil, vatColumns, answerEnv(c.base))
			c.need("products.vat_read", s.VATRead, "code")
		}
		plan.among = c.among("products.among", s.Among, c.base)
		p.products = plan
	}
	if s := d.Prices; s != nil {
		question := formula.Field{Name: "question", Kind: formula.Record, Doc: "which price", Fields: []formula.Field{
			text1("product", "key of the product"), text1("customer", "key of the customer, empty for a lead"), text1("currency", "currency, ISO 4217"),
			{Name: "quantity", Kind: formula.Number, Doc: "quantity"}, {Name: "date", Kind: formula.Date, Doc: "date"},
		}}
		plan := &pricePlan{}
		var env *formula.Env
		plan.more, env = c.calls("prices.more", s.More, c.base.With(question))
		plan.get = c.call("prices.get", &s.Get, env)
		plan.read = reading(c, "prices.read", s.Read, nil, priceColumns, answerEnv(env))
		p.prices = plan
		c.need("prices.read", s.Read, "unit")
	}
}
