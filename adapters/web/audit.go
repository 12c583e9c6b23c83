package web

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) auditRoutes() []route {
	return []route{
		{Pattern: "GET /audit", Right: actor.AuditRead, Do: s.showAudit},
		{Pattern: "GET /audit/{record}", Right: actor.AuditRead, Do: s.showAudit},
	}
}

// auditPage is the log of the company, or of one record with who read its card.
type auditPage struct {
	Rows        []auditRow
	First, Next string
	Record      string
	Readings    []readingRow
}

type auditRow struct {
	At                     time.Time
	Who, Action, Kind, Key string
	Path                   string
	Changes                []auditChange
	// Note stands where nothing changed that people know of.
	Note string
}

type auditChange struct{ Field, From, To string }

type readingRow struct {
	Who, Day string
	Times    int
	Last     time.Time
}

func (s *screens) showAudit(v *visit) error {
	q := crm.AuditQuery{Page: store.Page{After: v.r.URL.Query().Get("after"), Limit: 50}}
	d := auditPage{Record: v.r.PathValue("record")}
	if d.Record != "" {
		id, err := key[any](v, "record")
		if err != nil {
			return err
		}
		q.Record = id.Bytes()
	}
	list, err := v.module().Audit(v.ctx(), q)
	if err != nil {
		return err
	}
	known := auditWords{v: v}
	if known.people, err = v.names(); err != nil {
		return err
	}
	for _, e := range list.Entries {
		row, err := known.row(e)
		if err != nil {
			return err
		}
		d.Rows = append(d.Rows, row)
	}
	d.First, d.Next = pages2(v, list.Next)
	if q.Record != nil {
		readings, err := v.module().Reads.Of(v.ctx(), q.Record, 50)
		if err != nil {
			return err
		}
		for _, r := range readings {
			who := known.people[r.UserID]
			if who == "" {
				who = r.UserID
			}
			d.Readings = append(d.Readings, readingRow{Who: who, Day: v.Locale.Language.Date(r.Day), Times: r.Times, Last: r.LastAt})
		}
	}
	h := head{Title: v.t("menu.audit"), Section: "audit"}
	if d.Record != "" {
		h.Title, h.Crumbs = v.t("audit.history"), []crumb{{v.t("menu.audit"), v.link("/audit")}}
		if len(d.Rows) > 0 {
			h.Title = capital(d.Rows[0].Kind) + " · " + v.t("audit.title.changes")
		}
	}
	return v.show(http.StatusOK, "audit", h, d)
}

// recordPages are the pages of records that the log names.
var recordPages = map[string]string{"lead": "/leads", "opportunity": "/opportunities", "quote": "/quotes", "activity": "/activities", "party": "/parties"}

// auditWords say an entry of the log in the reader's language.
type auditWords struct {
	v      *visit
	people map[string]string
	// stages are read when the first entry speaks of one.
	stages map[opportunity.StageID]string
	// fields are the company's own fields by the kind of record, read when the first entry speaks of one.
	fields map[string][]store.CustomField
}

func (a *auditWords) row(e store.AuditEntry) (auditRow, error) {
	row := auditRow{At: e.At, Who: a.who(e), Action: a.or("audit."+e.Action, e.Action), Kind: a.or("audit.kind."+e.RecordKind, e.RecordKind)}
	if len(e.RecordID) == 16 {
		id := store.Key[any](e.RecordID)
		row.Key = id.String()
		if at := recordPages[e.RecordKind]; at != "" && e.Action != "delete" {
			row.Path = a.v.link(at, row.Key)
		}
	} else {
		row.Key = hex.EncodeToString(e.RecordID)
	}
	var changes []store.Change
	if err := json.Unmarshal([]byte(e.Changes), &changes); err != nil {
		return row, nil //nolint:nilerr // what is damaged is shown without its changes
	}
	inner := false
	for _, c := range changes {
		if auditInner[c.Field] {
			inner = true
			continue
		}
		name, err := a.name(e.RecordKind, c.Field)
		if err != nil {
			return row, err
		}
		one := auditChange{Field: name}
		for _, side := range []struct {
			raw  string
			into *string
		}{{c.From, &one.From}, {c.To, &one.To}} {
			text, err := a.value(e.RecordKind, c.Field, side.raw)
			if err != nil {
				return row, err
			}
			*side.into = text
		}
		row.Changes = append(row.Changes, one)
	}
	if inner && len(row.Changes) == 0 {
		row.Note = a.v.t("audit.inner")
	}
	return row, nil
}

