package web

import (
	"encoding/json"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

// fieldChange is one saving of a record's fields, folded on its card.
type fieldChange struct {
	By     string
	At     time.Time
	Fields []changedField
}

type changedField struct{ Label, From, To string }

// changesShown is how many savings a card shows.
const changesShown = 20

// changesOf are the latest changes of a lead and of whom it is about, newest first, for who may read the
// audit log.
func (v *visit) changesOf(card lead.Card) ([]fieldChange, error) {
	if !v.may(actor.AuditRead) {
		return nil, nil
	}
	names, err := v.names()
	if err != nil {
		return nil, err
	}
	records := [][]byte{card.Lead.ID.Bytes(), card.Party.ID.Bytes()}
	if card.Employer != nil {
		records = append(records, card.Employer.ID.Bytes())
	}
	own := map[string]string{}
	for _, f := range card.Sheet.Fields {
		own[customPrefix+f.Name] = f.Text(v.Locale.Language)
	}
	var out []fieldChange
	for _, record := range records {
		page, err := v.module().Audit(v.ctx(), crm.AuditQuery{Record: record, Page: store.Page{Limit: changesShown}})
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			if one := v.fieldChange(e, names, own); len(one.Fields) > 0 {
				out = append(out, one)
			}
		}
	}
	return out, nil
}

func (v *visit) fieldChange(e store.AuditEntry, names, own map[string]string) fieldChange {
	out := fieldChange{By: names[e.UserID], At: e.At}
	if out.By == "" {
		out.By = e.UserName
	}
	var changes []store.Change
	if e.Action != "update" || json.Unmarshal([]byte(e.Changes), &changes) != nil {
		return out
	}
	for _, c := range changes {
		key := "card." + c.Field
		if label, ok := own[c.Field]; ok {
			out.Fields = append(out.Fields, changedField{label, c.From, c.To})
			continue
		}
		if texts[key] == nil {
			continue // a column that nobody types into
		}
		out.Fields = append(out.Fields, changedField{v.t(key), c.From, c.To})
	}
	return out
}
