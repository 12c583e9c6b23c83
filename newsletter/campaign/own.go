package campaign

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// ownKinds are the records whose custom fields letters may name, with what stands before their names.
var ownKinds = []struct{ kind, prefix string }{{"party", content.PartyFields}, {"lead", content.LeadFields}}

// OwnFields are the custom fields of the session's company that letters and messages may name: those of readers and of
// their leads. Fields that hold addresses of pages are left out: what stands in a record never becomes a link.
func OwnFields(ctx context.Context, s *store.Session) (content.Fields, error) {
	var own content.Fields
	for _, k := range ownKinds {
		fields, err := s.Fields(ctx, k.kind)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			if f.Type == store.LinkField {
				continue
			}
			one := content.Field{Name: k.prefix + f.Name, Type: merge.Words, Label: map[locale.Language]string{}}
			for _, l := range locale.Languages {
				one.Label[l] = content.Texts.T(l, "own."+k.kind, f.Text(l))
			}
			own = append(own, one)
		}
	}
	return own, nil
}

// own gives readers what they have in the company's own fields, by the names in letters, as far as the actor sees it. A
// field that was removed has no value, so that the letter's default stands; nor has a text that mail programs would make
// a link of.
func (q ReaderQuery) own(ctx context.Context, s *store.Session, list []content.Reader) error {
	for _, k := range ownKinds {
		var names []string
		for _, name := range q.Names {
			if own, ok := strings.CutPrefix(name, k.prefix); ok {
				names = append(names, own)
			}
		}
		if len(names) == 0 {
			continue
		}
		fields, err := s.Fields(ctx, k.kind)
		if err != nil {
			return err
		}
		records, err := ownRecords(ctx, s, k.kind, q.Rows)
		if err != nil {
			return err
		}
		values, err := s.CustomOf(ctx, k.kind, names, records)
		if err != nil {
			return err
		}
		for i, id := range records {
			for _, f := range fields {
				if text := ownText(f, values[id][f.Name], q.Locale); text != "" {
					if list[i].More == nil {
						list[i].More = map[string]string{}
					}
					list[i].More[k.prefix+f.Name] = text
				}
			}
		}
	}
	return nil
}

// ownText is a value in words; "" where a letter must not have it.
func ownText(f store.CustomField, value any, l locale.Locale) string {
	text := custom.Text(f, value, l)
	if f.Type == store.LinkField || f.Type == store.TextField && content.LinkLike(text) {
		return ""
	}
	return text
}

// ownRecords are the parties themselves, or their leads that arrived last; zero where there is none that the actor sees.
func ownRecords(ctx context.Context, s *store.Session, kind string, readers []Recipient) ([][16]byte, error) {
	parties := make([]party.ID, len(readers))
	for i, r := range readers {
		parties[i] = r.PartyID
	}
	found := make(map[party.ID][16]byte, len(parties))
	for part := range slices.Chunk(parties, partyBatch) {
		if kind == "lead" {
			var rows []lead.Lead
			err := s.Select(&rows).Column("id", "party_id").Where("lead.party_id IN (?)", bun.List(part)).Where("lead.merged_into IS NULL").OrderExpr("lead.arrived_at, lead.id").Scan(ctx)
			if err != nil {
				return nil, err
			}
			for _, l := range rows {
				found[l.PartyID] = l.ID
			}
			continue
		}
		var rows []party.Party
		if err := s.Select(&rows).Column("id").Where("party.id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, err
		}
		for _, p := range rows {
			found[p.ID] = p.ID
		}
	}
	out := make([][16]byte, len(parties))
	for i, p := range parties {
		out[i] = found[p]
	}
	return out, nil
}
