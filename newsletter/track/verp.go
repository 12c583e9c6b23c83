package track

import (
	"encoding/base32"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// returnPrefix begins the local part of return paths.
const returnPrefix = "b-"

// returnMAC is how many bytes sign a return path: 8 characters, so that the local part stays within the 64
// that RFC 5321 allows, with room to spare. Guessing one takes 2^39 mails.
const returnMAC = 5

// plain32 is base32 in lower case: servers may change the case of a local part.
var plain32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// AppendReturnPath appends the return path (the SMTP envelope's sender) of one mail, a variable envelope
// return path by which a bounce is known even when it quotes nothing of the mail:
// b-<campaign, base 36>-<seq, base 36>-<8 characters of signature>@domain.
func (k *Keys) AppendReturnPath(dst []byte, campaign int64, seq uint32, domain string) []byte {
	dst = append(dst, returnPrefix...)
	dst = strconv.AppendInt(dst, campaign, 36)
	dst = append(dst, '-')
	dst = strconv.AppendUint(dst, uint64(seq), 36)
	dst = append(dst, '-')
	var mac [returnMAC]byte
	dst = plain32.AppendEncode(dst, k.active.appendMAC(mac[:0], returned(campaign, seq), returnMAC))
	dst = append(dst, '@')
	return append(dst, domain...)
}

// ReturnPath is [Keys.AppendReturnPath] as a string.
func (k *Keys) ReturnPath(campaign int64, seq uint32, domain string) string {
	return string(k.AppendReturnPath(nil, campaign, seq, domain))
}

// returned is what the signature of a return path is made over.
func returned(campaign int64, seq uint32) []byte {
	raw := append(make([]byte, 0, 1+binary.MaxVarintLen64+binary.MaxVarintLen32), byte(bounce))
	raw = binary.AppendUvarint(raw, uint64(campaign))
	return binary.AppendUvarint(raw, uint64(seq))
}

// ReadReturnPath gives the campaign's number and the reader's row behind a return path of ours; ok is false
// for any other address. The domain is not looked at.
func (k *Keys) ReadReturnPath(address string) (campaign int64, seq uint32, ok bool) {
	local, _, _ := strings.Cut(strings.Trim(address, "<> \t"), "@")
	if len(local) > 64 {
		return 0, 0, false
	}
	rest, found := strings.CutPrefix(strings.ToLower(local), returnPrefix)
	number, rest, found2 := strings.Cut(rest, "-")
	row, text, found3 := strings.Cut(rest, "-")
	if !found || !found2 || !found3 || !digits36(number) || !digits36(row) {
		return 0, 0, false
	}
	c, err := strconv.ParseUint(number, 36, 63)
	n, err2 := strconv.ParseUint(row, 36, 32)
	mac, err3 := plain32.DecodeString(text)
	if err != nil || err2 != nil || err3 != nil || len(mac) != returnMAC || c > math.MaxInt64 {
		return 0, 0, false
	}
	signedText := returned(int64(c), uint32(n))
	for _, key := range k.all {
		if key.signed(signedText, mac) {
			return int64(c), uint32(n), true
		}
	}
	return 0, 0, false
}

// digits36 reports whether s is digits and lower-case letters only: ParseUint takes a sign and underscores
// in places.
func digits36(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}
