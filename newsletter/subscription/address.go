package subscription

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Channel is a way to reach a reader.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// Channels are all channels.
var Channels = []Channel{Email, SMS}

// HashTag is the noun of [Hash].
type HashTag struct{}

// Hash stands for an address without telling it: the first 16 bytes of HMAC-SHA-256 (RFC 2104) over channel and
// normalised address, with the company's key.
type Hash = store.Key[HashTag]

// normalize gives the form in which an address is stored, compared and hashed; country is that of bare phone
// numbers. The fault is at "address".
func normalize(ch Channel, address, country string) (string, []fault.Fault) {
	var out string
	var err error
	if ch == SMS {
		out, err = party.NormalizePhone(address, country)
	} else {
		out, err = party.NormalizeEmail(address)
	}
	var faults fault.List
	for _, f := range fault.Of(err) {
		faults.Add("address", f.Code, "%s", f.Message)
	}
	return out, faults
}

// hasher hashes addresses of one company.
type hasher struct{ key []byte }

// hasherOf derives the company's own key, so that equal addresses of two companies have nothing in common.
func (n *Subscriptions) hasherOf(company string) hasher {
	if known, ok := n.hashKeys.Load(company); ok {
		return hasher{known.([]byte)}
	}
	mac := hmac.New(sha256.New, n.config.HashKey)
	mac.Write([]byte("suppression list\x00" + company))
	key := mac.Sum(nil)
	n.hashKeys.Store(company, key)
	return hasher{key}
}

func (h hasher) hash(ch Channel, normalized string) Hash {
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(string(ch) + "\x00" + normalized))
	var sum [sha256.Size]byte
	var out Hash
	copy(out[:], mac.Sum(sum[:0]))
	return out
}

// minimize gives the network an address is in, all that is kept of it: /24 of IPv4, /48 of IPv6; "" for none.
func minimize(ip netip.Addr) string {
	if !ip.IsValid() {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// languageOf gives a language that texts exist in.
func languageOf(l, otherwise locale.Language) locale.Language {
	if known, ok := locale.ParseLanguage(string(l)); ok {
		return known
	}
	if otherwise == "" {
		return locale.English
	}
	return otherwise
}

// oneLine makes a text fit for a column of n characters.
func oneLine(text string, n int) string {
	return party.Clean(strings.Join(strings.Fields(text), " "), n)
}
