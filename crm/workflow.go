package crm

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// assembleWorkflow makes what has the company's rules done.
func (m *Module) assembleWorkflow(db *store.DB) {
	if m.Workflows != nil { // a view: what rules are known is shared
		m.Workflows = m.Workflows.On(db)
		return
	}
	c := workflow.Config{Terms: m.config.terms(), Steps: m.Events, Calendars: m.Calendars, Locales: m.config.Locale, Staff: m.staff(), Limit: m.config.RuleLimit}
	c.Language = func(ctx context.Context, s *store.Session, user string) (locale.Language, error) {
		own, err := m.Settings.In(s).PreferencesOf(ctx, user)
		return own.Language, err
	}
	if url := m.config.Figures.ScreensURL; url != nil {
		c.Link = func(company, noun string, id workflow.RecordID) string {
			return url(company) + cards[noun] + id.String()
		}
	}
	m.Workflows = workflow.New(db, c)
}

// letters are what letters of rules about a noun can merge in.
func (c Config) letters(ctx context.Context, s *store.Session, noun string) ([]mail.Field, error) {
	if !slices.Contains(leadrule.Nouns, leadrule.Noun(noun)) {
		return nil, fault.New(fault.Invalid, "there are no rules about %.20q; name a letter rule.<noun>.<name> with one of %v", noun, leadrule.Nouns)
	}
	env, err := c.terms().About(ctx, s, leadrule.Noun(noun))
	if err != nil {
		return nil, err
	}
	var out []mail.Field
	for _, r := range env.Records() {
		for _, f := range r.Fields {
			if f.Column != "" && !strings.HasPrefix(f.Name, "custom.") { // those come with their labels
				out = append(out, mail.Field{Name: r.Name + "." + f.Name})
			}
		}
	}
	return out, nil
}

// offer lets rules do what the packages offer.
func (m *Module) offer() {
	m.Activities.Offer(m.Events)
	m.Mails.Offer(m.Events, mail.Sendings{Sender: m.staffSender, Closed: m.closed})
	m.Notices.Offer(m.Events)
	m.Leads.Offer(m.Events)
	m.Processes.Offer(m.Events)
	m.Opportunities.Offer(m.Events)
	m.Quotes.Offer(m.Events)
	m.Parties.Offer(m.Events)
	if texter := m.config.Newsletter.Texter; texter != nil {
		m.offerText(texter)
	}
	if m.Newsletters != nil {
		m.Newsletters.Sequences.Offer(m.Events)
	}
	m.Convert.Offer(m.Events)
	m.Webhooks.Offer(m.Events)
	m.Workflows.Register(m.Events)
}

// closed reports whether an address must not be written to.
func (m *Module) closed(ctx context.Context, s *store.Session, email string) (bool, error) {
	if m.Newsletters == nil {
		return false, nil
	}
	found, err := m.Newsletters.Subscriptions.In(s).Suppressed(ctx, subscription.Email, email)
	if fault.CodeOf(err) == fault.NotFound {
		err = nil
	}
	return found.Reason != "", err
}

// StepText is the step by which rules send short messages; it is there where Config.Newsletter.Texter is.
const StepText = "sms.send"

func (m *Module) offerText(texter subscription.Texter) {
	m.Events.Offer(event.Step{
		Name: StepText, Right: actor.ActivityWrite,
		Parameters: []event.Parameter{{Name: "to", Kind: event.Addressee, Required: true}, {Name: "text", Kind: event.Long, Required: true, Most: 600}},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			to, err := t.Reach(ctx, t.Given["to"])
			if err != nil || to.Mobile == "" {
				return event.NobodyThere, err
			}
			_, err = texter.Text(ctx, s, to.Mobile, t.Given["text"])
			return to.Mobile, err
		},
	})
}

// carryOut has the companies' rules done.
func (m *Module) carryOut(ctx context.Context) (int, error) {
	return m.eachCompany(ctx, "crm_workflow", m.Workflows.Work)
}
