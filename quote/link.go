package quote

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// A link's token is base64url of one byte of form, the 16 bytes of its sending, the company's key, and the
// first 20 bytes of HMAC-SHA-256 (RFC 2104) over all of that. The sending's row says which version of which
// quote it opens, for whom, and until when.
const (
	linkForm = 1
	linkHead = 1 + 16
	linkMAC  = 20
	// linkCompany is the longest key of a company in bytes: 40 characters of up to 3.
	linkCompany = 120
)

// LinkKeyLength is how many bytes Config.LinkKey has at least.
const LinkKeyLength = 32

// linked reports whether the company's quotes can have links.
func (q *Quotes) linked(company string) bool {
	return len(q.config.LinkKey) >= LinkKeyLength && q.config.PublicURL != nil && q.config.PublicURL(company) != ""
}

// link is the address of a sending's page, "" where there are no links.
func (q *Quotes) link(company string, id SendingID) string {
	if !q.linked(company) {
		return ""
	}
	return q.config.PublicURL(company) + q.token(company, id)
}

func (q *Quotes) token(company string, id SendingID) string {
	raw := append([]byte{linkForm}, id[:]...)
	raw = append(raw, company...)
	return base64.RawURLEncoding.EncodeToString(append(raw, q.signLink(raw)...))
}

func (q *Quotes) signLink(signed []byte) []byte {
	mac := hmac.New(sha256.New, q.config.LinkKey)
	mac.Write([]byte("quote link\x00"))
	mac.Write(signed)
	return mac.Sum(nil)[:linkMAC]
}

// errLink is all that anybody is told who has no good link: whether it was forged, stopped, or is too old
// is nobody's business.
var errLink = fault.New(fault.NotFound, "this link does not open a quote (any more); ask the sender for a new one")

// LinkCompany gives the company whose quote a token opens. It checks the signature and reads nothing; a
// token that this program did not make is fault.NotFound.
func (q *Quotes) LinkCompany(token string) (string, error) {
	company, _, err := q.readToken(token)
	return company, err
}

func (q *Quotes) readToken(token string) (company string, id SendingID, err error) {
	if len(q.config.LinkKey) < LinkKeyLength || len(token) > base64.RawURLEncoding.EncodedLen(linkHead+linkCompany+linkMAC) {
		return "", id, errLink
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= linkHead+linkMAC || raw[0] != linkForm {
		return "", id, errLink
	}
	signed := raw[:len(raw)-linkMAC]
	if !hmac.Equal(q.signLink(signed), raw[len(signed):]) {
		return "", id, errLink
	}
	copy(id[:], signed[1:linkHead])
	return string(signed[linkHead:]), id, nil
}

// follow finds what a token opens, for an actor of its company who may answer quotes.
func (q *Quotes) follow(ctx context.Context, s *store.Session, token string) (Sending, sealed, error) {
	company, id, err := q.readToken(token)
	if err != nil || company != s.Actor.Company {
		return Sending{}, sealed{}, errLink
	}
	var sent []Sending
	if err := s.Select(&sent).Where("sending.id = ?", id).Where("sending.company = ?", company).Scan(ctx); err != nil {
		return Sending{}, sealed{}, err
	}
	if len(sent) == 0 || sent[0].closed(s.Now) {
		return Sending{}, sealed{}, errLink
	}
	if s.Actor.Kind == actor.KindUser { // a link opens nothing to a user that he does not see anyway
		var seen Quote
		if err := s.Get(ctx, &seen, sent[0].QuoteID); err != nil {
			return Sending{}, sealed{}, err
		}
	}
	var row sealed
	if err := s.Get(ctx, &row, sent[0].QuoteID); err != nil {
		return Sending{}, sealed{}, err
	}
	return sent[0], row, nil
}
