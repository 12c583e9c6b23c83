package quote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// SendingTag is the noun of [SendingID].
type SendingTag struct{}

// SendingID identifies one sending of a quote.
type SendingID = store.Key[SendingTag]

// SendInput is a quote's letter. [Quotes.SendPreview] proposes one.
type SendInput struct {
	To []mail.Address `json:"to"`
	Cc []mail.Address `json:"cc"`
	// Subject is one line. Text is plain; {quote.link} in it becomes the reader's link, wherever it stands.
	Subject string `json:"subject"`
	Text    string `json:"text"`
	// Language is that of the letter and of the page behind the link; the quote's own where it is empty. The
	// document keeps its language.
	Language locale.Language `json:"language"`
	// Annexes go with the PDF, and stand on the page.
	Annexes []activity.File `json:"-"`
	// Key makes sending repeatable: a second call with the same key for the same quote sends nothing and
	// gives what the first one did. "" for none.
	Key string `json:"key,omitempty"`
}

// MaxAnnexes is how many files go with a quote's PDF. Together with it they have at most
// mail.MaxAttached bytes.
const MaxAnnexes = 10

// LinkField stands in a text for the reader's link.
const LinkField = "{quote.link}"

// Annex is a file that was sent with a quote.
type Annex struct {
	Name string     `json:"name"`
	Type string     `json:"type"`
	Size int64      `json:"size"`
	Hash store.Hash `json:"hash"`
}

// Sending is one sending of one version of a quote, and its link.
type Sending struct {
	bun.BaseModel `bun:"table:crm_quote_sending,alias:sending"`

	ID SendingID `bun:"id,pk" json:"id"`
	store.Record
	QuoteID ID      `bun:"quote_id" json:"quote_id"`
	BaseID  ID      `bun:"base_id" json:"-"`
	MailID  mail.ID `bun:"mail_id" json:"mail_id"`
	// Recipients are those of To and Cc, the first of To first.
	Recipients Recipients `bun:"recipients" json:"recipients"`
	// RecipientKey is the address of the first one, by which a newer version that he was sent is found.
	RecipientKey string          `bun:"recipient_key,type:nvarchar(254)" json:"-"`
	Language     locale.Language `bun:"language,type:nvarchar(5)" json:"language"`
	// DocumentHash is that of the document which was sent.
	DocumentHash store.Hash `bun:"document_hash,type:nvarchar(64)" json:"document_hash"`
	Annexes      Annexes    `bun:"annexes" json:"annexes"`
	// ExpiresAt is when the link stops to work; RevokedAt when somebody stopped it.
	ExpiresAt time.Time `bun:"expires_at" json:"expires_at"`
	RevokedAt time.Time `bun:"revoked_at,nullzero" json:"revoked_at,omitzero"`
	// OpenedAt is when the page was first opened, by a reader or by a program that looks through mails for
	// him; LastOpenedAt and Openings follow, visits within a minute counting as one.
	OpenedAt     time.Time `bun:"opened_at,nullzero" json:"opened_at,omitzero"`
	LastOpenedAt time.Time `bun:"last_opened_at,nullzero" json:"last_opened_at,omitzero"`
	Openings     int       `bun:"openings" json:"openings"`
	Questions    int       `bun:"questions" json:"questions"`

	// Mail says what became of the letter; it is read with the sending, and has no content.
	Mail mail.Mail `bun:"-" json:"mail"`
}

// SendProposal is a letter as it is proposed, with what else the sender wants to know.
type SendProposal struct {
	SendInput
	From    mail.Address `json:"from"`
	ReplyTo mail.Address `json:"reply_to"`
	// File is the name of the PDF, Size its bytes.
	File string `json:"file"`
	Size int    `json:"size"`
	// Linked reports whether there can be a link, Ready whether mails go out at all at the moment.
	Linked bool `json:"linked"`
	Ready  bool `json:"ready"`
}

// SendPreview proposes the letter of a quote in a language, or in the quote's own where it is empty: from
// the company's template, to the contact or to the party itself. {quote.link} stands where the link will.
// It needs actor.QuoteRead.
func (q *Quotes) SendPreview(ctx context.Context, id ID, l locale.Language) (SendProposal, error) {
	return store.Read(ctx, q.db, actor.QuoteRead, func(ctx context.Context, s *store.Session) (SendProposal, error) {
		var row Quote
		if err := s.Get(ctx, &row, id); err != nil {
			return SendProposal{}, err
		}
		if q.config.Mails == nil {
			return SendProposal{}, errNoMails
		}
		if l == "" {
			l = row.Language
		}
		return q.propose(ctx, s, row, l)
	})
}

