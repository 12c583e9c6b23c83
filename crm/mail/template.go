package mail

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Purpose is something that mails are written for.
type Purpose struct {
	// Key is noun.verb: "quote.sent".
	Key string
	// Fields are what a template of this purpose can merge in.
	Fields []Field
	// Own are the kinds of records, of store.CustomKinds, whose fields of the company's own can be merged in too:
	// {quote.custom.site}. [Purpose.With] lists them.
	Own []string
	// Defaults are the built-in words; every language has some.
	Defaults map[locale.Language]Words

	anyOwn bool
	// more gives further fields of a company.
	more func(ctx context.Context, s *store.Session) ([]Field, error)
}

// Field is one merge field.
type Field struct {
	// Name is what stands between the braces: "quote.number".
	Name string
	// Label names it for whoever writes a template.
	Label map[locale.Language]string
	// Required says that a template without it is of no use.
	Required bool
}

// Words are what a template says: {quote.number} in it is a merge field, {{ a brace.
type Words struct {
	Subject string `json:"subject"`
	// Body is plain text; an empty line ends a paragraph.
	Body string `json:"body"`
}

// TemplateTag is the noun of template ids.
type TemplateTag struct{}

// TemplateID identifies a company's own template.
type TemplateID = store.Key[TemplateTag]

// Template is what mails of one purpose say in one language.
type Template struct {
	bun.BaseModel `bun:"table:crm_mail_template,alias:mail_template"`

	// ID is zero for the built-in words.
	ID TemplateID `bun:"id,pk" json:"id"`
	store.Record
	Purpose  string          `bun:"purpose,type:nvarchar(40)" json:"purpose"`
	Language locale.Language `bun:"language,type:nvarchar(5)" json:"language"`
	Subject  string          `bun:"subject,type:nvarchar(400)" json:"subject"`
	Body     string          `bun:"body" json:"body"`
}

// Own reports whether the company has written it itself.
func (t Template) Own() bool { return !t.ID.IsZero() }

func (m *Mails) purpose(key string) (Purpose, error) {
	i := slices.IndexFunc(m.config.Purposes, func(p Purpose) bool { return p.Key == key })
	if i < 0 && m.config.Letters != nil && strings.HasPrefix(key, LetterPrefix) {
		return m.letter(key)
	}
	if i < 0 {
		var faults fault.List
		faults.Add("purpose", "choice", "%.40q is not what mails are written for; choose one of Purposes", key)
		return Purpose{}, faults.Err("there is no such template")
	}
	return m.config.Purposes[i], nil
}

// Purposes are what templates exist for.
func (m *Mails) Purposes() []Purpose { return slices.Clone(m.config.Purposes) }

// builtIn are the words that come with the program.
func (p Purpose) builtIn(l locale.Language) Template {
	w, ok := p.Defaults[l]
	if !ok && p.more == nil {
		l, w = locale.English, p.Defaults[locale.English]
	}
	return Template{Purpose: p.Key, Language: l, Subject: w.Subject, Body: w.Body}
}

// Template gives what mails of a purpose say in a language: the company's own words, else the built-in
// ones. It needs actor.ActivityRead, but on [Mails.In], where the caller has decided who may read.
func (m *Mails) Template(ctx context.Context, purpose string, l locale.Language) (Template, error) {
	p, err := m.purpose(purpose)
	if err != nil {
		return Template{}, err
	}
	out := p.builtIn(l)
	err = m.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if !m.inside {
			if err := s.Actor.Require(actor.ActivityRead); err != nil {
				return err
			}
		}
		own, err := ownTemplates(ctx, s, purpose)
		if t, ok := own[l]; ok {
			out = t
		}
		return err
	})
	if err != nil {
		return Template{}, err
	}
	return out, nil
}

