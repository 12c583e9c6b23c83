package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/adapters/imap"
	"github.com/crmplus/crmplus/adapters/sms"
	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
	texting "github.com/crmplus/crmplus/newsletter/sms"
)

// newsletterConfig says how newsletters leave, what comes back, and where their readers' pages are.
type newsletterConfig struct {
	Enabled     bool          `yaml:"enabled"`
	URL         string        `yaml:"url"`
	From        senderConfig  `yaml:"from"`
	SMTP        smtpConfig    `yaml:"smtp"`
	Connections int           `yaml:"connections"`
	PerSecond   float64       `yaml:"per_second"`
	DKIM        []dkimConfig  `yaml:"dkim"`
	Bounces     bounceConfig  `yaml:"bounces"`
	SMS         gatewayConfig `yaml:"sms"`
}

// bounceConfig says how what comes back is heard of.
type bounceConfig struct {
	Domain  string        `yaml:"domain"`
	IMAP    imapConfig    `yaml:"imap"`
	Webhook webhookSecret `yaml:"webhook"`
}

type imapConfig struct {
	Address  string        `yaml:"address"`
	Security string        `yaml:"security"`
	Username string        `yaml:"username"`
	Password string        `yaml:"password"`
	Mailbox  string        `yaml:"mailbox"`
	MoveTo   string        `yaml:"move_to"`
	Every    time.Duration `yaml:"every"`
}

type webhookSecret struct {
	Provider string `yaml:"provider"`
	Secret   string `yaml:"secret"`
}

// gatewayConfig says how text messages leave: two descriptions (adapters/sms), and what is secret in them.
type gatewayConfig struct {
	Description string        `yaml:"description"`
	Sender      string        `yaml:"sender"`
	User        string        `yaml:"user"`
	Password    string        `yaml:"password"`
	Token       string        `yaml:"token"`
	Hook        string        `yaml:"hook"`
	HookCompany string        `yaml:"hook_company"`
	HookSecret  string        `yaml:"hook_secret"`
	Currency    string        `yaml:"currency"`
	Prices      []priceConfig `yaml:"prices"`
}

type priceConfig struct {
	Prefix string `yaml:"prefix"`
	Part   string `yaml:"part"`
}

var domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)

// lettersPath is where the readers' pages are.
const lettersPath = "/n/"

func (n newsletterConfig) secrets() []string {
	return []string{n.SMTP.Password, n.Bounces.IMAP.Password, n.Bounces.Webhook.Secret, n.SMS.Password, n.SMS.Token, n.SMS.HookSecret}
}

// lettersURL is the address below which readers reach their pages.
func (c config) lettersURL() string {
	return cmp.Or(c.Newsletter.URL, c.LinkURL, c.PublicURL) + lettersPath
}

// bulkServer is the mail server of newsletters, which is that of all mails where it is not another one.
func (c config) bulkServer() smtpConfig {
	if c.Newsletter.SMTP == (smtpConfig{}) {
		return c.Mail.SMTP
	}
	return c.Newsletter.SMTP
}

// signatures are the keys by which newsletters are signed: those of their own, else that of the mail server.
func (c config) signatures() ([]message.Key, error) {
	list := c.Newsletter.DKIM
	if own := c.bulkServer().DKIM; len(list) == 0 && own != (dkimConfig{}) {
		list = []dkimConfig{own}
	}
	keys := make([]message.Key, len(list))
	for i, k := range list {
		d, err := c.signature(k)
		if err != nil {
			return nil, err
		}
		signer, err := d.Signer()
		if err != nil {
			return nil, err
		}
		keys[i] = message.Key{Domain: d.Domain, Selector: d.Selector, Signer: signer}
	}
	return keys, nil
}

// letters says how newsletters leave; the zero value where there are none.
func (c config) letters() (crm.NewsletterConfig, error) {
	n := c.Newsletter
	if !n.Enabled {
		return crm.NewsletterConfig{}, nil
	}
	out := crm.NewsletterConfig{PublicURL: c.lettersURL(), Sender: func(string) mail.Address { return mail.Address(cmp.Or(n.From, c.Mail.From)) }}
	if n.Bounces.Domain != "" {
		out.ReturnDomain = func(string) string { return n.Bounces.Domain }
	}
	server, err := c.server(c.bulkServer())
	if err != nil {
		return out, err
	}
	server.DKIM = nil // newsletters are signed while they are composed
	bulk, err := smtp.NewBulk(smtp.BulkConfig{Config: server})
	if err != nil {
		return out, err
	}
	out.Transports = map[string]campaign.Transport{"": {Transport: bulk, Connections: n.Connections, PerSecond: n.PerSecond}}
	keys, err := c.signatures()
	if err != nil {
		return out, err
	}
	out.Keys = func(row campaign.Campaign) []message.Key { return signing(keys, row.SenderAddress) }
	out.Texts, err = c.texts()
	return out, err
}

// signing are the keys that may sign for an address: those of its domain, or of one above it.
func signing(keys []message.Key, address string) []message.Key {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	return slices.DeleteFunc(slices.Clone(keys), func(k message.Key) bool {
		return domain != strings.ToLower(k.Domain) && !strings.HasSuffix(domain, "."+strings.ToLower(k.Domain))
	})
}

