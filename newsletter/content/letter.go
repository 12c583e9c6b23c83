package content

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// Decode reads a design from its JSON. What the JSON does not say of language and subject is as given; the
// subject given goes before that of the JSON.
func Decode(text string, lang locale.Language, subject string) (Design, error) {
	d := Design{Language: lang, Subject: subject}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return Design{Language: lang, Subject: subject}, fault.List{{Path: "blocks", Code: "design.damaged", Message: "cannot be read; write it anew"}}.Err("the design is damaged")
	}
	d.Language, d.Subject = locale.Language(or(string(d.Language), string(lang))), or(subject, d.Subject)
	return d, nil
}

// outside is the design as a newsletter whose HTML was made elsewhere.
func (d Design) outside() Outside {
	return Outside{Language: d.Language, Subject: d.Subject, HTML: d.HTML}
}

// checkOutside finds what is wrong with a design whose HTML was made elsewhere. Without blocks there is no footer,
// so that the way out has to be in the HTML.
func (d Design) checkOutside(fields Fields) []fault.Fault {
	faults := fault.List(d.outside().Check(fields))
	if !wayOut.MatchString(d.HTML) {
		faults.Add("html", "unsubscribe.missing", "has no link to unsubscribe; put in <a href=\"{{%s}}\">", UnsubscribeURL)
	}
	return faults
}

// WithFooter puts a footer at the end of a document that was made elsewhere: who sends it, and the ways out.
func WithFooter(document string, f Footer, d Design) string {
	r := &renderer{design: &d, light: d.Theme.light(), dark: d.Theme.dark(), dir: "ltr", start: "left", end: "right", font: sans}
	if d.Language.RightToLeft() {
		r.dir, r.start, r.end = "rtl", "right", "left"
	}
	r.footer(&f)
	if at := strings.LastIndex(strings.ToLower(document), "</body"); at >= 0 {
		return document[:at] + r.out.String() + document[at:]
	}
	return document + r.out.String()
}

// MarkSubject gives the programs with words before the subject, as those of a letter that only goes to the one who
// wrote it; fields are those that its subject may name.
func (p Programs) MarkSubject(mark, subject string, fields Fields) (Programs, error) {
	if most := MaxSubject - utf8.RuneCountInString(mark) - 1; utf8.RuneCountInString(subject) > most {
		subject = string([]rune(subject)[:max(0, most)])
	}
	program, err := merge.Parse(merge.Source{Text: strings.TrimSpace(mark + " " + subject), As: merge.Line, Known: fields.Known(), Links: slices.Clone(p.Links)})
	if err != nil {
		return p, err
	}
	p.Subject = program
	return p, nil
}
