package web

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/quote"
)

// quoteView is a quote as its page shows it.
type quoteView struct {
	Language  locale.Language
	Direction string
	Style     template.CSS
	Title     string
	// Alone is all that a page without a quote says.
	Alone  *noticeView
	Notice *noticeView
	// Standing says where the quote stands, where it cannot be answered any more.
	Standing *noticeView
	// NewerURL leads to a newer version.
	NewerURL string

	Base, LogoURL   string
	Document        quote.Document
	Number          string
	Issued, Valid   string
	Lines           []quoteLineView
	Sums            []quoteSumView
	Total           string
	Files           []quoteFileView
	Choices         []quoteChoice
	Discounts, Open bool
	// Asking says that questions can be asked.
	Asking bool

	Token    string
	Entry    quoteEntry
	Confirm  bool
	Taken    []quoteLineView
	NewTotal string
	NewNet   string
}

type quoteLineView struct {
	Number, Name, Code, Description string
	Quantity, Price, Discount, Net  string
	// Mark says that the line is optional or an alternative.
	Mark             string
	Heading, Comment bool
	// Out says that it does not count in the total.
	Out bool
}

type quoteSumView struct{ Label, Amount string }

type quoteFileView struct{ Name, URL, Size string }

// quoteChoice is something that the reader can take: one line, or one of several.
type quoteChoice struct {
	// Name is that of the field; a choice of one line is a box, of several lines a set of radio buttons.
	Name    string
	Group   bool
	Legend  string
	Options []quoteOption
}

type quoteOption struct {
	Value, Text, Amount string
	Chosen              bool
}

// T gives a text of the page.
func (q *quoteView) T(key string, args ...any) string { return q.t(key, args...) }

func (q *quoteView) t(key string, args ...any) string { return quoteTexts.T(q.Language, key, args...) }

// view is the page of a quote with nothing typed.
func (v *quoteVisit) view(o quote.Opened) *quoteView {
	l, d := o.Language, o.Document
	q := &quoteView{
		Language: l, Direction: quoteDirection(l), Style: publicStyle(o.Accent, o.OnAccent, formCSS, quotePageCSS), Base: v.token, Document: d, Number: d.Number,
		Issued: l.Date(d.IssuedOn), Valid: l.Date(d.ValidUntil), Total: l.Money(d.Totals.Gross, d.Currency), Open: o.State == quote.Issued,
		Token: v.gate.issue(v.formKey(), v.now),
	}
	q.Asking = q.Open || o.State == quote.Expired
	q.Title = q.t("quote", d.Number)
	if quotePicture(o.Logo) != "" {
		q.LogoURL = v.token + "/logo"
	}
	q.standing(o)
	q.Lines = q.lines(d.Lines)
	for _, line := range q.Lines {
		q.Discounts = q.Discounts || line.Discount != ""
	}
	q.sums(d.Totals)
	q.Files = append(q.Files, quoteFileView{Name: o.File, URL: v.token + "/pdf"})
	for i, a := range o.Annexes {
		q.Files = append(q.Files, quoteFileView{Name: a.Name, URL: v.token + "/file/" + strconv.Itoa(i+1), Size: quoteFileSize(a.Size)})
	}
	if q.Open {
		q.choices(d)
	}
	return q
}

// standing says why a quote cannot be answered (any more), or that it was.
func (q *quoteView) standing(o quote.Opened) {
	at := locale.Locale{Language: o.Language, Zone: o.Zone}.DateTime(o.Decision.At)
	switch o.State {
	case quote.Accepted:
		q.Standing = &noticeView{Kind: "good", Title: q.t("accepted_title"), Text: q.t("accepted", o.Decision.By, at)}
	case quote.Declined:
		q.Standing = &noticeView{Kind: "still", Title: q.t("declined_title"), Text: q.t("declined", o.Decision.By, at)}
	case quote.Expired:
		q.Standing = &noticeView{Kind: "watch", Title: q.t("expired_title"), Text: q.t("expired", q.Valid)}
	case quote.Superseded:
		q.Standing = &noticeView{Kind: "watch", Title: q.t("superseded_title"), Text: q.t("superseded")}
		q.NewerURL = o.Newer
	case quote.Withdrawn:
		q.Standing = &noticeView{Kind: "watch", Title: q.t("withdrawn_title"), Text: q.t("withdrawn")}
	}
}

func (q *quoteView) lines(lines []quote.DocumentLine) []quoteLineView {
	l, currency := q.Language, q.Document.Currency
	seen := map[string]bool{}
	out := make([]quoteLineView, len(lines))
	for i, d := range lines {
		v := quoteLineView{Number: d.Number, Name: d.Name, Code: d.Code, Description: d.Description, Heading: d.Kind == quote.Heading, Comment: d.Kind == quote.Text}
		if d.Kind.Priced() {
			v.Quantity = l.Quantity(d.Quantity.Decimal)
			if d.Unit != "" {
				v.Quantity += "\u00a0" + d.Unit
			}
			v.Price, v.Net = l.UnitPrice(d.UnitPrice, currency), l.Money(d.Net, currency)
			if !d.Discount.IsZero() {
				v.Discount = l.Percent(d.Discount)
			}
			group := d.AlternativeGroup
			switch {
			case group != "" && (d.Kind == quote.Optional || seen[group]):
				v.Mark, v.Out = q.t("alternative"), true
			case group != "":
				v.Mark = q.t("alternative")
			case d.Kind == quote.Optional:
				v.Mark, v.Out = q.t("optional_item"), true
			}
			seen[group] = true
		}
		out[i] = v
	}
	return out
}

