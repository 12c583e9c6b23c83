package web

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
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
	for _, e := range list.Entries {
		d.Rows = append(d.Rows, v.auditRow(e))
	}
	d.First, d.Next = pages2(v, list.Next)
	if q.Record != nil {
		readings, err := v.module().Reads.Of(v.ctx(), q.Record, 50)
		if err != nil {
			return err
		}
		names, err := v.names()
		if err != nil {
			return err
		}
		for _, r := range readings {
			who := names[r.UserID]
			if who == "" {
				who = r.UserID
			}
			d.Readings = append(d.Readings, readingRow{Who: who, Day: v.Locale.Language.Date(r.Day), Times: r.Times, Last: r.LastAt})
		}
	}
	return v.show(http.StatusOK, "audit", head{Title: v.t("menu.audit"), Section: "audit"}, d)
}

// recordPages are the pages of records that the log names.
var recordPages = map[string]string{"lead": "/leads", "opportunity": "/opportunities", "quote": "/quotes", "activity": "/activities"}

func (v *visit) auditRow(e store.AuditEntry) auditRow {
	row := auditRow{At: e.At, Who: e.UserName, Action: e.Action, Kind: e.RecordKind}
	if row.Who == "" {
		row.Who = e.UserID
	}
	if key := "audit." + e.Action; texts[key] != nil {
		row.Action = v.t(key)
	}
	if key := "audit.kind." + e.RecordKind; texts[key] != nil {
		row.Kind = v.t(key)
	}
	if len(e.RecordID) == 16 {
		id := store.Key[any](e.RecordID)
		row.Key = id.String()
		if at := recordPages[e.RecordKind]; at != "" {
			row.Path = v.link(at, row.Key)
		}
	} else {
		row.Key = hex.EncodeToString(e.RecordID)
	}
	var changes []store.Change
	if json.Unmarshal([]byte(e.Changes), &changes) == nil {
		for _, c := range changes {
			row.Changes = append(row.Changes, auditChange(c))
		}
	}
	return row
}

var auditTexts = locale.Texts{
	"audit.when":    locale.Row("Mikor", "When", "מתי", "Когда", "Πότε"),
	"audit.who":     locale.Row("Ki", "Who", "מי", "Кто", "Ποιος"),
	"audit.what":    locale.Row("Mit", "What", "מה", "Что", "Τι"),
	"audit.record":  locale.Row("Rekord", "Record", "רשומה", "Запись", "Εγγραφή"),
	"audit.changes": locale.Row("Változás", "Change", "שינוי", "Изменение", "Αλλαγή"),
	"audit.reads":   locale.Row("Kik nyitották meg", "Who opened it", "מי פתח", "Кто открывал", "Ποιος το άνοιξε"),
	"audit.times":   locale.Row("%d alkalom", "%d times", "%d פעמים", "%d раз", "%d φορές"),
	"audit.none":    locale.Row("Nincs bejegyzés", "No entries", "אין רשומות", "Записей нет", "Καμία εγγραφή"),
	"audit.history": locale.Row("Csak ez a rekord", "Only this record", "רק רשומה זו", "Только эта запись", "Μόνο αυτή η εγγραφή"),
	"audit.create":  locale.Row("felvette", "added", "הוסיף", "добавил(а)", "πρόσθεσε"),
	"audit.update":  locale.Row("módosította", "changed", "שינה", "изменил(а)", "άλλαξε"),
	"audit.delete":  locale.Row("törölte", "deleted", "מחק", "удалил(а)", "διέγραψε"),

	"audit.kind.lead":        locale.Row("érdeklődő", "lead", "ליד", "лид", "υποψήφιος"),
	"audit.kind.opportunity": locale.Row("lehetőség", "opportunity", "הזדמנות", "сделка", "ευκαιρία"),
	"audit.kind.quote":       locale.Row("árajánlat", "quote", "הצעת מחיר", "предложение", "προσφορά"),
	"audit.kind.activity":    locale.Row("tevékenység", "activity", "פעילות", "дело", "ενέργεια"),
	"audit.kind.party":       locale.Row("személy, cég", "person or company", "אדם או חברה", "лицо, компания", "πρόσωπο ή εταιρεία"),
	"audit.kind.pipeline":    locale.Row("folyamat", "pipeline", "צינור", "воронка", "διαδικασία"),
	"audit.kind.stage":       locale.Row("szakasz", "stage", "שלב", "этап", "στάδιο"),
}
