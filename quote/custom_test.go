package quote_test

import (
	"context"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

func TestQuotesHaveCustomFields(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for name, kind := range map[string]store.FieldType{"site": store.TextField, "start": store.DateField} {
			w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
				most := money.MustQuantity("100")
				return s.AddField(ctx, &store.CustomField{RecordKind: "quote", Name: name, Label: name, Type: kind, Rules: store.FieldRules{Max: &most}})
			}))
		}
		_, err := w.quotes.Draft(w.anna, quote.DraftInput{Header: quote.Header{Custom: map[string]any{"start": "tavasszal", "roof": "lapos"}}})
		paths := map[string]string{}
		for _, f := range fault.Of(err) {
			paths[f.Path] = f.Code
		}
		if paths["custom.start"] != "type" || paths["custom.roof"] != "unknown" || paths["party"] != "required" {
			t.Errorf("the faults are %v, want all at once", paths)
		}
		march := civil.Date{Year: 2027, Month: 3, Day: 1}
		card := w.draft(func(in *quote.DraftInput) { in.Custom = map[string]any{"site": "Győr", "start": march} })
		if card.Sheet.Values["site"] != "Győr" || card.Sheet.Values["start"] != march {
			t.Errorf("the draft has %v", card.Sheet.Values)
		}
		h := quote.Header{Title: card.Quote.Title, Custom: map[string]any{"start": nil}}
		if card, err = w.quotes.Edit(w.anna, card.Quote.ID, card.Quote.Version, h); err != nil || card.Sheet.Values["site"] != "Győr" || card.Sheet.Values["start"] != nil {
			t.Fatalf("after the edit it has %v, %v", card.Sheet.Values, err)
		}
		other := w.draft(nil)
		for text, want := range map[string]int{"gy": 1, "Pécs": 0} {
			found, err := w.quotes.List(w.anna, quote.Filter{Custom: []store.CustomFilter{{Field: "site", Is: text}}, Show: []string{"site"}, Page: store.Page{Limit: 1}})
			w.ok(err)
			if len(found.Rows) != want || want == 1 && (found.Rows[0].ID != card.Quote.ID || found.Rows[0].Custom["site"] != "Győr") {
				t.Errorf("%q finds %+v", text, found.Rows)
			}
		}
		issued, err := w.quotes.Issue(w.anna, card.Quote.ID)
		w.ok(err)
		next, err := w.quotes.NewVersion(w.anna, issued.Quote.ID)
		w.ok(err)
		if next.Quote.ID == card.Quote.ID || next.Sheet.Values["site"] != "Győr" {
			t.Errorf("the next version has %v", next.Sheet.Values)
		}
		w.ok(w.quotes.Delete(w.anna, other.Quote.ID, 0))
		w.ok(w.quotes.Delete(w.anna, next.Quote.ID, 0))
	})
}