func (q *quoteView) sums(t quote.Totals) {
	l, currency := q.Language, q.Document.Currency
	q.Sums = append(q.Sums, quoteSumView{q.t("net"), l.Money(t.Net, currency)})
	for _, r := range t.ByRate {
		q.Sums = append(q.Sums, quoteSumView{q.t("vat") + " " + l.Percent(r.Rate), l.Money(r.VAT, currency)})
	}
}

// choices are what the reader can take besides; of the lines of an item's group the first is the proposal.
func (q *quoteView) choices(d quote.Document) {
	l := q.Language
	groups := map[string]int{}
	for _, line := range d.Lines {
		if !line.Kind.Priced() {
			continue
		}
		option := quoteOption{Value: strconv.Itoa(line.Position), Text: strings.TrimSpace(line.Number + " " + line.Name), Amount: l.Money(line.Net, d.Currency)}
		group := line.AlternativeGroup
		switch {
		case group == "" && line.Kind == quote.Optional:
			q.Choices = append(q.Choices, quoteChoice{Name: "option", Options: []quoteOption{option}})
		case group == "":
		default:
			at, ok := groups[group]
			if !ok {
				at = len(q.Choices)
				groups[group] = at
				c := quoteChoice{Name: "group-" + strconv.Itoa(at), Group: true, Legend: q.t("choose")}
				if line.Kind == quote.Optional {
					c.Options = append(c.Options, quoteOption{Text: q.t("none"), Chosen: true})
				}
				q.Choices = append(q.Choices, c)
			}
			option.Chosen = len(q.Choices[at].Options) == 0
			q.Choices[at].Options = append(q.Choices[at].Options, option)
		}
	}
}

// fill puts what was typed and chosen into the page.
func (q *quoteView) fill(e quoteEntry) {
	q.Entry, q.Token = e, e.Token
	for i := range q.Choices {
		c := &q.Choices[i]
		taken := false
		for k := range c.Options {
			n, _ := strconv.Atoi(c.Options[k].Value)
			if slices.Contains(e.Options, n) {
				taken, c.Options[k].Chosen = true, true
			} else if !c.Group {
				c.Options[k].Chosen = false
			}
		}
		for k := range c.Options {
			n, _ := strconv.Atoi(c.Options[k].Value)
			if c.Group && taken && !slices.Contains(e.Options, n) {
				c.Options[k].Chosen = false
			}
		}
	}
}

// confirm shows what the reader is about to accept, with the total that holds then.
func (q *quoteView) confirm(o quote.Opened, e quoteEntry) {
	lines, totals, err := o.Document.Card().Chosen(e.Options)
	if err != nil {
		q.Notice = &noticeView{Kind: "bad", Title: q.t("refused_title"), Text: q.t("refused")}
		return
	}
	q.Confirm = true
	counts := map[int]bool{}
	for _, line := range lines {
		counts[line.Position] = true
	}
	for i, d := range o.Document.Lines {
		if counts[d.Position] && d.Kind.Priced() {
			q.Taken = append(q.Taken, q.Lines[i])
		}
	}
	q.NewTotal, q.NewNet = q.Language.Money(totals.Gross, o.Document.Currency), q.Language.Money(totals.Net, o.Document.Currency)
}

// quoteFileSize writes bytes as people read them.
func quoteFileSize(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	case n >= 1<<10:
		return strconv.FormatInt(n>>10, 10) + " KB"
	}
	return strconv.FormatInt(n, 10) + " B"
}

// quoteField is the name field of one of the page's forms.
type quoteField struct{ ID, Label, Value, Fault string }

// Field is the name field of the form for an act.
func (q *quoteView) Field(act string) quoteField {
	return quoteField{ID: act + "-name", Label: q.t("name"), Value: q.Typed(act, "name"), Fault: q.Fault(act, "name")}
}

// acts reports whether what was typed belongs to the form for an act.
func (q *quoteView) acts(act string) bool {
	return q.Entry.Act == act || act == quoteAccept && (q.Entry.Act == quoteConfirm || q.Entry.Act == quoteBack)
}

// Typed is what was typed into a field of the form for an act.
func (q *quoteView) Typed(act, field string) string {
	if !q.acts(act) {
		return ""
	}
	switch field {
	case "name":
		return q.Entry.By
	case "role":
		return q.Entry.Role
	case "reference":
		return q.Entry.Reference
	}
	return q.Entry.Note
}

// Fault is what is wrong with a field of the form for an act.
func (q *quoteView) Fault(act, field string) string {
	switch {
	case !q.acts(act):
		return ""
	case field == "name":
		return q.Entry.NameFault
	}
	return q.Entry.NoteFault
}