// Templates lists the templates of a purpose in all languages, for the settings. It needs
// actor.ActivityRead.
func (m *Mails) Templates(ctx context.Context, purpose string) ([]Template, error) {
	p, err := m.purpose(purpose)
	if err != nil {
		return nil, err
	}
	return store.Read(ctx, m.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) ([]Template, error) {
		own, err := ownTemplates(ctx, s, purpose)
		if err != nil {
			return nil, err
		}
		var all []Template
		for _, l := range locale.Languages {
			t, ok := own[l]
			if !ok {
				t = p.builtIn(l)
			}
			all = append(all, t)
		}
		return all, nil
	})
}

func ownTemplates(ctx context.Context, s *store.Session, purpose string) (map[locale.Language]Template, error) {
	var rows []Template
	if err := s.Select(&rows).Where("mail_template.company = ?", s.Actor.Company).Where("mail_template.purpose = ?", purpose).Scan(ctx); err != nil {
		return nil, err
	}
	out := map[locale.Language]Template{}
	for _, r := range rows {
		out[r.Language] = r
	}
	return out, nil
}

// SetTemplate replaces the words of a purpose in a language by the company's own. Version is that of the
// template which was read, 0 for the built-in words; another one is fault.Conflict. It needs
// actor.Settings.
func (m *Mails) SetTemplate(ctx context.Context, t Template) (Template, error) {
	p, err := m.purpose(t.Purpose)
	if err != nil {
		return Template{}, err
	}
	return store.Write(ctx, m.db, actor.Settings, func(ctx context.Context, s *store.Session) (Template, error) {
		var faults fault.List
		if p, err = p.With(ctx, s); err != nil {
			return Template{}, err
		}
		if !slices.Contains(locale.Languages, t.Language) {
			faults.Add("language", "choice", "%.10q is no language; choose from %v", string(t.Language), locale.Languages)
		}
		words := Words{Subject: strings.TrimSpace(t.Subject), Body: paragraphs(t.Body)}
		faults.Merge("", p.Check(words))
		if err := faults.Err("the template cannot be kept"); err != nil {
			return Template{}, err
		}
		own, err := ownTemplates(ctx, s, t.Purpose)
		if err != nil {
			return Template{}, err
		}
		was, ok := own[t.Language]
		if was.Version != t.Version {
			return Template{}, fault.New(fault.Conflict, "somebody changed this template meanwhile; reload it and repeat your change")
		}
		next := was
		next.Purpose, next.Language, next.Subject, next.Body = t.Purpose, t.Language, words.Subject, words.Body
		if ok {
			return next, s.Save(ctx, &was, &next)
		}
		next.ID = store.NewKey[TemplateTag](s)
		return next, s.Insert(ctx, &next)
	})
}

// ResetTemplate goes back to the built-in words; a letter of the company's own is not written in that language any more. Version is that of the template which was read. It needs
// actor.Settings.
func (m *Mails) ResetTemplate(ctx context.Context, id TemplateID, version int64) error {
	_, err := store.Write(ctx, m.db, actor.Settings, func(ctx context.Context, s *store.Session) (struct{}, error) {
		var row Template
		if err := s.Lock(ctx, &row, id); err != nil {
			return struct{}{}, err
		}
		row.Version = version
		return struct{}{}, s.Delete(ctx, &row)
	})
	return err
}

// Check finds what is wrong with words: fields that do not exist, required ones that are missing, braces
// that do not close, a subject of several lines.
func (p Purpose) Check(w Words) []fault.Fault {
	var faults fault.List
	faults.Required("subject", w.Subject)
	faults.Required("body", w.Body)
	checkLine(&faults, "subject", w.Subject, MaxSubject)
	if len(w.Body) > MaxText/4 {
		faults.Add("body", "text.length", "has %d bytes, at most %d are taken; shorten it", len(w.Body), MaxText/4)
	}
	subject, wrong := p.compile(w.Subject)
	faults.Merge("subject", wrong)
	body, wrong := p.compile(w.Body)
	faults.Merge("body", wrong)
	for _, f := range p.Fields {
		has := func(s segment) bool { return s.field == f.Name }
		if f.Required && !slices.ContainsFunc(subject, has) && !slices.ContainsFunc(body, has) {
			faults.Add("body", "field.missing", "does not say {%s}; put it where the reader needs it", f.Name)
		}
	}
	return faults
}

