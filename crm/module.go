// Package crm puts the parts of CRM+ together and knows no rule of its own.
//
//	db, err := sqlite.Open("erp.db")          // or mssql.Use(hostDB)
//	module, err := crm.New(db, crm.Config{Host: host})
//	err = module.Migrate(ctx)                 // or let an administrator run the SQL
//	go module.Run(ctx)                        // reminders, clocks, deliveries; or RunOnce from a scheduler
//
// Every operation takes its actor from the context (actor.With) and opens its own transaction. Inside a
// transaction of the host the same operations are called on a view:
//
//	result, err := module.WithTx(tx).Convert.Lead(ctx, id, choice)
//	err = tx.Commit()
//	module.Wake()
package crm

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/live"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/notice"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/readlog"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/cost"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quantity"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/receipt"
	"github.com/crmplus/crmplus/reports/schedule"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/reports/value"
)

// Config is what the host says about itself. Only Host.Name and Host.Customers must be given.
type Config struct {
	// Host are the ports to the ERP.
	Host erpbridge.Host
	// Locale is how each company sees things: its language, zone and currency. It is called often and
	// must not touch the database. Where it is nil every company is English, UTC and EUR; see
	// erpbridge.Locales for one that reads the host's companies once.
	Locale func(company string) locale.Locale
	// Outbox says how a host that is Elsewhere is called.
	Outbox convert.Outbox
	// Quotes says how quotes are numbered and look.
	Quotes QuoteConfig
	// Mailer sends mails; see adapters/smtp. Where it is nil mails stay queued, and Run warns of them.
	Mailer mail.Mailer
	// Mail says how mails are tried; its Mailer, Purposes and Log are filled in here.
	Mail mail.Config
	// LinkKey signs the links in mails: at least 32 random bytes, the same in all processes and after a
	// restart. Without it quotes are sent without a link to answer them by.
	LinkKey []byte
	// Newsletter says how newsletters leave; it needs LinkKey. Where its PublicURL is "" there are none.
	Newsletter NewsletterConfig
	// Figures says where rates come from and how reports reach their readers.
	Figures FigureConfig
	// Webhooks says how other systems are told what happens.
	Webhooks webhook.Config
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// Log gets warnings of the background; slog.Default where it is nil.
	Log *slog.Logger
	// Poll is how often Run looks for work that nobody announced; 5 seconds where it is 0.
	Poll time.Duration
	// RuleLimit is how long one run of a company's rule may take before it is stopped, to be tried again; 5 seconds where it
	// is 0. Give more where the database is slow.
	RuleLimit time.Duration
	// KeepEvents is how long finished events, and calls to a host that is Elsewhere, stay in the outbox; 90
	// days where it is 0.
	KeepEvents time.Duration
}

// Module is CRM+ on one database.
type Module struct {
	Parties       *party.Parties
	Leads         *lead.Leads
	Opportunities *opportunity.Opportunities
	Activities    *activity.Activities
	Quotes        *quote.Quotes
	Convert       *convert.Conversions
	Reports       *reports.Reports
	// KPIs are the key figures, Forecasts what open opportunities may bring, Quotas what is to be reached; Rates
	// turn other currencies into the company's, Schedules send word of reports.
	KPIs      *kpi.KPIs
	Forecasts *forecast.Forecasts
	Quotas    *quota.Quotas
	// Costs note what the products on won opportunities cost; Commissions pay sellers for what they sold.
	Costs       *cost.Costs
	Commissions *commission.Commissions
	// Quantities say which products will be needed, and what of them is ordered.
	Quantities *quantity.Quantities
	// Receipts say what money will come in, and when.
	Receipts  *receipt.Receipts
	Rates     *exchange.Rates
	Schedules *schedule.Schedules
	Search    *search.Searches
	Mails     *mail.Mails
	Settings  *setting.Settings
	// Fields are the custom fields that companies add to records.
	Fields  *custom.Fields
	Notices *notice.Notices
	// Calendars are the companies' working time, Routing gives new leads to people, Clocks watch over answers and stages,
	// Scores say how promising leads are.
	Calendars *calendar.Calendars
	Routing   *routing.Routes
	Clocks    *clock.Clocks
	Scores    *scoring.Scores
	// Regulations say how long one step may take to follow another, and who kept that.
	Regulations *regulation.Regulations
	// Processes are work in steps that is seen as a whole.
	Processes *process.Processes
	// Values say what the host's customers are worth, and have them spoken to; Suggestions what they may want next.
	Values      *value.Values
	Suggestions *suggest.Suggestions
	// Workflows have the companies' own rules done.
	Workflows *workflow.Workflows
	// Newsletters are topics, readers, segments and campaigns; nil without Config.Newsletter.
	Newsletters *newsletter.Newsletters
	// Live tells open screens what changed. All views of a module share it.
	Live *live.Hub
	// Reads notes who opened which person's card. All views of a module share it.
	Reads *readlog.Log
	// Keys let programs in; see adapters/api.
	Keys *apikey.Keys
	// Webhooks tell other systems what happens.
	Webhooks *webhook.Webhooks
	// Events takes the host's own handlers and actions; register them before Run.
	Events *event.Registry

	*shared

	db     *store.DB
	config Config
}

