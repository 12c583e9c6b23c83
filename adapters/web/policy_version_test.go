package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/workflow"
)

func TestVersionsAreComparedWithTheNextOne(t *testing.T) {
	for _, c := range []struct {
		name            string
		was, next, want []string
	}{
		{"the same", []string{"a", "b"}, []string{"a", "b"}, []string{" a", " b"}},
		{"one more", []string{"a", "c"}, []string{"a", "b", "c"}, []string{" a", "+b", " c"}},
		{"one less", []string{"a", "b", "c"}, []string{"a", "c"}, []string{" a", "-b", " c"}},
		{"another", []string{"a", "b", "c"}, []string{"a", "x", "c"}, []string{" a", "-b", "+x", " c"}},
		{"moved", []string{"a", "b"}, []string{"b", "a"}, []string{"-a", " b", "+a"}},
		{"from nothing", nil, []string{"a"}, []string{"+a"}},
		{"to nothing", []string{"a"}, nil, []string{"-a"}},
		{"twice the same", []string{"a", "a"}, []string{"a"}, []string{" a", "-a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, l := range compared(c.was, c.next) {
				mark := " "
				if l.Gone {
					mark = "-"
				} else if l.Came {
					mark = "+"
				}
				got = append(got, mark+l.Text)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestEarlierVersionsSayWhatTheySaid changes what a company has decided, and reads on each page what held before.
func TestEarlierVersionsSayWhatTheySaid(t *testing.T) {
	w, _ := newLettersWorld(t)
	boss, m := w.as("kati"), w.module
	b := w.browser("kati")
	limits := clock.Default()
	limits.Otherwise.Minutes = 120
	limits.Responses = []clock.Response{{Name: "Vásár", When: `lead.source == "fair"`, Minutes: 30, Remind: 10}}
	was, err := m.Clocks.Plan(boss)
	w.must(err)
	doc, err := m.Clocks.Publish(boss, was.Version, limits)
	w.must(err)
	limits.Responses = []clock.Response{{Name: "Kiállítás", When: `lead.source == "fair"`, Minutes: 45}}
	_, err = m.Clocks.Publish(boss, doc.Version, limits)
	w.must(err)
	page := b.get("/settings/clocks").ok(http.StatusOK).has("Vásár · ", "a következő változatban már nincs", "Kiállítás · ", "a következő változatban új", "Újra ez éljen")
	page.lacks("Piszkozatnak")

	steps := func(names ...string) process.Plan {
		one := process.Template{Name: "Bevezetés"}
		for _, name := range names {
			one.Steps = append(one.Steps, process.StepPlan{Name: name, Who: process.Owner, Days: 2, Skippable: true})
		}
		return process.Plan{Templates: []process.Template{one}}
	}
	templates, err := m.Processes.Plan(boss)
	w.must(err)
	templates, err = m.Processes.Publish(boss, templates.Version, steps("Felmérés", "Oktatás"))
	w.must(err)
	next := steps("Oktatás")
	next.Templates[0].ID = templates.Plan.Templates[0].ID
	_, err = m.Processes.Publish(boss, templates.Version, next)
	w.must(err)
	b.get("/settings/processes").ok(http.StatusOK).has("Bevezetés 1. Felmérés · a rekord felelőse · Munkanap: 2 · kihagyható", "már nincs")

	regs, err := m.Regulations.Plan(boss)
	w.must(err)
	one := regulation.Regulation{Name: "Ajánlat egy nap alatt", From: regulation.Moment{Step: regulation.Steps[0]}, To: regulation.Moment{Step: regulation.Steps[1]}, Days: 1}
	regs, err = m.Regulations.Publish(boss, regs.Version, regulation.Plan{Regulations: []regulation.Regulation{one}})
	w.must(err)
	_, err = m.Regulations.Publish(boss, regs.Version, regulation.Plan{})
	w.must(err)
	b.get("/settings/regulations").ok(http.StatusOK).has("Ajánlat egy nap alatt · ", "már nincs")

	plan := workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{lead.EventCaptured}}, When: `lead.source == "fair"`, Actions: []workflow.Action{{Step: "notice.tell", Given: map[string]string{"to": "owner", "text": "Hívja fel"}}}}
	r, err := m.Workflows.Save(boss, workflow.Drafting{Name: "Vásári", Noun: leadrule.Lead, Plan: plan})
	w.must(err)
	r, err = m.Workflows.Publish(boss, r.ID, r.Version)
	w.must(err)
	plan.When = ""
	r, err = m.Workflows.Save(boss, workflow.Drafting{ID: r.ID, Version: r.Version, Name: r.Name, Noun: leadrule.Lead, Plan: plan})
	w.must(err)
	r, err = m.Workflows.Publish(boss, r.ID, r.Version)
	w.must(err)
	b.get("/rules/"+r.ID.String()).ok(http.StatusOK).has("Mi indítja: új érdeklődő érkezett", "már nincs", "1. művelet: Értesítés · Szöveg: Hívja fel · Kinek: A felelőse")
	for _, page := range []string{"/settings/scoring", "/settings/routing", "/settings/commission"} {
		b.get(page).ok(http.StatusOK)
	}
}

// now checks what a page of decisions says beside what its earlier versions said.
func (p *shown) now(has bool, text string) *shown {
	p.b.w.t.Helper()
	today, _, _ := strings.Cut(p.text(), "Korábbi változatok")
	if strings.Contains(today, text) != has {
		p.b.w.t.Errorf("%s: shows %q: %v, want %v: %s", p.Path, text, !has, has, today)
	}
	return p
}