var errNoMails = fault.New(fault.Unavailable, "quotes cannot be sent by mail here; set quote.Config.Mails")

func (q *Quotes) propose(ctx context.Context, s *store.Session, row Quote, l locale.Language) (SendProposal, error) {
	card, err := q.card(ctx, s, row)
	if err != nil {
		return SendProposal{}, err
	}
	doc, _, err := q.document(ctx, s, card)
	if err != nil {
		return SendProposal{}, err
	}
	out := SendProposal{Linked: q.linked(row.Company), Ready: q.config.Mails.Ready(), File: fileName(row)}
	out.Language = l
	if out.From, out.ReplyTo, err = q.sender(ctx, s, row, doc); err != nil {
		return SendProposal{}, err
	}
	reader := row.ContactID
	if reader.IsZero() {
		reader = row.PartyID
	}
	p, err := q.config.Parties.In(s).Get(ctx, reader)
	if err != nil {
		return SendProposal{}, err
	}
	if p.Email != "" {
		out.To = []mail.Address{{Name: nameOf(p, l), Email: p.Email}}
		if out.To[0].Name == p.Email {
			out.To[0].Name = ""
		}
	}
	template, err := q.config.Mails.In(s).Template(ctx, SentPurpose.Key, l)
	if err != nil {
		return SendProposal{}, err
	}
	values := q.values(row, doc, p, out.Linked)
	if err := q.own(ctx, s, card, values, SentPurpose, template.Subject+"\n"+template.Body); err != nil {
		return SendProposal{}, err
	}
	words, err := SentPurpose.Merge(mail.Words{Subject: template.Subject, Body: template.Body}, l, values)
	if err != nil {
		return SendProposal{}, err
	}
	out.Subject, out.Text = words.Subject, words.Body
	if row.PDFHash != "" {
		file, err := q.blob(ctx, s, row)
		if err != nil {
			return SendProposal{}, err
		}
		out.Size = len(file)
	}
	return out, nil
}

// sender is who a quote comes from, and who gets the answers.
func (q *Quotes) sender(ctx context.Context, s *store.Session, row Quote, doc Document) (from, reply mail.Address, err error) {
	from = mail.Address{Name: doc.Seller.Name, Email: doc.Seller.Email}
	if q.config.Sender != nil {
		if own := q.config.Sender(row.Company); own.Email != "" {
			from.Email = own.Email
			if own.Name != "" {
				from.Name = own.Name
			}
		}
	}
	seller, err := q.signatory(ctx, s, row)
	if err != nil {
		return from, reply, err
	}
	if seller.Email != "" && seller.Email != from.Email {
		reply = mail.Address{Name: seller.Name, Email: seller.Email}
	}
	if seller.Name != "" && len(seller.Name)+len(from.Name) < mail.MaxName-3 {
		from.Name = strings.Trim(seller.Name+" – "+from.Name, " –")
	}
	return from, reply, nil
}

// Send sends an issued quote: the PDF of exactly its frozen version, the annexes, and a link by which the
// reader opens and answers it. The letter is queued with this change and goes out after it; what becomes of
// it stands in [Quotes.Sendings], and who sent it is told when it fails. Everything that is wrong is named
// at once. It needs actor.QuoteWrite.
func (q *Quotes) Send(ctx context.Context, id ID, in SendInput) (Sending, error) {
	return store.Write(ctx, q.db, actor.QuoteWrite, func(ctx context.Context, s *store.Session) (Sending, error) {
		var row Quote
		if err := s.Lock(ctx, &row, id); err != nil {
			return Sending{}, err
		}
		if q.config.Mails == nil {
			return Sending{}, errNoMails
		}
		if in.Key != "" {
			in.Key = requestKey(id, in.Key)
			if was, ok, err := q.sentBefore(ctx, s, row, in.Key); ok || err != nil {
				return was, err
			}
		}
		return q.send(ctx, s, row, in)
	})
}

// requestKey makes a sender's key one of the outbox.
func requestKey(id ID, key string) string {
	sum := sha256.Sum256([]byte(id.String() + "\x00" + key))
	return "quote:" + hex.EncodeToString(sum[:24])
}

