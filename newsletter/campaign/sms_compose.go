package campaign

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/merge"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/track"
)

// TextDesign is what a campaign of text messages says; [Content.Design] holds it as JSON.
type TextDesign struct {
	// Text is plain, with merge fields. What the reader's country asks for is put around it when it is sent.
	Text string `json:"text"`
	// Counted leads its links over short signed ones of the company's own, so that who follows them is counted.
	Counted bool `json:"counted,omitempty"`
	// Plain sends it in the letters of the default alphabet to those for whom that makes it fewer parts.
	Plain bool `json:"plain,omitempty"`
}

// MaxTextParts is how many parts a message of a campaign may have; what is longer is a letter.
const MaxTextParts = 10

// ReadTextDesign reads the design of a content.
func ReadTextDesign(p Content) (TextDesign, error) {
	var d TextDesign
	if err := json.Unmarshal([]byte(p.Design), &d); err != nil {
		return d, fault.Wrap(err, fault.Invalid, "the text of variant %s in %s is damaged; write it again", p.Variant, p.Language)
	}
	return d, nil
}

// JSON is the design as [Content.Design] holds it.
func (d TextDesign) JSON() string {
	raw, err := json.Marshal(d)
	if err != nil {
		panic("campaign: " + err.Error()) // a text and a flag always can
	}
	return string(raw)
}

// Check names what is wrong with a text.
func (d TextDesign) Check(fields content.Fields) []fault.Fault {
	_, err := d.compile(fields)
	return fault.Of(err)
}

func (d TextDesign) compile(fields content.Fields) (*merge.Program, error) {
	var faults fault.List
	faults.Required("text", strings.TrimSpace(d.Text))
	if n := sms.Measure(d.Text).Parts; n > MaxTextParts {
		faults.Add("text", "text.parts", "has %d parts, at most %d are sent; shorten it", n, MaxTextParts)
	}
	program, err := merge.Parse(merge.Source{Text: d.Text, As: merge.Text, Known: fields.Known()})
	if err != nil {
		faults.Merge("text", fault.Of(err))
	} else if d.Counted && len(program.Links) == 0 {
		faults.Add("text", "link.none", "has no link that could be counted; write it with https://, or do not have links counted")
	}
	return program, faults.Err("the text cannot be sent")
}

// MessagesConfig is what [Messages] are told; all of it may be nil.
type MessagesConfig struct {
	// Fields are what texts may name; content.Catalogue() where they are nil.
	Fields content.Fields
	// Readers is as that of [LettersConfig].
	Readers func(ctx context.Context, s *store.Session, q ReaderQuery) ([]content.Reader, error)
	// Keys and Base are as those of [LettersConfig]; without them no links are counted.
	Keys *track.Keys
	Base string
	// Locales is as that of [LettersConfig].
	Locales func(company string) locale.Locale
	// Rules are what countries ask for, sms.DefaultRules where it is nil; Tariff is what a company's gateway
	// costs.
	Rules  func(company string) sms.Rules
	Tariff func(company string) sms.Tariff
}

// Messages makes the text messages of campaigns, each as its reader's country wants it, and says what they
// cost. It is safe for many goroutines.
type Messages struct{ config MessagesConfig }

// NewMessages makes Messages.
func NewMessages(c MessagesConfig) *Messages {
	if c.Fields == nil {
		c.Fields = content.Catalogue()
	}
	if c.Readers == nil {
		c.Readers = new(Directory).Readers
	}
	if c.Locales == nil {
		c.Locales = nowhere
	}
	if c.Rules == nil {
		c.Rules = func(string) sms.Rules { return sms.DefaultRules() }
	}
	if c.Tariff == nil {
		c.Tariff = func(string) sms.Tariff { return sms.Tariff{} }
	}
	return &Messages{c}
}

// Tariff is what the messages of a campaign cost: the gateway's prices, and for numbers that those do not
// name the campaign's own for a part.
func (m *Messages) Tariff(c Campaign) sms.Tariff {
	t := m.config.Tariff(c.Company)
	if t.Currency == "" {
		t.Currency = c.Currency
	}
	if !c.CostEach.IsZero() {
		t.Prices = append(t.Prices[:len(t.Prices):len(t.Prices)], sms.Price{Prefix: "+", Part: c.CostEach})
	}
	return t
}

// Text is a message as one reader gets it.
type Text struct {
	// Text is all of it, with what his country asks for.
	Text string
	Size sms.Size
	// Country is that of his number, and Rule what it asks for.
	Country string
	Rule    sms.Rule
	// Cost is what it costs; Priced is false where nobody knows.
	Cost   money.Amount
	Priced bool
}

// texted is a text that is ready to be sent to many.
type texted struct {
	messages *Messages
	campaign Campaign
	content  Content
	design   TextDesign
	program  *merge.Program
	rules    sms.Rules
	tariff   sms.Tariff
	locale   locale.Locale
	today    civil.Date
	// links is how many counted links stand before those of this content; counted says that its own are.
	links   int
	counted bool
}

// Links are the counted links of a campaign, as [Letters.Links].
func (m *Messages) Links(contents []Content) ([]string, error) {
	var all []string
	for _, p := range contents {
		t, err := m.compose(Campaign{}, p, time.Time{})
		if err != nil {
			return nil, err
		}
		if t.counted {
			all = append(all, t.program.Links...)
		}
	}
	return all, nil
}

