package subscription

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Act is what happened to somebody's consent.
type Act string

// The acts.
const (
	// Requested: somebody asked for a topic; whether he reads the address is not known yet.
	Requested Act = "requested"
	// Confirmed: whoever reads the address pressed the button.
	Confirmed Act = "confirmed"
	// Chosen: the reader ticked a topic on his preference page.
	Chosen Act = "chosen"
	// Resubscribed: the reader took the end of a topic back.
	Resubscribed Act = "resubscribed"
	// Entered: one of the company's people entered the reader, on the ground that Basis and Source say.
	Entered Act = "entered"
	// Imported: the reader came with a file, on the ground that Basis and Source say.
	Imported Act = "imported"
	// Ended: the topic was ended; consent is withdrawn (article 7(3)), or objected (article 21(2)).
	Ended Act = "ended"
	// EndedAll: everything of a channel was.
	EndedAll Act = "ended_all"
	// Blocked: the address came onto the suppression list for another reason, which Note says.
	Blocked Act = "blocked"
	// Lifted: it was taken off that list.
	Lifted Act = "lifted"
	// Erased: the person's data were erased (article 17).
	Erased Act = "erased"
)

// Acts are all acts.
var Acts = []Act{Requested, Confirmed, Chosen, Resubscribed, Entered, Imported, Ended, EndedAll, Blocked, Lifted, Erased}

// In names the act in a reader's language.
func (a Act) In(l locale.Language) string { return Texts.T(l, "act."+string(a)) }

// EvidenceTag is the noun of evidence ids.
type EvidenceTag struct{}

// EvidenceID identifies a piece of evidence.
type EvidenceID = store.Key[EvidenceTag]

// Evidence is one thing that can be proved about somebody's consent. It is written once and never changed.
type Evidence struct {
	bun.BaseModel `bun:"table:crm_consent,alias:consent"`

	ID      EvidenceID `bun:"id,pk" json:"id"`
	Company string     `bun:"company,type:nvarchar(40)" json:"company"`
	PartyID party.ID   `bun:"party_id" json:"party_id"`
	// TopicID is zero for what concerns the whole channel.
	TopicID TopicID `bun:"topic_id" json:"topic_id"`
	Channel Channel `bun:"channel,type:nvarchar(10)" json:"channel"`
	// AddressHash proves which address it was to whoever names it; see [Subscriptions.EvidenceOf].
	AddressHash Hash  `bun:"address_hash" json:"address_hash"`
	Act         Act   `bun:"act,type:nvarchar(20)" json:"act"`
	Basis       Basis `bun:"basis,type:nvarchar(20)" json:"basis,omitempty"`
	// Purpose is what for: the topic's name as the reader saw it.
	Purpose string `bun:"purpose,type:nvarchar(120)" json:"purpose,omitempty"`
	// Language, TextVersion and TextHash say which text it was; Text is that, word by word.
	Language    locale.Language `bun:"language,type:nvarchar(5)" json:"language,omitempty"`
	TextVersion int             `bun:"text_version" json:"text_version,omitempty"`
	TextHash    string          `bun:"text_hash,type:nvarchar(64)" json:"text_hash,omitempty"`
	Text        string          `bun:"-" json:"text,omitempty"`
	// Source is where it happened: a page, a letter, a fair, a file.
	Source string `bun:"source,type:nvarchar(200)" json:"source,omitempty"`
	Note   string `bun:"note,type:nvarchar(400)" json:"note,omitempty"`
	// IP is the network the act came from, /24 or /48, and no more.
	IP string `bun:"ip,type:nvarchar(50)" json:"ip,omitempty"`
	// MessageID is that of the letter with the link to confirm.
	MessageID string    `bun:"message_id,type:nvarchar(200)" json:"message_id,omitempty"`
	At        time.Time `bun:"at" json:"at"`
	// ActorKind and EnteredBy say who entered it: user and the host's key of the user, system and the job, public.
	ActorKind actor.Kind `bun:"actor_kind,type:nvarchar(10)" json:"actor_kind"`
	EnteredBy string     `bun:"entered_by,type:nvarchar(64)" json:"entered_by"`
}

// Visit is where an act of the outside world came from.
type Visit struct {
	// IP is cut to its network before it is kept.
	IP netip.Addr
	// Source names the page or the letter.
	Source string
}

// consentText is a text that somebody agreed to, kept once per company.
type consentText struct {
	bun.BaseModel `bun:"table:crm_consent_text,alias:consent_text"`

	Company   string          `bun:"company,pk,type:nvarchar(40)"`
	Hash      string          `bun:"hash,pk,type:nvarchar(64)"`
	Language  locale.Language `bun:"language,type:nvarchar(5)"`
	Body      string          `bun:"body,type:nvarchar(4000)"`
	CreatedAt time.Time       `bun:"created_at"`
}

