package apihost

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Explain says in plain words what a description will send where, for the person who answers for the host.
// It needs no settings and reaches nobody.
func Explain(d *Description) string {
	e := &explanation{d: d}
	e.line(0, "%s is reached at %s.", d.Name, d.Base)
	e.login()
	e.line(0, "Of a conversion's token %s is kept at the host, so that what was made is found again.", e.token())
	if c := d.Company; c != nil {
		e.head("Company")
		e.request(1, "is read by", &c.Get)
	}
	e.customers()
	if c := d.Contacts; c != nil {
		e.head("Contact persons")
		e.request(1, "are listed by", &c.List)
		e.all(1, "A new one is made by", c.Create)
		e.fills(c.Update, c.Write)
		e.all(1, "One is taken back by", c.Remove)
	}
	e.reads()
	for _, kind := range kinds {
		if doc := d.Documents[kind]; doc != nil {
			e.document(string(kind), doc)
		}
	}
	return e.String()
}

type explanation struct {
	strings.Builder
	d *Description
}

func (e *explanation) line(depth int, format string, args ...any) {
	fmt.Fprintf(&e.Builder, strings.Repeat("  ", depth)+format+"\n", args...)
}

func (e *explanation) head(name string) { e.line(0, "\n%s", name) }

func (e *explanation) token() string {
	if n := e.d.Token.Length; n > 0 {
		return fmt.Sprintf("a print of %d capital letters and digits", n)
	}
	return "the whole text"
}

func (e *explanation) login() {
	switch l := e.d.Login; l.Kind {
	case "oauth2":
		e.line(0, "We prove who we are with OAuth2 client credentials from %s.", l.TokenURL)
	case "basic":
		e.line(0, "We prove who we are with the user %s and a password.", l.User)
	case "header":
		e.line(0, "We prove who we are with a key in the header %s.", l.Header)
	case "session":
		e.line(0, "We log in by POST %s and keep the cookie %s; when the session ends we log in once more.", l.Path, l.Cookie)
	default:
		e.line(0, "We do not prove who we are.")
	}
}

func (e *explanation) customers() {
	c := e.d.Customers
	if c == nil {
		return
	}
	e.head("Customers")
	e.request(1, "One is read by", &c.Get)
	e.among("Many are read by", c.Among)
	if c.Match != nil {
		e.request(1, "They are found by "+strings.Join(sortedKeys(c.Match.By), ", ")+" with", &c.Match.List)
	}
	if len(c.Fields.Required) > 0 {
		e.line(1, "Without %s none is made.", strings.Join(c.Fields.Required, ", "))
	}
	if c.Find != nil {
		e.request(1, "Before a new one is made it is looked for by", c.Find)
	}
	e.all(1, "A new one is made by", c.Create)
	e.fills(c.Update, c.Write)
	e.all(1, "One is taken back by", c.Remove)
}

func (e *explanation) fills(update *Request, write map[string]string) {
	if update != nil {
		e.request(1, "What is empty there is filled ("+strings.Join(sortedKeys(write), ", ")+") by", update)
	}
}

func (e *explanation) reads() {
	if p := e.d.Products; p != nil {
		e.head("Products")
		e.request(1, "One is read by", &p.Get)
		e.among("Many are read by", p.Among)
		e.all(1, "They are searched by", p.Search)
	}
	if p := e.d.Prices; p != nil {
		e.head("Prices")
		e.request(1, "are asked by", &p.Get)
	}
	if u := e.d.Users; u != nil {
		e.head("Users")
		e.request(1, "are listed by", &u.List)
	}
}

func (e *explanation) document(kind string, d *Document) {
	e.head("Documents: " + kind)
	e.request(1, "One is read by", &d.Get)
	if d.Find != nil && len(d.Ways) > 0 {
		e.request(1, "Before a new one is made it is looked for by", d.Find)
	}
	if len(d.Ways) == 0 {
		e.line(1, "None is made.")
	}
	for _, w := range d.Ways {
		if w.From == "" {
			e.all(1, "A new one that follows no other is made by", w.Steps)
		} else {
			e.all(1, "A new one that follows a document of the kind "+string(w.From)+" is made by", w.Steps)
		}
		e.all(1, "When the host refuses in the middle, what was begun is taken back by", w.Undo)
	}
	for _, c := range d.Cancel {
		when := "One is cancelled by"
		if c.If != "" {
			when = "Where " + c.If + ", one is cancelled by"
		}
		if c.Refuse != "" {
			e.line(1, "Where %s, cancelling is refused: %s.", c.If, c.Refuse)
			continue
		}
		e.all(1, when, c.Steps)
	}
	e.everyone(d)
}

