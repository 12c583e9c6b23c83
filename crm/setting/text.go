package setting

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// TextName names a text that a company may word for itself.
type TextName string

// The texts.
const (
	// QuoteCover stands above the lines of a new quote, QuoteClosing below them. Both may name fields; see
	// quote.TextPurpose.
	QuoteCover   TextName = "quote.cover"
	QuoteClosing TextName = "quote.closing"
	// QuoteTerms are the terms of payment of a new quote.
	QuoteTerms TextName = "quote.terms"
	// FormThanks is shown to whoever has sent a form.
	FormThanks TextName = "form.thanks"
)

// TextNames are all texts that a company may word.
var TextNames = []TextName{QuoteCover, QuoteClosing, QuoteTerms, FormThanks}

// longest is the longest that each text may be, in characters; terms are as long as a quote's.
var longest = map[TextName]int{QuoteCover: 4000, QuoteClosing: 4000, QuoteTerms: 400, FormThanks: 2000}

// CompanyText is a text in one language as the company uses it.
type CompanyText struct {
	Name     TextName        `json:"name"`
	Language locale.Language `json:"language"`
	Body     string          `json:"body"`
	// Own is set where the company worded it; otherwise it is the built-in text.
	Own bool `json:"own"`
	// Version is the one that [Settings.SetText] wants; 0 for a built-in text.
	Version int64 `json:"version"`
}

// CompanyTextTag is the noun of the texts' ids.
type CompanyTextTag struct{}

type textRow struct {
	bun.BaseModel `bun:"table:crm_company_text,alias:company_text"`

	ID store.Key[CompanyTextTag] `bun:"id,pk"`
	store.Record
	Name     TextName        `bun:"name,type:nvarchar(60)"`
	Language locale.Language `bun:"language,type:nvarchar(5)"`
	Body     string          `bun:"body"`
}

// Text gives a text in a language, the company's own or the built-in one, by one seek. It is for the public
// too: forms show it.
func (t *Settings) Text(ctx context.Context, name TextName, l locale.Language) (string, error) {
	var out string
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := checkTextName(name, l); err != nil {
			return err
		}
		row, err := textOf(ctx, s, name, l)
		out = row.text(name, l).Body
		return err
	})
	return out, err
}

func checkTextName(name TextName, l locale.Language) error {
	var faults fault.List
	if !slices.Contains(TextNames, name) {
		faults.Add("name", "choice", "%.60q is no text; there are %v", string(name), TextNames)
	}
	if !slices.Contains(locale.Languages, l) {
		faults.Add("language", "choice", "%.10q is no language of the screens; there are %v", string(l), locale.Languages)
	}
	return faults.Err("there is no such text")
}

func textOf(ctx context.Context, s *store.Session, name TextName, l locale.Language) (textRow, error) {
	var rows []textRow
	err := s.Select(&rows).Where("company_text.company = ?", s.Actor.Company).Where("company_text.name = ?", name).
		Where("company_text.language = ?", l).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return textRow{}, err
	}
	return rows[0], nil
}

func (r textRow) text(name TextName, l locale.Language) CompanyText {
	if r.Version == 0 {
		return CompanyText{Name: name, Language: l, Body: Texts.T(l, string(name))}
	}
	return CompanyText{Name: name, Language: l, Body: r.Body, Own: true, Version: r.Version}
}

// CompanyTexts gives all texts in all languages as the company uses them.
func (t *Settings) CompanyTexts(ctx context.Context) ([]CompanyText, error) {
	var out []CompanyText
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		var rows []textRow
		if err := s.Select(&rows).Where("company_text.company = ?", s.Actor.Company).Scan(ctx); err != nil {
			return err
		}
		out = nil
		for _, name := range TextNames {
			for _, l := range locale.Languages {
				var row textRow
				if i := slices.IndexFunc(rows, func(r textRow) bool { return r.Name == name && r.Language == l }); i >= 0 {
					row = rows[i]
				}
				out = append(out, row.text(name, l))
			}
		}
		return nil
	})
	return out, err
}

// SetText words a text for the company; "" goes back to the built-in one. It needs actor.Settings and the
// version that was read.
func (t *Settings) SetText(ctx context.Context, text CompanyText) (CompanyText, error) {
	return store.Write(ctx, t.db, actor.Settings, func(ctx context.Context, s *store.Session) (CompanyText, error) {
		name, l := text.Name, text.Language
		if err := checkTextName(name, l); err != nil {
			return CompanyText{}, err
		}
		body := strings.TrimSpace(strings.ReplaceAll(text.Body, "\r\n", "\n"))
		var faults fault.List
		checkText(&faults, "body", body, longest[name])
		if t.config.Words != nil {
			wrong, err := t.config.Words(ctx, s, CompanyText{Name: name, Language: l, Body: body})
			if err != nil {
				return CompanyText{}, err
			}
			faults.Merge("", wrong)
		}
		if err := faults.Err("the text cannot be saved"); err != nil {
			return CompanyText{}, err
		}
		was, err := textOf(ctx, s, name, l)
		if err != nil {
			return CompanyText{}, err
		}
		if was.Version != 0 && text.Version == 0 {
			return CompanyText{}, fault.New(fault.Conflict, "%s worded this text since it was read; reload it and repeat your change", was.UpdatedBy)
		}
		switch {
		case was.Version == 0 && body == "":
			return was.text(name, l), nil
		case was.Version == 0:
			row := textRow{ID: store.NewKey[CompanyTextTag](s), Name: name, Language: l, Body: body}
			err := s.Insert(ctx, &row)
			return row.text(name, l), err
		}
		was.Version = text.Version
		if body == "" {
			return textRow{}.text(name, l), s.Delete(ctx, &was)
		}
		next := was
		next.Body = body
		err = s.Save(ctx, &was, &next)
		return next.text(name, l), err
	})
}
