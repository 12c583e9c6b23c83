package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/reports/schedule"
)

// TestWordOfReportsIsSent: a report that is asked for from time to time leads to the screens of this program.
func TestWordOfReportsIsSent(t *testing.T) {
	w := newWorld(t, "worker: {poll: 100ms}", "worker: {poll: 100ms}\nmail: {folder: mails, from: {name: Minta, email: crm@example.com}}")
	c, err := load(w.config, environment(map[string]string{"SIGN_ON": secret}))
	if err != nil {
		t.Fatal(err)
	}
	o, err := open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer o.db.SQL().Close()
	boss := actor.With(t.Context(), actor.User{Company: "HU01", ID: "manager-hu", Rights: actor.Manager, See: actor.All}.Actor())
	minute := time.Now().Add(-time.Hour)
	row, err := o.module.Schedules.Add(boss, schedule.Draft{Report: schedule.KPIs, Name: "Heti számok", Rhythm: schedule.Daily, Minute: 60*minute.Hour() + minute.Minute(), Recipient: "boss@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.db.SQL().ExecContext(t.Context(), "UPDATE crm_report_schedule SET next_at = ?", time.Now().Add(-time.Minute).UTC()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.module.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	letters, _ := filepath.Glob(filepath.Join(w.dir, "mails", "*.eml"))
	if len(letters) != 1 {
		t.Fatalf("%d mails were sent", len(letters))
	}
	text, err := os.ReadFile(letters[0])
	if err != nil {
		t.Fatal(err)
	}
	if flat := strings.ReplaceAll(string(text), "=\r\n", ""); !strings.Contains(flat, "http://localhost:8480"+screensPath+"/reports/open/"+row.ID.String()) || !strings.Contains(flat, "crm@example.com") {
		t.Errorf("the mail does not lead to the report:\n%s", text)
	}
}