// texts says how campaigns on SMS leave; without a gateway they wait.
func (c config) texts() (newsletter.TextConfig, error) {
	t := c.Newsletter.SMS
	out := newsletter.TextConfig{Received: func(_ context.Context, m texting.Inbound) error {
		slog.Info("a text message came that asks for nothing that is done by itself", "gateway_id", m.GatewayID)
		return nil
	}}
	if t.Description == "" {
		return out, nil
	}
	text, err := readDescription(c, t.Description)
	if err != nil {
		return out, err
	}
	d, err := sms.ParseDescription(text)
	if err != nil {
		return out, err
	}
	secrets := sms.Secrets{User: t.User, Password: t.Password, Token: t.Token}
	var gateway texting.Gateway
	if d.Lookup != nil {
		gateway, err = sms.NewFinder(d, secrets, sms.Options{})
	} else {
		gateway, err = sms.New(d, secrets, sms.Options{})
	}
	if err != nil {
		return out, err
	}
	out.Gateways = map[string]campaign.Gateway{"": {Gateway: gateway, Sender: t.Sender}}
	tariff := texting.Tariff{Currency: t.Currency}
	for _, p := range t.Prices {
		part, err := money.ParseAmount(p.Part)
		if err != nil {
			return out, err
		}
		tariff.Prices = append(tariff.Prices, texting.Price{Prefix: p.Prefix, Part: part})
	}
	if t.Currency != "" {
		out.Tariff = func(string) texting.Tariff { return tariff }
	}
	return out, nil
}

// mailbox reads what comes back; nil where no mailbox is named.
func (c config) mailbox(log *slog.Logger) (*imap.Reader, error) {
	m := c.Newsletter.Bounces.IMAP
	if m == (imapConfig{}) {
		return nil, nil
	}
	return imap.New(imap.Config{
		Address: m.Address, Security: imap.Security(m.Security), Username: m.Username, Password: m.Password,
		Mailbox: m.Mailbox, MoveTo: m.MoveTo, Every: m.Every, Log: log,
	})
}

func (c config) checkNewsletter(list *fault.List) {
	n := c.Newsletter
	if !n.Enabled {
		return
	}
	if c.LinkKey == "" {
		list.Add("link_key", "required", "is missing; the links in newsletters are signed by it")
	}
	switch u, _ := url.Parse(n.URL); {
	case n.URL == "":
	case !originForm.MatchString(n.URL):
		list.Add("newsletter.url", "form", "%q is no origin; write it as https://news.example.com, without a path", n.URL)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		list.Add("newsletter.url", "scheme", "%q has no TLS, so that anybody on the way could unsubscribe readers; write https", n.URL)
	}
	if cmp.Or(n.From.Email, c.Mail.From.Email) == "" {
		list.Add("newsletter.from.email", "required", "is missing; say which mailbox newsletters come from")
	}
	n.From.check("newsletter.from", list)
	if n.Connections < 0 || n.Connections > 200 {
		list.Add("newsletter.connections", "range", "is %d; give 1 to 200", n.Connections)
	}
	if n.PerSecond < 0 {
		list.Add("newsletter.per_second", "range", "is %g; give messages a second, or 0 for no limit", n.PerSecond)
	}
	c.checkBulk(list)
	c.checkBounces(list)
	c.checkTexts(list)
}

func (c config) checkBulk(list *fault.List) {
	if c.bulkServer() == (smtpConfig{}) {
		list.Add("newsletter.smtp", "required", "is missing, and so is mail.smtp; newsletters need a mail server")
		return
	}
	if c.Newsletter.SMTP != (smtpConfig{}) { // that of all mails is judged there
		c.checkServer("newsletter.smtp", c.Newsletter.SMTP, list)
	}
	for i, k := range c.Newsletter.DKIM {
		d, err := c.signature(k)
		if err == nil {
			_, err = d.Signer()
		}
		if err != nil {
			list.Add(fmt.Sprintf("newsletter.dkim[%d]", i), "file", "no key can be read from %s: %v", c.path(k.KeyFile), err)
		}
	}
}

func (c config) checkBounces(list *fault.List) {
	b := c.Newsletter.Bounces
	if b.Domain != "" {
		if !domainForm.MatchString(b.Domain) {
			list.Add("newsletter.bounces.domain", "form", "%q is no domain; write it as bounces.example.com", b.Domain)
		}
	}
	_, err := c.mailbox(slog.New(slog.DiscardHandler))
	list.Merge("newsletter.bounces.imap", fault.Of(err))
	if b.Webhook != (webhookSecret{}) {
		_, err = bounce.NewHook(bounce.HookConfig{Provider: b.Webhook.Provider, Secret: b.Webhook.Secret, Take: func(context.Context, []bounce.Report) error { return nil }})
		list.Merge("newsletter.bounces.webhook", fault.Of(err))
	}
}

func (c config) checkTexts(list *fault.List) {
	t := c.Newsletter.SMS
	if _, err := c.texts(); err != nil {
		list.Add("newsletter.sms", "form", "%v", err)
	}
	if t.Hook == "" {
		return
	}
	if !slices.Contains(c.Host.Companies, t.HookCompany) {
		list.Add("newsletter.sms.hook_company", "unknown", "%q is none of host.companies", t.HookCompany)
	}
	if _, err := c.textHook(nobody{}); err != nil {
		list.Add("newsletter.sms.hook", "form", "%v", err)
	}
}

// nobody hears nothing: a hook is only judged.
type nobody struct{ texting.Receiver }

// textHook is the address that the gateway of text messages calls.
func (c config) textHook(receiver texting.Receiver) (*sms.Handler, error) {
	t := c.Newsletter.SMS
	text, err := os.ReadFile(c.path(t.Hook))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "%s cannot be read", c.path(t.Hook))
	}
	h, err := sms.ParseHook(text)
	if err != nil {
		return nil, err
	}
	return sms.NewHandler(h, sms.HandlerConfig{Company: t.HookCompany, Secret: t.HookSecret, Receiver: receiver})
}