// sentBefore looks for what an earlier call with the same key did. The quote's row is locked.
func (q *Quotes) sentBefore(ctx context.Context, s *store.Session, row Quote, key string) (Sending, bool, error) {
	all, err := q.sendings(ctx, s, row)
	if err != nil {
		return Sending{}, false, err
	}
	for _, sent := range all {
		if sent.Mail.RequestKey == key {
			return sent, true, nil
		}
	}
	return Sending{}, false, nil
}

func (q *Quotes) send(ctx context.Context, s *store.Session, row Quote, in SendInput) (Sending, error) {
	var faults fault.List
	switch {
	case row.State == Draft:
		faults.Add("state", "state.draft", "is a draft; issue the quote first")
	case row.State != Issued:
		faults.Add("state", "state."+string(row.State), "is %s; make a new version and send that", row.State)
	case q.today(s).After(row.ValidUntil):
		faults.Add("valid_until", "expired", "was %s; make a new version and send that", row.ValidUntil)
	}
	if in.Language == "" {
		in.Language = row.Language
	}
	if l, ok := locale.ParseLanguage(string(in.Language)); !ok || l != in.Language {
		faults.Add("language", "choice", "%.10q is no language; choose from %v", string(in.Language), locale.Languages)
	}
	annexes := in.checkAnnexes(&faults)
	if row.State == Draft || row.PDFHash == "" {
		return Sending{}, faults.Err("the quote cannot be sent")
	}
	letter, sending, err := q.letter(ctx, s, row, in)
	if err != nil {
		return Sending{}, err
	}
	if err := keepAnnexes(ctx, s, annexes, &letter, &sending); err != nil {
		return Sending{}, err
	}
	for _, f := range letter.Check() {
		if strings.HasPrefix(f.Path, "attachments") { // the PDF, which is ours, is never at fault alone
			f.Path = "annexes"
		}
		faults = append(faults, f)
	}
	if err := faults.Err("the quote cannot be sent"); err != nil {
		return Sending{}, err
	}
	queued, err := q.config.Mails.In(s).Queue(ctx, letter)
	if err != nil {
		return Sending{}, err
	}
	sending.MailID, sending.RecipientKey = queued.ID, letter.To[0].Email
	sending.Recipients = append(append(Recipients(nil), letter.To...), letter.Cc...)
	if err := s.Insert(ctx, &sending); err != nil {
		return Sending{}, err
	}
	sending.Mail = queued
	return sending, nil
}

// letter makes the message and its sending, without annexes.
func (q *Quotes) letter(ctx context.Context, s *store.Session, row Quote, in SendInput) (mail.Message, Sending, error) {
	card, err := q.card(ctx, s, row)
	if err != nil {
		return mail.Message{}, Sending{}, err
	}
	doc, how, err := q.document(ctx, s, card)
	if err != nil {
		return mail.Message{}, Sending{}, err
	}
	file, err := q.blob(ctx, s, row)
	if err != nil {
		return mail.Message{}, Sending{}, err
	}
	zone := q.locale(s).Location()
	sending := Sending{
		ID: store.NewKey[SendingTag](s), QuoteID: row.ID, BaseID: row.BaseID, Language: in.Language, DocumentHash: row.DocumentHash,
		ExpiresAt: store.UTC(row.ValidUntil.AddDays(1 + q.config.LinkDays).Time(zone)),
	}
	link := q.link(row.Company, sending.ID)
	text := paragraphs(strings.ReplaceAll(in.Text, LinkField, link))
	accent, ink := accentOf(how.accent)
	m := mail.Message{
		To: append([]mail.Address(nil), in.To...), Cc: append([]mail.Address(nil), in.Cc...), Subject: oneLine(in.Subject), Text: text, Language: in.Language,
		HTML:        mail.HTML(text, mail.Look{Language: in.Language, Accent: accent, OnAccent: ink, Links: []mail.Link{{URL: link, Label: sendTexts.T(in.Language, "button.open")}}}),
		Attachments: []mail.Attachment{{Name: fileName(row), Type: "application/pdf", Hash: row.PDFHash, Size: int64(len(file))}},
		Key:         in.Key, Purpose: SentPurpose.Key, RecordKind: recordKind, Record: mail.RecordID(row.ID), Party: row.PartyID,
	}
	if s.Actor.Kind != actor.KindUser {
		m.Owner = party.Owner{User: row.OwnerUser, Team: row.OwnerTeam}
	}
	m.From, m.ReplyTo, err = q.sender(ctx, s, row, doc)
	return m, sending, err
}

