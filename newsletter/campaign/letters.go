package campaign

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/track"
)

// The paths of readers' pages below [LettersConfig.Base]; behind each stands a token of newsletter/track.
const (
	ClickPath = "c/"
	PixelPath = "o/"
	ViewPath  = "v/"
)

// LettersConfig is what [Letters] are told.
type LettersConfig struct {
	// Keys (needed) sign the tokens of links and return paths.
	Keys *track.Keys
	// Base (needed) is the address below which readers' pages are reached, with a slash at its end:
	// "https://news.example.com/n/".
	Base string
	// Fields are what designs may name; content.Catalogue() where they are nil.
	Fields content.Fields
	// Finish adds to a message what the content does not know: the list it belongs to, the keys that sign,
	// attachments. nil where there is nothing to add.
	Finish func(ctx context.Context, s *store.Session, c Campaign, d *message.Draft) error
	// Readers (needed) reads what is known of readers, in their order, as [Directory.Readers] does, and gives them the
	// addresses by which they leave: nothing is sent to a reader who has none.
	Readers func(ctx context.Context, s *store.Session, q ReaderQuery) ([]content.Reader, error)
	// Locales gives zone and currency of a company, for the day that a letter names and the values of its own fields;
	// UTC, and no currency, where it is nil.
	Locales func(company string) locale.Locale
	// ReturnDomain is where the bounces of a company's campaigns go that name no domain; nil, and "", let them go to
	// the sender.
	ReturnDomain func(company string) string
	// Measured reports whether a reader's clicks and opens may be recorded; nil records everybody's.
	Measured func(ctx context.Context, s *store.Session, rows []Recipient) ([]bool, error)
}

// Letters is the [Composer] of designs (newsletter/content), with links and pictures that are counted
// (newsletter/track), as messages (newsletter/message).
type Letters struct{ config LettersConfig }

// NewLetters makes Letters. The error names everything that is wrong with the configuration.
func NewLetters(c LettersConfig) (*Letters, error) {
	var faults fault.List
	if c.Keys == nil {
		faults.Add("keys", "required", "are missing; make them with track.NewKeys")
	}
	if !strings.HasPrefix(c.Base, "https://") && !strings.HasPrefix(c.Base, "http://") || !strings.HasSuffix(c.Base, "/") {
		faults.Add("base", "url.form", "%.80q is no address with a slash at its end; write it as https://news.example.com/n/", c.Base)
	}
	if c.Fields == nil {
		c.Fields = content.Catalogue()
	}
	if c.Locales == nil {
		c.Locales = nowhere
	}
	if c.Readers == nil {
		faults.Add("readers", "required", "are missing; take those of a Directory, and give each the address by which he leaves")
	}
	return &Letters{c}, faults.Err("newsletters cannot be composed")
}

// nowhere is the locale of companies of which none is known.
func nowhere(string) locale.Locale { return locale.Locale{} }

// compile makes the programs of a content, and gives the files that go with it.
func (l *Letters) compile(p Content) (content.Programs, []content.File, error) {
	var d content.Design
	if err := json.Unmarshal([]byte(p.Design), &d); err != nil {
		return content.Programs{}, nil, fault.Wrap(err, fault.Invalid, "the design of variant %s in %s is damaged; save it again", p.Variant, p.Language)
	}
	if d.Language == "" {
		d.Language = p.Language
	}
	if p.Subject != "" {
		d.Subject = p.Subject
	}
	programs, err := d.Compile(slices.Concat(l.config.Fields, d.Own()))
	return programs, d.Files, err
}

// Links are the counted links of a campaign, those of one content behind those of the other: what
// track.Token.Link counts. One that holds merge fields differs from reader to reader, and is "".
func (l *Letters) Links(contents []Content) ([]string, error) {
	var all []string
	for _, p := range contents {
		programs, _, err := l.compile(p)
		if err != nil {
			return nil, err
		}
		for _, link := range programs.Links {
			if strings.Contains(link, "{{") {
				link = ""
			}
			all = append(all, link)
		}
	}
	return all, nil
}