// everyone tells the lists of all customers.
func (e *explanation) everyone(d *Document) {
	reads := func(sorted bool) {
		if sorted {
			e.line(2, "as far as a page needs it")
		} else {
			e.line(2, "all of it for every page")
		}
	}
	if b := d.Backlog; b != nil {
		e.request(1, "What is still to be delivered to all customers is listed by", &b.List)
		reads(b.Sorted)
	}
	if r := d.Receivables; r != nil {
		e.all(1, "Before what all customers owe is listed we ask by", r.More)
		e.request(1, "What all customers owe is listed by", &r.List)
		reads(r.Sorted)
	}
	if s := d.Settled; s != nil {
		e.among("What they paid is listed by", &s.Payments)
		e.among("The invoices of payments are listed by", s.Invoices)
	}
}

func (e *explanation) among(what string, a *Among) {
	if a != nil {
		e.request(1, what, &a.List)
		e.line(2, "where filter is %s for up to %d of them", a.By, max(1, orElse(a.AtOnce, 20)))
	}
}

func (e *explanation) all(depth int, what string, list []Request) {
	if len(list) == 1 {
		e.request(depth, what, &list[0])
		return
	}
	if len(list) > 1 {
		e.line(depth, "%s:", what)
	}
	for i := range list {
		e.request(depth+1, fmt.Sprintf("%d.", i+1), &list[i])
	}
}

func (e *explanation) request(depth int, what string, r *Request) {
	method := r.Method
	if method == "" {
		method = "GET"
	}
	address := r.Path
	for i, name := range sortedKeys(r.Query) {
		address += string("?&"[min(i, 1)]) + name + "=" + r.Query[name]
	}
	e.line(depth, "%s %s %s", what, method, address)
	depth++
	switch r.Each {
	case "line":
		e.line(depth, "once for every line")
	case "source_line":
		e.line(depth, "once for every line of the document that is followed")
	}
	if r.If != "" {
		e.line(depth, "only where %s", r.If)
	}
	if r.IfMatch != "" && r.IfMatch != "*" {
		e.line(depth, "only if nobody changed it meanwhile")
	}
	if r.Prepares {
		e.line(depth, "which only prepares what follows")
	}
	if r.Idempotency != "" {
		e.line(depth, "with the token in the header %s", r.Idempotency)
	}
	e.body(depth, "", r.Body)
}

// body lists what the fields of a body are set to.
func (e *explanation) body(depth int, prefix string, v any) {
	switch x := v.(type) {
	case nil:
	case map[string]any:
		if _, ok := x["$each"]; ok {
			e.line(depth, "%s for every line:", strings.TrimSuffix(prefix, "."))
			depth++
			prefix = ""
		}
		for _, k := range sortedKeys(x) {
			if !strings.HasPrefix(k, "$") {
				e.body(depth, prefix+k+".", x[k])
			}
		}
	case []any:
		for i, inner := range x {
			e.body(depth, fmt.Sprintf("%s[%d].", strings.TrimSuffix(prefix, "."), i), inner)
		}
	case string:
		source, ok := formulaOf(x)
		switch {
		case ok && prefix == "":
			e.line(depth, "with %s as its body", source)
			return
		case ok:
			e.line(depth, "%s = %s", strings.TrimSuffix(prefix, "."), source)
			return
		}
		e.line(depth, "%s = %q", strings.TrimSuffix(prefix, "."), x)
	default:
		data, err := json.Marshal(x)
		if err != nil {
			data = []byte("?")
		}
		e.line(depth, "%s = %s", strings.TrimSuffix(prefix, "."), data)
	}
}