// checkAnnexes finds what is wrong with the files, and gives the good ones with safe names and true types.
func (in SendInput) checkAnnexes(faults *fault.List) []activity.File {
	if n := len(in.Annexes); n > MaxAnnexes {
		faults.Add("annexes", "count", "are %d files, at most %d go with a quote; join some of them", n, MaxAnnexes)
		return nil
	}
	var out []activity.File
	for i, f := range in.Annexes {
		checked, wrong := f.Check()
		for _, w := range wrong {
			_, rest, _ := strings.Cut(w.Path, ".")
			w.Path = strings.TrimSuffix("annexes["+strconv.Itoa(i)+"]."+rest, ".")
			*faults = append(*faults, w)
		}
		if len(wrong) == 0 {
			out = append(out, checked)
		}
	}
	return out
}

func keepAnnexes(ctx context.Context, s *store.Session, files []activity.File, m *mail.Message, sending *Sending) error {
	for _, f := range files {
		hash, err := s.PutBlob(ctx, f.Content)
		if err != nil {
			return err
		}
		a := Annex{Name: f.Name, Type: f.MIME, Size: int64(len(f.Content)), Hash: hash}
		sending.Annexes = append(sending.Annexes, a)
		m.Attachments = append(m.Attachments, mail.Attachment{Name: a.Name, Type: a.Type, Hash: hash, Size: a.Size})
	}
	return nil
}

// fileName is the name of a quote's PDF.
func fileName(row Quote) string {
	return activity.CleanName(strings.ReplaceAll(row.Number, "/", "-") + ".pdf")
}

// Sendings lists how often and to whom a version was sent, the last one first, with what became of each
// letter. It needs actor.QuoteRead.
func (q *Quotes) Sendings(ctx context.Context, id ID) ([]Sending, error) {
	return store.Read(ctx, q.db, actor.QuoteRead, func(ctx context.Context, s *store.Session) ([]Sending, error) {
		var row Quote
		if err := s.Get(ctx, &row, id); err != nil {
			return nil, err
		}
		return q.sendings(ctx, s, row)
	})
}

// sendings reads the sendings of a quote that the actor may see.
func (q *Quotes) sendings(ctx context.Context, s *store.Session, of Quote) ([]Sending, error) {
	var all []Sending
	if err := s.Select(&all).Where("sending.company = ?", of.Company).Where("sending.quote_id = ?", of.ID).OrderExpr("sending.id DESC").Scan(ctx); err != nil || len(all) == 0 || q.config.Mails == nil {
		return all, err
	}
	ids := make([]mail.ID, len(all))
	for i := range all {
		ids[i] = all[i].MailID
	}
	letters, err := q.config.Mails.In(s).Of(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Mail = letters[all[i].MailID]
		all[i].Mail.Content = ""
	}
	return all, nil
}

// Revoke stops the link of a sending: it opens nothing any more. The same call again changes nothing. It
// needs actor.QuoteWrite.
func (q *Quotes) Revoke(ctx context.Context, id SendingID) (Sending, error) {
	return store.Write(ctx, q.db, actor.QuoteWrite, func(ctx context.Context, s *store.Session) (Sending, error) {
		var row Sending
		if err := s.Get(ctx, &row, id); err != nil {
			return Sending{}, err
		}
		var of Quote
		if err := s.Get(ctx, &of, row.QuoteID); err != nil { // whoever does not see the quote does not see the sending
			return Sending{}, fault.New(fault.NotFound, "there is no sending %s, or you may not see it", id)
		}
		if err := s.Lock(ctx, &row, id); err != nil || !row.RevokedAt.IsZero() {
			return row, err
		}
		next := row
		next.RevokedAt = s.Now
		return next, s.Save(ctx, &row, &next)
	})
}

// closed reports whether the link opens nothing any more.
func (sent Sending) closed(now time.Time) bool {
	return !sent.RevokedAt.IsZero() || now.After(sent.ExpiresAt)
}

// overdue reports whether a quote that waits can no longer be answered.
func (q *Quotes) overdue(s *store.Session, valid civil.Date) bool { return q.today(s).After(valid) }