// Value is what a field is filled with, ready for a language. It is always one line.
type Value func(l locale.Language) string

// TextValue is a text; its line breaks become blanks.
func TextValue(text string) Value {
	return func(locale.Language) string { return strings.Join(strings.Fields(text), " ") }
}

// MoneyValue is an amount in a currency.
func MoneyValue(a money.Amount, currency string) Value {
	return func(l locale.Language) string { return l.Money(a, currency) }
}

// DateValue is a day.
func DateValue(d civil.Date) Value {
	return func(l locale.Language) string { return l.Date(d) }
}

// Merge fills words with values. What a value says stays data: it is not searched for fields. A line of
// the body whose fields are all empty is left out, with the line before it where that ends in a colon, so
// that nothing stands there like "Phone: ". A field of the company's own that was removed is an empty one.
func (p Purpose) Merge(w Words, l locale.Language, values map[string]Value) (Words, error) {
	p = p.tolerant()
	if err := fault.List(p.Check(w)).Err("the template cannot be used"); err != nil {
		return Words{}, err
	}
	subject, _ := p.compile(w.Subject)
	out := Words{Subject: strings.Join(strings.Fields(fill(subject, l, values)), " ")}
	if utf16Length(out.Subject) > MaxSubject {
		out.Subject = cut(out.Subject, MaxSubject)
	}
	out.Body = p.Fill(w.Body, l, values)
	return out, nil
}

func vacant(segments []segment, l locale.Language, values map[string]Value) bool {
	fields, filled := 0, 0
	for _, s := range segments {
		if s.field == "" {
			continue
		}
		fields++
		if v := values[s.field]; v != nil && v(l) != "" {
			filled++
		}
	}
	return fields > 0 && filled == 0
}

func fill(segments []segment, l locale.Language, values map[string]Value) string {
	var b strings.Builder
	for _, s := range segments {
		switch v := values[s.field]; {
		case s.field == "":
			b.WriteString(s.text)
		case v != nil:
			b.WriteString(v(l))
		}
	}
	return b.String()
}

// squeeze joins lines with at most one empty one between.
func squeeze(lines []string) string {
	text := strings.Join(lines, "\n")
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(text)
}

// paragraphs gives a text whose line breaks are kept, in one form.
func paragraphs(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
}

// segment is a piece of text, or a field.
type segment struct{ text, field string }

// maxSegments keeps a template from costing more than a letter is worth.
const maxSegments = 500

// compile cuts a text into segments.
func (p Purpose) compile(text string) ([]segment, []fault.Fault) {
	var out []segment
	var faults fault.List
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			out = append(out, segment{text: plain.String()})
			plain.Reset()
		}
	}
	for len(text) > 0 {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			plain.WriteString(text)
			break
		}
		plain.WriteString(text[:open])
		text = text[open+1:]
		if strings.HasPrefix(text, "{") {
			plain.WriteByte('{')
			text = text[1:]
			continue
		}
		name, rest, ok := strings.Cut(text, "}")
		if !ok || strings.ContainsAny(name, "{\n") {
			faults.Add("", "field.open", "has a { that no } closes: {%.30s; close it, or write {{ for a brace", name)
			return out, faults
		}
		text = rest
		name = strings.TrimSpace(name)
		if !p.has(name) {
			faults.Add("", "field.unknown", "names {%.40s}, which does not exist; there are %s", name, p.names())
			continue
		}
		flush()
		out = append(out, segment{field: name})
		if len(out) > maxSegments {
			faults.Add("", "field.count", "has more than %d fields; write a shorter one", maxSegments/2)
			return out, faults
		}
	}
	flush()
	return out, faults
}

func (p Purpose) names() string {
	names := make([]string, len(p.Fields))
	for i, f := range p.Fields {
		names[i] = "{" + f.Name + "}"
	}
	return strings.Join(names, ", ")
}
