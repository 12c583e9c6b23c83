package track

import (
	"encoding/base64"
	"encoding/binary"
	"math"

	"github.com/crmplus/crmplus/crm/fault"
)

// Kind says what a token is good for. A token of one kind is never taken for another.
type Kind uint8

// The kinds of tokens.
const (
	// Click leads to a link of the campaign.
	Click Kind = iota + 1
	// Open is the pixel.
	Open
	// Unsubscribe takes its reader off the list.
	Unsubscribe
	// Preference opens the page where a reader says what he wants to get.
	Preference
	// View shows the mail in the browser.
	View
	// bounce is signed into return paths.
	bounce
	// Text is Click in a short message, where each character is paid for.
	Text
)

// Token says which reader of which campaign a request is about.
type Token struct {
	Kind Kind
	// Campaign is the campaign's short number.
	Campaign int64
	// Seq is the reader's row in the campaign's ledger, from 1; 0 is nobody: a preview or a test, whose
	// links work and are not counted.
	Seq uint32
	// Link is the place in the campaign's list of links, from 0; only for Click.
	Link uint16
	// Unmeasured says that the reader does not want to be measured: the link works, nothing is recorded.
	Unmeasured bool
}

const (
	macLength = 16
	// textMAC is that of [Text]: who tries can do no more than count a click that was none, at one chance in 2^64.
	textMAC = 8
	// unmeasured is a bit beside the kind.
	unmeasured = 0x80
	// tokenLimit is the longest token in bytes, before base64.
	tokenLimit = 2 + binary.MaxVarintLen64 + binary.MaxVarintLen32 + binary.MaxVarintLen16 + macLength
)

// Append appends the token's text to dst: base64url (RFC 4648, section 5) of kind, key id, campaign, seq and
// link, the numbers as varints, and the first 16 bytes of their HMAC-SHA-256, 8 of [Text]. That is 30 to 40 characters,
// 20 to 30 of Text, which stand in the path of an address as they are.
func (k *Keys) Append(dst []byte, t Token) []byte {
	var room [tokenLimit]byte
	kind := byte(t.Kind)
	if t.Unmeasured {
		kind |= unmeasured
	}
	raw := append(room[:0], kind, k.active.id)
	raw = binary.AppendUvarint(raw, uint64(t.Campaign))
	raw = binary.AppendUvarint(raw, uint64(t.Seq))
	raw = binary.AppendUvarint(raw, uint64(t.Link))
	raw = k.active.appendMAC(raw, raw, t.Kind.mac())
	return base64.RawURLEncoding.AppendEncode(dst, raw)
}

// mac is how many bytes sign a token.
func (k Kind) mac() int {
	if k == Text {
		return textMAC
	}
	return macLength
}

// Token is [Keys.Append] as a string.
func (k *Keys) Token(t Token) string { return string(k.Append(nil, t)) }

// errToken is one error for all that is wrong with a token: whoever tries tokens learns nothing from it.
var errToken = fault.New(fault.NotFound, "this address is not one of ours, or not whole; open it from the mail again")

// Read gives what a token says, if one of the keys signed it for the kind; otherwise the error is
// fault.NotFound.
func (k *Keys) Read(kind Kind, token string) (Token, error) {
	var room [tokenLimit]byte
	if n := base64.RawURLEncoding.DecodedLen(len(token)); n > tokenLimit || n <= 2+kind.mac() {
		return Token{}, errToken
	}
	n, err := strictURL.Decode(room[:], []byte(token))
	if err != nil {
		return Token{}, errToken
	}
	text, mac := room[:n-kind.mac()], room[n-kind.mac():n]
	key := k.byID[text[1]]
	if Kind(text[0]&^unmeasured) != kind || key == nil || !key.signed(text, mac) {
		return Token{}, errToken
	}
	t := Token{Kind: kind, Unmeasured: text[0]&unmeasured != 0}
	rest := text[2:]
	var numbers [3]uint64
	for i := range numbers {
		value, length := binary.Uvarint(rest)
		if length <= 0 {
			return Token{}, errToken
		}
		numbers[i], rest = value, rest[length:]
	}
	if len(rest) > 0 || numbers[0] > math.MaxInt64 || numbers[1] > math.MaxUint32 || numbers[2] > math.MaxUint16 {
		return Token{}, errToken
	}
	t.Campaign, t.Seq, t.Link = int64(numbers[0]), uint32(numbers[1]), uint16(numbers[2])
	return t, nil
}

// strictURL refuses a second spelling of the same bytes.
var strictURL = base64.RawURLEncoding.Strict()
