package web

import (
	"bytes"
	"html/template"
	"net/url"
	"strconv"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
)

// cellPen draws the fields of a list's lines. There are hundreds on a page, and a template takes most of the
// page's time to look up what they show; so here they are written directly, and what repeats, once.
type cellPen struct {
	v *visit
	// parts are templates that were drawn already, by their name and what they were drawn of.
	parts map[[2]string]template.HTML
	icon  template.HTML
	edit  string
}

func (v *visit) cellPen() *cellPen {
	return &cellPen{v: v, parts: map[[2]string]template.HTML{}, icon: v.s.icon("pencil"), edit: v.t("button.edit")}
}

var escape = template.HTMLEscapeString

// part is a template of all pages, drawn of one text.
func (p *cellPen) part(name, text string, data any) (template.HTML, error) {
	if known, ok := p.parts[[2]string{name, text}]; ok {
		return known, nil
	}
	t, err := p.v.s.pages.in(p.v.Locale, "lead_list")
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = t.ExecuteTemplate(&out, name, data)
	drawn := template.HTML(out.String()) //nolint:gosec // our own template escaped it
	p.parts[[2]string{name, text}] = drawn
	return drawn, err
}

// value draws what a column shows of a line.
func (p *cellPen) value(r *leadRow, column string) (template.HTML, error) {
	var out string
	switch column {
	case "status":
		return p.part("dot", string(r.Status), map[string]any{"Kind": statusDot(r.Status), "Text": p.v.t("lead.status." + string(r.Status))})
	case "owner":
		return p.part("owner", r.Owner, r.Owner)
	case "company":
		if r.Organization != r.Name {
			out = `<span title="` + escape(r.Organization) + `"><bdi>` + escape(r.Organization) + `</bdi></span>`
		}
	case "value":
		if !r.ExpectedValue.IsZero() {
			out = escape(p.v.Locale.Language.Money(r.ExpectedValue, r.Currency))
		}
	case "source":
		out = `<bdi title="` + escape(r.From) + `">` + escape(r.From) + `</bdi>`
	case "age":
		return p.v.s.agoTag(p.v.Locale, r.ArrivedAt), nil
	case "interest":
		out = `<bdi title="` + escape(r.Interest) + `">` + escape(r.Interest) + `</bdi>`
	case "email":
		out = `<a href="mailto:` + escape(url.PathEscape(r.Email)) + `" dir="ltr">` + escape(r.Email) + `</a>`
	case "phone":
		if number := reachOfRow(r.Row); number != "" {
			out = `<a href="tel:` + escape(number) + `" dir="ltr">` + escape(party.FormatPhone(number)) + `</a>`
		}
	case "city":
		out = `<bdi>` + escape(r.City) + `</bdi>`
	case "campaign":
		out = `<bdi>` + escape(r.Campaign) + `</bdi>`
	case "score":
		out = strconv.Itoa(r.Score)
	}
	return template.HTML(out), nil //nolint:gosec // escaped
}

// pencil leads to where a field is changed.
func (p *cellPen) pencil(r *leadRow, column string) template.HTML {
	label := p.edit + ": " + p.v.t("leads.column."+column) + ", " + r.Name
	return template.HTML(`<a class="icon-button pencil" data-edit href="`+escape(r.Path)+`/edit" hx-get="`+escape(r.Path)+`/cell/`+column+ //nolint:gosec // escaped
		`" hx-target="closest td" hx-swap="innerHTML" aria-label="`+escape(label)+`" tabindex="-1">`) + p.icon + "</a>"
}

// reachOfRow is what a phone's list calls with one press.
func reachOfRow(r lead.Row) string {
	if r.Mobile != "" {
		return r.Mobile
	}
	return r.Phone
}