// New puts the module together. Everything that is wrong with the configuration is named at once.
func New(db *store.DB, config Config) (*Module, error) {
	if err := config.check(db); err != nil {
		return nil, err
	}
	if config.Locale == nil {
		config.Locale = func(string) locale.Locale { return locale.Locale{Language: locale.English, Currency: "EUR"} }
	}
	if config.Poll == 0 {
		config.Poll = 5 * time.Second
	}
	if config.KeepEvents == 0 {
		config.KeepEvents = 90 * 24 * time.Hour
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Now != nil {
		db = db.WithClock(config.Now)
	}
	m := &Module{config: config, Events: event.NewRegistry(), shared: newShared()}
	m.Keys = apikey.New(db, apikey.Config{Users: m.knownUsers()})
	if config.Webhooks.Log == nil {
		config.Webhooks.Log = config.Log
	}
	m.Webhooks = webhook.New(db, config.Webhooks)
	m.Mails = mail.New(db, config.mail())
	m.Live = live.New(db, live.Config{Log: config.Log})
	m.Reads = readlog.New(db, readlog.Config{})
	m.Search = search.New(db, m.searchConfig())
	if config.Newsletter.PublicURL != "" {
		n, err := newsletter.New(db, m.newsletterConfig(db))
		if err != nil {
			return nil, err
		}
		m.Newsletters = n
	}
	if err := config.terms().Check(); err != nil {
		return nil, err
	}
	m.assemble(db.WithWake(m.Wake))
	m.Routing.Register(m.Events)
	m.Scores.Register(m.Events) // before the clocks, whose rules may ask for the score
	m.Clocks.Register(m.Events)
	m.Regulations.Register(m.Events)
	m.Processes.Register(m.Events)
	m.Commissions.Register(m.Events)
	m.Convert.Register(m.Events)
	m.Quotes.Register(m.Events)
	m.Activities.Register(m.Events)
	m.Notices.Register(m.Events)
	m.Webhooks.Register(m.Events)
	m.Search.Register(m.Events)
	if m.Newsletters != nil {
		m.Newsletters.Sequences.Register(m.Events)
	}
	m.offer()
	m.Events.On(m.answered())
	return m, nil
}

func (c Config) check(db *store.DB) error {
	var faults fault.List
	if db == nil {
		faults.Add("db", "required", "is missing; open one with adapters/sqlite or adapters/mssql")
	}
	faults.Required("host.name", c.Host.Name)
	if c.Host.Customers == nil {
		faults.Add("host.customers", "required", "is missing; without it no lead can become a customer")
	}
	if c.Host.Documents != nil && c.Host.Tolerance.IsNegative() {
		faults.Add("host.tolerance", "negative", "is %s; give zero or more", c.Host.Tolerance)
	}
	switch c.Host.Place {
	case "", erpbridge.SameDatabase, erpbridge.SameServer, erpbridge.Elsewhere:
	default:
		faults.Add("host.place", "choice", "%q is no place; say %s, %s or %s", c.Host.Place, erpbridge.SameDatabase, erpbridge.SameServer, erpbridge.Elsewhere)
	}
	faults.Merge("outbox", c.Outbox.Check())
	faults.Merge("webhooks", c.Webhooks.Check())
	faults.Merge("mail", c.Mail.Check())
	c.checkLinks(&faults)
	if c.Newsletter.PublicURL != "" {
		faults.Merge("newsletter", c.Newsletter.check(c.LinkKey))
	}
	if c.Poll < 0 {
		faults.Add("poll", "negative", "is %s; give the pause between two looks for work", c.Poll)
	}
	if c.RuleLimit < 0 {
		faults.Add("rule_limit", "negative", "is %s; give how long one run of a rule may take", c.RuleLimit)
	}
	if c.KeepEvents < 0 {
		faults.Add("keep_events", "negative", "is %s; give how long finished events are kept", c.KeepEvents)
	}
	return faults.Err("CRM+ cannot start with this configuration")
}

// assemble makes the parts on a database, or on a view of one.
func (m *Module) assemble(db *store.DB) {
	c := m.config
	m.db = db
	m.Fields = custom.New(db)
	m.Parties = party.New(db, c.Locale)
	m.Activities = activity.New(db, m.Parties)
	m.Opportunities = opportunity.New(db, opportunity.Config{
		Locale: c.Locale, Users: m.knownUsers(), DoneActivities: m.doneActivities,
	})
	m.Leads = lead.New(db, lead.Config{Parties: m.Parties, Host: c.Host, Route: m.route})
	m.Mails = m.Mails.On(db)
	m.Quotes = quote.New(db, m.quoteConfig())
	m.Convert = convert.New(db, convert.Config{
		Host: c.Host, Parties: m.Parties, Leads: m.Leads, Opportunities: m.Opportunities,
		Activities: m.Activities, Quotes: m.Quotes, Locales: c.Locale, Outbox: c.Outbox, Log: c.Log,
	})
	m.Reports = reports.New(db, c.Locale)
	m.assembleFigures(db)
	m.assembleRhythm(db)
	m.assembleValues(db)
	m.assembleWorkflow(db)
	m.Settings = setting.New(db, m.settingConfig())
	m.Notices = notice.New(db, m.Settings)
	m.Keys = m.Keys.On(db)
	m.Webhooks = m.Webhooks.On(db)
	m.Search = m.Search.On(db)
	if m.Newsletters != nil {
		m.Newsletters = m.Newsletters.On(db)
	}
}

// view is a module with what all views share, to be assembled on a database.
func (m *Module) view() *Module {
	return &Module{Search: m.Search, Mails: m.Mails, Live: m.Live, Reads: m.Reads, Keys: m.Keys, Webhooks: m.Webhooks, Newsletters: m.Newsletters, Workflows: m.Workflows, config: m.config, Events: m.Events, shared: m.shared}
}

// WithTx gives a view of the module that works inside a transaction of the host, which alone commits,
// rolls back and retries. After an error the host must roll back; fault.Retryable says that the same
// in a new transaction can succeed.
func (m *Module) WithTx(tx *sql.Tx) *Module {
	view := m.view()
	view.assemble(m.db.Bind(tx))
	return view
}

// In gives a view of the module that works inside an open session, so that several verbs are one unit of
// work.
func (m *Module) In(s *store.Session) *Module {
	view := m.view()
	view.assemble(s.Inside())
	return view
}

// DB is the database the module works on.
func (m *Module) DB() *store.DB { return m.db }

// Migrate brings the schema to this version; see store.DB.Migrate.
func (m *Module) Migrate(ctx context.Context) error { return m.db.Migrate(ctx) }

// Check fails where the schema is not that of this version; it changes nothing.
func (m *Module) Check(ctx context.Context) error { return m.db.Check(ctx) }
