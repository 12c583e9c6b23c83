package subscription

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
)

// LinkLife is how long a link works. Readers keep letters, and must be able to end what they get.
const LinkLife = 2 * 365 * 24 * time.Hour

// LinkKind says what a link does.
type LinkKind byte

// The kinds of links.
const (
	// ConfirmLink confirms a request.
	ConfirmLink LinkKind = 1
	// PreferenceLink opens the preference page.
	PreferenceLink LinkKind = 2
	// UnsubscribeLink ends one topic, or all.
	UnsubscribeLink LinkKind = 3
)

// Link is what a token says.
type Link struct {
	Kind    LinkKind
	Company string
	Party   party.ID
	// Subject is the id of the request to be confirmed, the hash of the address that the preference link was sent to,
	// or the id of the topic to be ended ([Whole] for everything of a channel).
	Subject [16]byte
	// Expires is a whole second.
	Expires time.Time
}

// Key is a secret that signs links.
type Key struct {
	// ID tells which key made a link, so that there can be a new one while the old links still work.
	ID byte
	// Secret is at least 32 random bytes, the same in all processes and after a restart.
	Secret []byte
}

// KeyLength is how many bytes a Key's secret has at least.
const KeyLength = 32

// Signer makes and reads links. It is safe for many goroutines.
type Signer struct{ keys []Key }

// NewSigner makes a Signer: the first key signs, all of them are recognised. To change the key, put a new one in
// front, and take the old one away after [LinkLife].
func NewSigner(keys ...Key) (*Signer, error) {
	var faults fault.List
	if len(keys) == 0 {
		faults.Add("keys", "required", "are missing; give at least one")
	}
	for i, k := range keys {
		if len(k.Secret) < KeyLength {
			faults.Add("keys", "length", "%d has %d bytes; give at least %d random ones", k.ID, len(k.Secret), KeyLength)
		}
		if slices.ContainsFunc(keys[:i], func(o Key) bool { return o.ID == k.ID }) {
			faults.Add("keys", "duplicate", "have the id %d twice; number them", k.ID)
		}
	}
	if err := faults.Err("links cannot be signed"); err != nil {
		return nil, err
	}
	return &Signer{slices.Clone(keys)}, nil
}

// A token is base64url of: form, kind, id of the key, 5 bytes of expiry (Unix seconds, big-endian), party, subject,
// company, and the first 16 bytes of HMAC-SHA-256 (RFC 2104) over all of that.
const (
	tokenForm = 1
	tokenHead = 3 + 5 + 16 + 16
	tokenMAC  = 16
	// tokenCompany is the longest key of a company in bytes: 40 characters of up to 3.
	tokenCompany = 120
)

// Append appends the token of a link.
func (g *Signer) Append(dst []byte, l Link) []byte {
	key := g.keys[0]
	var room [tokenHead + tokenCompany + sha256.Size]byte
	raw := append(room[:0], tokenForm, byte(l.Kind), key.ID)
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(l.Expires.Unix()))
	raw = append(raw, at[3:]...)
	raw = append(raw, l.Party[:]...)
	raw = append(raw, l.Subject[:]...)
	raw = append(raw, l.Company...)
	raw = append(raw, sign(key, raw)...)
	return base64.RawURLEncoding.AppendEncode(dst, raw)
}

// Token gives the token of a link.
func (g *Signer) Token(l Link) string { return string(g.Append(nil, l)) }

func sign(key Key, signed []byte) []byte {
	mac := hmac.New(sha256.New, key.Secret)
	mac.Write([]byte("newsletter link\x00"))
	mac.Write(signed)
	return mac.Sum(nil)[:tokenMAC]
}

// Read gives what a token says, at an instant. One that was not made by these keys, or that is too old, is
// fault.NotFound.
func (g *Signer) Read(token string, now time.Time) (Link, error) {
	if g == nil || len(token) > base64.RawURLEncoding.EncodedLen(tokenHead+tokenCompany+tokenMAC) {
		return Link{}, errLink
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= tokenHead+tokenMAC || raw[0] != tokenForm {
		return Link{}, errLink
	}
	at := slices.IndexFunc(g.keys, func(k Key) bool { return k.ID == raw[2] })
	signed := raw[:len(raw)-tokenMAC]
	if at < 0 || !hmac.Equal(sign(g.keys[at], signed), raw[len(signed):]) {
		return Link{}, errLink
	}
	l := Link{Kind: LinkKind(signed[1]), Company: string(signed[tokenHead:])}
	var seconds [8]byte
	copy(seconds[3:], signed[3:8])
	l.Expires = time.Unix(int64(binary.BigEndian.Uint64(seconds[:])), 0).UTC()
	copy(l.Party[:], signed[8:24])
	copy(l.Subject[:], signed[24:tokenHead])
	if l.Kind < ConfirmLink || l.Kind > UnsubscribeLink || now.After(l.Expires) {
		return Link{}, errLink
	}
	return l, nil
}

// LinkOf reads a token, as [Signer.Read] does; it reads nothing of the database. The public actor of its company
// may then follow it.
func (n *Subscriptions) LinkOf(token string) (Link, error) {
	return n.config.Signer.Read(token, n.db.Now())
}

// Whole stands for everything of a channel in a link: 15 zero bytes, which no id of a topic begins with, and its number.
func Whole(ch Channel) [16]byte {
	var out [16]byte
	out[15] = byte(1 + slices.Index(Channels, ch))
	return out
}

// channelOf takes Whole back; "" where the subject is a topic.
func channelOf(subject [16]byte) Channel {
	for _, ch := range Channels {
		if subject == Whole(ch) {
			return ch
		}
	}
	return ""
}

// The pages, below Config.PublicURL: each is one letter, a slash, and the token.
const (
	ConfirmPage     = "c/"
	PreferencePage  = "p/"
	UnsubscribePage = "u/"
)

var pageOf = map[LinkKind]string{ConfirmLink: ConfirmPage, PreferenceLink: PreferencePage, UnsubscribeLink: UnsubscribePage}

// address gives the address of a link's page.
func (n *Subscriptions) address(l Link) string {
	return n.config.PublicURL(l.Company) + pageOf[l.Kind] + n.config.Signer.Token(l)
}

// Letter names the letter whose links are wanted.
type Letter struct {
	Company string
	Party   party.ID
	// Topic is the one that the letter is of; zero for none, and then everything of the channel is ended.
	Topic TopicID
	// Channel and Address are where it is sent to.
	Channel Channel
	Address string
	At      time.Time
}

// Links are the addresses that a letter carries.
type Links struct {
	// Preference opens the preference page.
	Preference string
	// Unsubscribe ends the topic by a POST (RFC 8058); a GET shows a button.
	Unsubscribe string
}

// Links makes the links of a letter. They work for [LinkLife].
func (n *Subscriptions) Links(to Letter) Links {
	expires := to.At.Add(LinkLife)
	hash := n.hasherOf(to.Company).hash(to.Channel, to.Address)
	subject := [16]byte(to.Topic)
	if to.Topic.IsZero() {
		subject = Whole(to.Channel)
	}
	return Links{
		Preference:  n.address(Link{PreferenceLink, to.Company, to.Party, hash, expires}),
		Unsubscribe: n.address(Link{UnsubscribeLink, to.Company, to.Party, subject, expires}),
	}
}