// Compose implements [Composer].
func (l *Letters) Compose(ctx context.Context, s *store.Session, c Campaign, p Content) (Letter, error) {
	contents, err := contentsOf(ctx, s, c.ID)
	if err != nil {
		return nil, err
	}
	out := &designed{letters: l, campaign: c, locale: l.config.Locales(c.Company)}
	for _, other := range contents {
		if other.ID == p.ID {
			break
		}
		before, _, err := l.compile(other)
		if err != nil {
			return nil, err
		}
		out.links += len(before.Links)
	}
	var files []content.File
	if out.programs, files, err = l.compile(p); err != nil {
		return nil, err
	}
	out.locale.Language = out.programs.Language
	d := message.Draft{
		From: mail.Address{Name: c.SenderName, Email: c.SenderAddress}, Date: c.Dated(s.Now), Language: p.Language,
		Subject: out.programs.Subject, Text: out.programs.Text, HTML: out.programs.HTML,
	}
	if d.Attachments, err = Attached(ctx, s, files); err != nil {
		return nil, err
	}
	if c.ReplyTo != "" {
		d.ReplyTo = mail.Address{Email: c.ReplyTo}
	}
	if l.config.Finish != nil {
		if err := l.config.Finish(ctx, s, c, &d); err != nil {
			return nil, err
		}
	}
	out.Template, err = message.Compile(d)
	return out, err
}

// designed is a design that is ready to be sent.
type designed struct {
	*message.Template

	letters  *Letters
	campaign Campaign
	programs content.Programs
	// links is how many links stand before those of this content.
	links int
	// locale is the company's, in the language of the letter.
	locale locale.Locale
}

// Load implements [Letter].
func (d *designed) Load(ctx context.Context, s *store.Session, rows []Recipient) ([]Addressed, error) {
	readers, err := d.letters.config.Readers(ctx, s, ReaderQuery{Campaign: d.campaign, Rows: rows, Names: d.programs.Fields(), Locale: d.locale})
	if err != nil {
		return nil, err
	}
	today := civil.In(s.Now, d.locale.Location())
	measured := make([]bool, len(rows))
	for i := range measured {
		measured[i] = true
	}
	if d.letters.config.Measured != nil {
		if measured, err = d.letters.config.Measured(ctx, s, rows); err != nil {
			return nil, err
		}
	}
	list := make([]Addressed, len(rows))
	for i, r := range rows {
		readers[i].Today = today
		list[i] = d.address(r, &readers[i], measured[i])
	}
	return list, nil
}

func (d *designed) address(r Recipient, reader *content.Reader, measured bool) Addressed {
	c := d.letters.config
	number, seq := d.campaign.Number, uint32(r.Seq)
	page := func(path string, k track.Kind) string {
		return string(c.Keys.Append([]byte(c.Base+path), track.Token{Kind: k, Campaign: number, Seq: seq, Unmeasured: !measured}))
	}
	reader.Language, reader.Email = d.programs.Language, r.Address
	reader.View = page(ViewPath, track.View)
	_, domain, _ := strings.Cut(d.campaign.SenderAddress, "@")
	id := strconv.AppendInt(make([]byte, 0, 24+len(domain)), number, 36)
	id = append(strconv.AppendInt(append(id, '.'), int64(r.Seq), 36), '@')
	out := Addressed{Recipient: message.Recipient{
		Name: r.Name, Address: r.Address, MessageID: string(append(id, domain...)), Unsubscribe: reader.Unsubscribe,
		Subject: reader.Append(nil, d.programs.Subject.Fields), Text: reader.Append(nil, d.programs.Text.Fields), HTML: reader.Append(nil, d.programs.HTML.Fields),
		Link: func(dst []byte, link int) []byte {
			return c.Keys.Append(append(append(dst, c.Base...), ClickPath...), track.Token{Kind: track.Click, Campaign: number, Seq: seq, Link: uint16(d.links + link), Unmeasured: !measured})
		},
	}}
	if reader.Unsubscribe == "" {
		out.Err = fault.New(fault.Invalid, "%s has no page by which to leave; nothing is sent without one", r.Address)
	}
	if measured {
		out.Recipient.Pixel = page(PixelPath, track.Open)
	}
	domain = d.campaign.ReturnDomain
	if domain == "" && c.ReturnDomain != nil {
		domain = c.ReturnDomain(d.campaign.Company)
	}
	if domain != "" {
		out.ReturnPath = c.Keys.ReturnPath(number, seq, domain)
	} else {
		out.ReturnPath = d.campaign.SenderAddress
	}
	return out
}