// keepText keeps a text and gives its hash.
func keepText(ctx context.Context, s *store.Session, l locale.Language, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	sum := sha256.Sum256([]byte(string(l) + "\x00" + text))
	hash := hex.EncodeToString(sum[:])
	var known int
	err := s.Query(ctx, &known, store.From[consentText]("x"), "SELECT COUNT(*) FROM crm_consent_text AS x WHERE {scope} AND x.hash = ?", hash)
	if err != nil || known > 0 {
		return hash, err
	}
	row := consentText{Hash: hash, Language: l, Body: text, CreatedAt: s.Now}
	return hash, s.InsertQuiet(ctx, &row)
}

// agreed is evidence of a topic as its text reads today in a language.
func agreed(ctx context.Context, s *store.Session, t Topic, l locale.Language) (Evidence, error) {
	text, shown := t.In(l)
	hash, err := keepText(ctx, s, shown, text.Consent)
	return Evidence{TopicID: t.ID, Channel: t.Channel, Purpose: text.Name, Language: shown, TextVersion: t.TextVersion, TextHash: hash, Basis: Consent}, err
}

// from says where it came from.
func (e Evidence) from(v Visit) Evidence {
	e.IP, e.Source = minimize(v.IP), oneLine(v.Source, 200)
	return e
}

// stamp says who and when.
func (e *Evidence) stamp(s *store.Session) {
	e.ID, e.At, e.ActorKind, e.EnteredBy = store.NewKey[EvidenceTag](s), s.Now, s.Actor.Kind, s.Actor.UserID
	if s.Actor.OnBehalfOf != "" {
		e.EnteredBy = s.Actor.OnBehalfOf
	}
}

// keep writes evidence; there is no other way, and none to change it.
func keep(ctx context.Context, s *store.Session, list ...Evidence) error {
	for i := range list {
		list[i].stamp(s)
	}
	return s.InsertMany(ctx, &list)
}

// EvidenceOf gives what can be proved of a person, in the order it happened, with all texts: of the party and
// those merged into it. It needs actor.Privacy.
func (n *Subscriptions) EvidenceOf(ctx context.Context, id party.ID) ([]Evidence, error) {
	return store.Read(ctx, n.db, actor.Privacy, func(ctx context.Context, s *store.Session) ([]Evidence, error) {
		ids, err := reader(ctx, s, id)
		if err != nil {
			return nil, err
		}
		return evidence(ctx, s, "consent.party_id IN (?)", bun.List(ids))
	})
}

// EvidenceOfAddress gives what can be proved of an address, also after its person was erased. It needs
// actor.Privacy.
func (n *Subscriptions) EvidenceOfAddress(ctx context.Context, ch Channel, address string) ([]Evidence, error) {
	return store.Read(ctx, n.db, actor.Privacy, func(ctx context.Context, s *store.Session) ([]Evidence, error) {
		normal, faults := normalize(ch, address, n.language(s).Country())
		if err := fault.List(faults).Err("there is no evidence of such an address"); err != nil {
			return nil, err
		}
		return evidence(ctx, s, "consent.address_hash = ?", n.hasherOf(s.Actor.Company).hash(ch, normal))
	})
}

// maxEvidence bounds what is shown of one person.
const maxEvidence = 10_000

func evidence(ctx context.Context, s *store.Session, where string, args ...any) ([]Evidence, error) {
	var rows []Evidence
	if err := s.Select(&rows).Where("consent.company = ?", s.Actor.Company).Where(where, args...).OrderExpr("consent.id").Limit(maxEvidence).Scan(ctx); err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for i := range rows {
		hash := rows[i].TextHash
		if _, known := texts[hash]; !known && hash != "" {
			var found []consentText
			if err := s.Select(&found).Where("consent_text.company = ?", s.Actor.Company).Where("consent_text.hash = ?", hash).Scan(ctx); err != nil {
				return nil, err
			}
			if len(found) > 0 {
				texts[hash] = found[0].Body
			}
		}
		rows[i].Text = texts[hash]
	}
	return rows, nil
}

// evidenceFile is the export of a person's evidence.
type evidenceFile struct {
	Company  string     `json:"company"`
	Party    party.ID   `json:"party"`
	Exported time.Time  `json:"exported"`
	Evidence []Evidence `json:"evidence"`
}

// ExportEvidence writes a person's evidence as one JSON document, for the person (article 15) or an authority, and
// notes the export in the audit log. It needs actor.Privacy.
func (n *Subscriptions) ExportEvidence(ctx context.Context, id party.ID, w io.Writer) error {
	file, err := store.Write(ctx, n.db, actor.Privacy, func(ctx context.Context, s *store.Session) (evidenceFile, error) {
		list, err := n.In(s).EvidenceOf(ctx, id)
		if err != nil {
			return evidenceFile{}, err
		}
		err = s.Audit(ctx, store.Entry{Action: "export", Kind: "consent", Record: id.Bytes()})
		return evidenceFile{Company: s.Actor.Company, Party: id, Exported: s.Now, Evidence: list}, err
	})
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	if err := out.Encode(file); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the evidence cannot be written")
	}
	return nil
}