// or is the text of a key, and where it has none the plain word.
func (a *auditWords) or(key, word string) string {
	if texts[key] != nil {
		return a.v.t(key)
	}
	return strings.ReplaceAll(word, "_", " ")
}

// who names the one who acted: people by their names, the work of programs by what it is.
func (a *auditWords) who(e store.AuditEntry) string {
	if e.ActorKind == string(actor.KindUser) {
		return cmp.Or(a.people[e.UserID], e.UserName, e.UserID)
	}
	return a.v.programName(e.UserID)
}

// programName says what a program that acted is for.
func (v *visit) programName(id string) string {
	if key := "audit.actor." + id; texts[key] != nil {
		return v.t(key)
	}
	return v.t("audit.actor.system")
}

// name is a column in the reader's language; the company's own fields have its words.
func (a *auditWords) name(kind, column string) (string, error) {
	own, ok := strings.CutPrefix(column, customPrefix)
	if !ok {
		return a.field(column), nil
	}
	fields, known := a.fields[kind]
	if !known {
		var err error
		if fields, err = a.v.customFields(kind); err != nil {
			return "", err
		}
		if a.fields == nil {
			a.fields = map[string][]store.CustomField{}
		}
		a.fields[kind] = fields
	}
	for _, f := range fields {
		if f.Name == own {
			return f.Text(a.v.Locale.Language), nil
		}
	}
	return own, nil // removed since
}

func (a *auditWords) field(column string) string {
	if key := "card." + column; texts[key] != nil {
		return a.v.t(key)
	}
	return a.or("audit.field."+column, column)
}

// auditStates are the words for the states of each kind of record, by the beginning of their keys.
var auditStates = map[string]string{"lead": "lead.status.", "opportunity": "card.deal.", "quote": "card.quote.", "activity": "state.", "host call": "hoststate."}

// auditSums are columns with an amount of money.
var auditSums = map[string]bool{"expected_value": true, "expected_revenue": true, "weighted": true, "net": true, "vat": true, "gross": true, "optional_net": true}

// value is what stood in a column, as the reader writes such things. Amounts stand without their currency,
// which is a column of its own.
func (a *auditWords) value(kind, column, raw string) (string, error) {
	lang := a.v.Locale.Language
	if strings.Trim(raw, "0-") == "" && len(raw) >= 32 {
		return "", nil // the key of nothing
	}
	switch column {
	case "status", "state":
		return a.or(auditStates[kind]+raw, raw), nil
	case "owner_user", "delegated_by", "undone_by", "user_id":
		return cmp.Or(a.people[raw], raw), nil
	case "stage_id":
		return a.stage(raw)
	case "report":
		return a.or("schedule.report."+raw, raw), nil
	case "language":
		return cmp.Or(locale.Language(raw).Name(), raw), nil
	case "country":
		return cmp.Or(party.CountryName(raw, lang), raw), nil
	}
	switch raw {
	case "true":
		return a.v.t("audit.yes"), nil
	case "false":
		return a.v.t("audit.no"), nil
	}
	if number, err := decimal.NewFromString(raw); err == nil {
		switch {
		case column == "chance":
			return lang.Percent(money.NewPercent(number)), nil
		case auditSums[column]:
			return lang.Quantity(number), nil
		}
		return raw, nil
	}
	if at, err := time.Parse(time.RFC3339, raw); err == nil {
		return whenText(a.v.Locale, at), nil
	}
	if day, err := civil.Parse(raw); err == nil {
		return lang.Date(day), nil
	}
	if strings.HasSuffix(column, "_id") || column == "merged_into" {
		return clip(raw, 9), nil // the key of another record says no more than that it changed
	}
	return clip(raw, 200), nil
}

func (a *auditWords) stage(raw string) (string, error) {
	id, err := store.ParseKey[opportunity.StageTag](raw)
	if err != nil {
		return raw, nil //nolint:nilerr // an older log may hold anything
	}
	if a.stages == nil && a.v.may(actor.OpportunityRead) {
		if a.stages, err = a.v.stageNames(); err != nil {
			return "", err
		}
	}
	return cmp.Or(a.stages[id], clip(raw, 9)), nil
}