func (m *Messages) compose(c Campaign, p Content, now time.Time) (*texted, error) {
	d, err := ReadTextDesign(p)
	if err != nil {
		return nil, err
	}
	program, err := d.compile(slices.Concat(m.config.Fields, content.Named(d.Text)))
	if err != nil {
		return nil, err
	}
	where := m.config.Locales(c.Company)
	where.Language = p.Language
	return &texted{
		messages: m, campaign: c, content: p, design: d, program: program, rules: m.config.Rules(c.Company), tariff: m.Tariff(c), locale: where, today: civil.In(now, where.Location()),
		counted: d.Counted && m.config.Keys != nil,
	}, nil
}

// Preview is what a reader with a number gets of a content.
func (m *Messages) Preview(c Campaign, p Content, number string, reader content.Reader) (Text, error) {
	t, err := m.compose(c, p, time.Now())
	if err != nil {
		return Text{}, err
	}
	return t.text(Recipient{Seq: previewed, Address: number}, &reader)
}

// previewed is the row of readers in previews: its token is as long as those of a million readers, and is not counted.
const previewed = 1 << 20

// Load implements loader.
func (t *texted) Load(ctx context.Context, s *store.Session, rows []Recipient) ([]Addressed, error) {
	readers, err := t.messages.config.Readers(ctx, s, ReaderQuery{Campaign: t.campaign, Rows: rows, Names: t.program.Fields, Locale: t.locale})
	if err != nil {
		return nil, err
	}
	list := make([]Addressed, len(rows))
	for i, r := range rows {
		readers[i].Today = t.today
		text, err := t.text(r, &readers[i])
		list[i] = Addressed{ReturnPath: t.campaign.SenderAddress, Text: &text, Err: err}
	}
	return list, nil
}

// link gives the addresses of links, nil where they stand as they were written.
func (t *texted) link(row Recipient) func(dst []byte, n int) []byte {
	if !t.counted {
		return nil
	}
	c := t.messages.config
	return func(dst []byte, n int) []byte {
		token := track.Token{Kind: track.Text, Campaign: t.campaign.Number, Seq: uint32(row.Seq), Link: uint16(t.links + n), Unmeasured: row.Seq == previewed && row.PartyID.IsZero()}
		return c.Keys.Append(append(append(dst, c.Base...), ClickPath...), token)
	}
}

// text writes the message for one reader.
func (t *texted) text(row Recipient, reader *content.Reader) (Text, error) {
	number := row.Address
	out := Text{Country: sms.Country(number)}
	out.Rule = t.rules.Of(out.Country)
	reader.Language = t.content.Language
	advert := sms.Advert{
		Body:     string(t.program.Append(nil, reader.Append(nil, t.program.Fields), t.link(row))),
		Language: t.content.Language, Sender: t.campaign.SenderName,
	}
	if !answerable(t.campaign.SenderAddress) {
		advert.Link = reader.Unsubscribe
	}
	var err error
	if out.Text, err = out.Rule.Compose(advert); err != nil {
		return out, err
	}
	out.Size = sms.Measure(out.Text)
	if t.design.Plain && out.Size.Encoding == sms.UCS2 {
		if plain, ok := sms.Plain(out.Text); ok && sms.Measure(plain).Parts < out.Size.Parts {
			out.Text, out.Size = plain, sms.Measure(plain)
		}
	}
	if out.Size.Parts > MaxTextParts {
		return out, fault.New(fault.Invalid, "the text has %d parts for this reader, at most %d are sent", out.Size.Parts, MaxTextParts)
	}
	out.Cost, out.Priced = t.tariff.Cost(number, out.Size.Parts)
	return out, nil
}

// answerable reports whether a reader can answer a sender: one with letters is a name and no number.
func answerable(sender string) bool { return !strings.ContainsFunc(sender, unicode.IsLetter) }

// Answerable reports whether readers can answer the campaign's messages, and so end them by a word; else
// they get a link.
func (c Campaign) Answerable() bool { return answerable(c.SenderAddress) }

// checkSender checks who a text message comes from: a number, or up to 11 letters and digits of the default
// alphabet (3GPP TS 23.040, section 9.1.2.5).
func checkSender(faults *fault.List, path string, text *string) {
	const mostLetters, mostDigits = 11, 15
	sender := strings.TrimSpace(*text)
	if sender == "" {
		return
	}
	digits := strings.TrimPrefix(sender, "+")
	switch {
	case strings.Trim(digits, "0123456789") == "" && digits != "":
		if len(digits) > mostDigits {
			faults.Add(path, "sender.form", "has %d digits; a number has at most %d", len(digits), mostDigits)
		}
	case len(sender) > mostLetters || strings.Trim(sender, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .-_&") != "":
		faults.Add(path, "sender.form", "%.30q cannot be a sender; give a number, or up to %d letters without accents and digits", sender, mostLetters)
	}
	*text = sender
}

// checkNumbers brings numbers of one's own into E.164.
func checkNumbers(faults *fault.List, path string, numbers []string) {
	for i := range numbers {
		number, err := party.NormalizePhone(numbers[i], "")
		for _, f := range fault.Of(err) {
			faults.Add(path+"["+strconv.Itoa(i)+"]", f.Code, "%s", f.Message)
		}
		if err == nil {
			numbers[i] = number
		}
	}
}

// TextKey is our own key of a message, by which gateways report: of the campaign's number and the row.
func TextKey(number int64, seq int) string {
	return strconv.FormatInt(number, 36) + "-" + strconv.FormatInt(int64(seq), 36)
}

// ReadTextKey is what [TextKey] was made of.
func ReadTextKey(key string) (number int64, seq int, ok bool) {
	const bits = 31 // of a row
	first, last, found := strings.Cut(key, "-")
	number, err := strconv.ParseInt(first, 36, 64)
	row, also := strconv.ParseInt(last, 36, bits+1)
	return number, int(row), found && err == nil && also == nil && number > 0 && row > 0 && TextKey(number, int(row)) == strings.ToLower(key)
}
