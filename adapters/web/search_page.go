package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/search"
)

func (s *screens) searchRoutes() []route {
	return []route{{Pattern: "GET /search", Do: s.search}}
}

// found is what a search gave.
type found struct {
	Text   string
	Groups []foundGroup
	// Note says what may be missing.
	Note string
	// Short says that nothing was asked yet.
	Short bool
}

type foundGroup struct {
	Title, Icon string
	Hits        []foundHit
	// More leads to all hits of the kind.
	More string
}

type foundHit struct {
	search.Hit
	Path, Where string
}

var foundIcons = map[search.Kind]string{
	search.Lead: "user-round-plus", search.Contact: "contact", search.Customer: "building-2", search.Opportunity: "square-kanban", search.Quote: "file-text",
}

// search answers the field in the column as one types, and as a page of its own.
func (s *screens) search(v *visit) error {
	query := v.r.URL.Query()
	d := found{Text: strings.TrimSpace(query.Get("q"))}
	if d.Text == "" {
		d.Short = true
		return s.showFound(v, d)
	}
	q := search.Query{Text: d.Text, Limit: 5}
	if !v.part() {
		q.Limit = 20
	}
	if kind := search.Kind(query.Get("kind")); foundIcons[kind] != "" {
		q.Kinds, q.Limit = []search.Kind{kind}, search.MaxLimit
	}
	result, err := v.module().Search.Find(v.ctx(), q)
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	for _, g := range result.Groups {
		group := foundGroup{Title: g.Kind.In(lang), Icon: foundIcons[g.Kind]}
		for _, h := range g.Hits {
			hit := foundHit{Hit: h, Path: v.hitLink(h)}
			for _, w := range h.Where {
				if w != search.InName && w != search.InTitle {
					hit.Where = w.In(lang)
				}
			}
			group.Hits = append(group.Hits, hit)
		}
		if g.More && len(q.Kinds) == 0 {
			group.More = queryWith(v.link("/search")+"?q="+url.QueryEscape(d.Text), "kind", string(g.Kind))
		}
		d.Groups = append(d.Groups, group)
	}
	if result.CustomersMissing() {
		d.Note = search.Texts.T(lang, "customers."+string(result.Customers))
	}
	if result.Building {
		d.Note = search.Texts.T(lang, "building")
	}
	return s.showFound(v, d)
}

func (s *screens) showFound(v *visit, d found) error {
	if v.part() {
		return v.fill(http.StatusOK, "search", "found", d)
	}
	return v.show(http.StatusOK, "search", head{Title: v.t("search.title"), Section: "search"}, d)
}

// hitLink is the page of a hit.
func (v *visit) hitLink(h search.Hit) string {
	switch h.Kind {
	case search.Lead:
		return v.link("/leads", h.ID.String())
	case search.Contact:
		return v.link("/contacts", h.ID.String())
	case search.Customer:
		return v.link("/customers", h.HostKey)
	case search.Opportunity:
		return v.link("/opportunities", h.ID.String())
	case search.Quote:
		return v.link("/quotes", h.ID.String())
	}
	return v.link("/search")
}

var searchTexts = locale.Texts{
	"search.title": locale.Row("Keresés", "Search", "חיפוש", "Поиск", "Αναζήτηση"),
	"search.none":  locale.Row("Nincs találat", "Nothing was found", "לא נמצאו תוצאות", "Ничего не найдено", "Δεν βρέθηκε τίποτα"),
	"search.try":   locale.Row("Próbálja a név elejével, a cég nevével, telefonszámmal vagy az ajánlat számával.", "Try the beginning of a name, the company, a phone number or the number of a quote.", "נסו תחילת שם, שם חברה, מספר טלפון או מספר הצעה.", "Попробуйте начало имени, название компании, телефон или номер предложения.", "Δοκιμάστε αρχή ονόματος, εταιρεία, τηλέφωνο ή αριθμό προσφοράς."),
	"search.more":  locale.Row("Összes találat", "All hits", "כל התוצאות", "Все результаты", "Όλα τα αποτελέσματα"),
	"search.for":   locale.Row("Mit keres?", "What are you looking for?", "מה לחפש?", "Что найти?", "Τι αναζητάτε;"),
}
