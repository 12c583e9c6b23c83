package web

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// Capturer takes leads in; *lead.Leads is one.
type Capturer interface {
	Capture(ctx context.Context, d lead.Draft) (lead.Result, error)
}

// OwnPage in Form.Origins stands for the form's own page, at whatever address the host serves it.
const OwnPage = ""

// Form is one form for visitors of web pages.
type Form struct {
	// Key is the form's public name in links: 1 to 40 of a-z, 0-9 and the hyphen.
	Key string
	// Company is the host's key of the company that gets the leads.
	Company string
	// Language is what the form speaks, and what its leads are written to in.
	Language locale.Language
	// Country is where phone numbers without a country code are dialled (ISO 3166-1 alpha-2); the
	// usual one of Language where it is empty.
	Country string
	// Origins are the pages the form may be sent from, as scheme://host or scheme://host:port, each
	// exactly; OwnPage is the form's own page and the only one where the list is empty. Behind a
	// proxy that changes the Host header and sends no X-Forwarded-Host, list the public origin too.
	Origins []string
	// FrameAncestors are the origins that may show the form's page in a frame; none where empty.
	FrameAncestors []string

	// Source and Campaign are kept with leads whose link says nothing else.
	Source, Campaign string

	// Fields are shown in this order; full name, e-mail, phone and message where there are none. One
	// of them must be FieldEmail or FieldPhone.
	Fields  []FormField
	Consent FormConsent
	// Newsletter offers newsletters beside a box of their own; FieldEmail has to be among the fields.
	Newsletter FormNewsletter

	// Title, Intro and Button replace the usual words.
	Title, Intro, Button string
	// ThankYou replaces the usual words after sending.
	ThankYou string
	// RedirectURL is where the visitor goes after sending, instead of a thank-you. Its origin must be
	// one of FormsConfig.RedirectOrigins; nothing in a request can change it.
	RedirectURL string
	Brand       FormBrand
}

// FormField is one field of a form.
type FormField struct {
	Name FieldName
	// Label replaces the usual name of the field, Hint stands below it.
	Label, Hint string
	Required    bool
}

// FieldName says what a field asks for; it is its name in posts.
type FieldName string

// The fields.
const (
	// FieldFullName is read in the name order of the form's language.
	FieldFullName     FieldName = "name"
	FieldGivenName    FieldName = "given_name"
	FieldFamilyName   FieldName = "family_name"
	FieldOrganization FieldName = "company"
	FieldJobTitle     FieldName = "job_title"
	FieldEmail        FieldName = "email"
	FieldPhone        FieldName = "phone"
	FieldCity         FieldName = "city"
	FieldPostalCode   FieldName = "postal_code"
	FieldMessage      FieldName = "message"
)

// FormNewsletter is a box by which a visitor asks for newsletters. He gets a letter with a link, and nothing else until
// he confirms it on the page behind (newsletter/subscription); what he agrees to there is kept as evidence.
type FormNewsletter struct {
	// Topics are what he asks for: public topics of e-mail; none for no box.
	Topics []subscription.TopicID
	// Text stands beside the box, instead of the usual words; at most 300 characters.
	Text string
}

// fieldNewsletter is the name of the box of newsletters, newsletterOn its value.
const fieldNewsletter, newsletterOn = "newsletter", "1"

// fieldConsent is the name of the box beside the consent text.
const fieldConsent FieldName = "consent"

// FormConsent is the text beside a box. What a visitor agreed to is kept as evidence with the touch
// (Regulation (EU) 2016/679, Article 7(1)): the text and its version.
type FormConsent struct {
	// Text is at most 900 characters; "" for no box.
	Text string
	// Version is posted by the box, so that nobody is said to have agreed to a text he did not see:
	// a changed version asks again. Required with a Text; at most 40 characters.
	Version string
	// PolicyURL is the privacy notice, linked below the text; https, or "" for none.
	PolicyURL string
	Required  bool
}

// FormBrand is how the company looks on the form's page.
type FormBrand struct {
	// Name is the company's name as visitors know it.
	Name string
	// Accent is the colour of the button and the page's top, as #rrggbb; a dark neutral where empty. Text
	// on it is black or white, whichever is easier to read.
	Accent string
	// Logo is a PNG, JPEG or WebP picture of at most 14,000 bytes that stands instead of Name. It is
	// part of the page: nothing is loaded from elsewhere.
	Logo []byte
}

// FormsConfig is what [NewForms] works with. Forms and Secret must be given.
type FormsConfig struct {
	Forms []Form
	// Secret signs tokens: at least 32 random bytes, the same in all processes and after a restart.
	Secret []byte
	// Subscribe takes a lead in together with the wish for newsletters, in one transaction; crm.Module's Inquire does. It is
	// needed where a form has a [FormNewsletter].
	Subscribe func(ctx context.Context, d lead.Draft, wish subscription.RequestInput) (lead.Result, error)
	// RedirectOrigins are the only origins a Form.RedirectURL may point to.
	RedirectOrigins []string
	// TrustedProxies are the networks whose X-Forwarded-For and X-Forwarded-Host are believed.
	TrustedProxies []netip.Prefix
	// ClientRate limits posts of one address; 10 at once and one more every 5 seconds by default.
	ClientRate FormRate
	// FormRate limits posts of one form; 100 at once and 5 a second by default.
	FormRate FormRate
	// MinFill is how long a person needs at least; 2 seconds by default.
	MinFill time.Duration
	// TokenLife is how long a form can stay open before it asks for one more press; 24 hours by default.
	TokenLife time.Duration
	// Texts gives the company's own words after sending, which its people change in the settings; the module's
	// Settings do. [Form.ThankYou] comes before them; the usual words stand where it is nil.
	Texts FormWords
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// Log gets refusals and failures, without personal data; slog.Default where it is nil.
	Log *slog.Logger
}

// FormWords gives a text of the company that ctx names, in a language; *setting.Settings is one.
type FormWords interface {
	Text(ctx context.Context, name setting.TextName, l locale.Language) (string, error)
}

// FormRate allows Burst posts at once and one more each Every.
type FormRate struct {
	Burst int
	Every time.Duration
}

// The defaults of FormsConfig.
const (
	defaultMinFill   = 2 * time.Second
	defaultTokenLife = 24 * time.Hour
)

var (
	defaultClientRate = FormRate{Burst: 10, Every: 5 * time.Second}
	defaultFormRate   = FormRate{Burst: 100, Every: 200 * time.Millisecond}
)

func (c FormsConfig) withDefaults() FormsConfig {
	if c.ClientRate == (FormRate{}) {
		c.ClientRate = defaultClientRate
	}
	if c.FormRate == (FormRate{}) {
		c.FormRate = defaultFormRate
	}
	if c.MinFill == 0 {
		c.MinFill = defaultMinFill
	}
	if c.TokenLife == 0 {
		c.TokenLife = defaultTokenLife
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}
