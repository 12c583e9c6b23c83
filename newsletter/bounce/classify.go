package bounce

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Code is an enhanced status code (RFC 3463): class, subject, detail; the zero Code is none.
type Code struct{ Class, Subject, Detail int }

// IsZero reports whether there is no code.
func (c Code) IsZero() bool { return c == Code{} }

// String gives the code as it is written, "" for none.
func (c Code) String() string {
	if c.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", c.Class, c.Subject, c.Detail)
}

// MarshalText gives the code as it is written.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// ParseCode reads a code that stands at the beginning of a text.
func ParseCode(text string) (Code, bool) {
	m := codeAtStart.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return Code{}, false
	}
	return codeOf(m[1:]), true
}

var (
	codeAtStart = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})(?:\D|$)`)
	// codeInText wants a code to stand by itself: 5.1.1 in 192.5.1.1 is none.
	codeInText = regexp.MustCompile(`(?:^|[^\d.])([45])\.(\d{1,2})\.(\d{1,3})(?:[^\d.]|\.\D|\.?$)`)
	// replyInText is an SMTP reply within prose.
	replyInText  = regexp.MustCompile(`(?:^|[\s:;#<("'])([45]\d\d)[ \-](?:[45]\.\d{1,2}\.\d{1,3}\b|\D)`)
	replyAtStart = regexp.MustCompile(`^\s*([245]\d\d)(?:[ \-]|$)`)
)

func codeOf(m []string) Code {
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i]) // digits only
	}
	return Code{n[0], n[1], n[2]}
}

// Class says what a failure means for the address.
type Class string

// The classes.
const (
	// Hard: the address does not exist; mail to it stops.
	Hard Class = "hard"
	// Soft: this mail is lost, the next one may arrive (mailbox full, server down for days). Several of them
	// are as good as a hard one, see [Limits].
	Soft Class = "soft"
	// Temporary: the server still tries, or asked us to; nothing is decided.
	Temporary Class = "temporary"
	// Own: it is our fault or that of our mail (reputation, authentication, size, form). The address is good
	// and nobody is suppressed, but somebody should look.
	Own Class = "own"
	// None: nothing failed.
	None Class = "none"
)

// words are pieces of answers, in lower case, that say more than the code: many servers use one code for
// everything.
type words []string

func (w words) in(text string) bool {
	for _, word := range w {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

var (
	unknownUser = words{
		"user unknown", "unknown user", "no such user", "no such recipient", "no such mailbox", "no such address", "no such account", "mailbox not found",
		"mailbox unavailable or", "unknown recipient", "unknown mailbox", "unknown address", "recipient unknown", "recipient not found", "user not found",
		"does not exist", "doesn't exist", "not exist", "is not a known user", "invalid recipient", "invalid mailbox", "invalid address", "unrouteable address", "unroutable address",
		"no mailbox here", "not our customer", "account that you tried to reach", "recipient address rejected: user", "recipient address rejected: access denied",
		"undeliverable address", "address rejected", "bad destination mailbox", "recipnotfound", "recipientnotfound", "resolver.adr", "account is disabled",
		"mailbox is disabled", "mailbox disabled", "account disabled", "account has been disabled", "account closed", "is inactive", "inactive user", "inactive account",
		"nincs ilyen felhasználó", "ismeretlen címzett", "nem létezik", "не существует", "нет такого пользователя", "пользователь не найден", "неизвестный пользователь",
		"δεν υπάρχει", "άγνωστος παραλήπτης", "אינו קיים", "לא קיימת", "לא נמצא הנמען",
		"unbekannter empf", "existiert nicht", "inconnu", "n'existe pas", "non esiste", "no existe",
	}
	unknownHost = words{
		"host not found", "domain not found", "unknown host", "host unknown", "name or service not known", "domain name not found", "no such domain", "domain does not exist",
		"nxdomain", "unrouteable mail domain", "couldn't find any host", "could not find any host", "null mx", "does not accept mail", "no mx record",
	}
	fullMailbox = words{
		"mailbox full", "mailbox is full", "mail box full", "over quota", "overquota", "quota exceeded", "exceeded storage", "exceeds quota", "exceeded quota", "out of storage",
		"mailfolder is full", "insufficient storage", "storage allocation", "mailbox size limit", "mailbox has exceeded", "is over the quota", "quotaexceeded", "not enough space",
		"megtelt", "betelt", "переполнен", "превышена квота", "γεμάτ", "תיבה מלאה", "מלאה", "postfach ist voll",
	}
	policy = words{
		"spam", "blacklist", "black list", "blocklist", "block list", "blocked", "spamhaus", "barracudacentral", "reputation", "dnsbl", "rbl", "spf", "dkim", "dmarc", "unsolicited",
		"policy", "poor sending", "bulk", "content reject", "message content", "rejected for content", "denied by", "sender verify", "sender address rejected", "authentication required",
		"relaying denied", "relay access denied", "not permitted to relay", "unable to relay", "reverse dns", "ptr record", "virus", "malware", "phish", "suspicious", "low reputation",
		"too many connections from", "rate limit", "ratelimit", "throttl",
	}
	tooLarge = words{"message too large", "message size exceeds", "exceeds size limit", "message is too big", "size limit", "too big"}
)

// Classify says what a server's answer means: by its code (RFC 3463), by its SMTP reply where it has none, and
// by its words where they say more. reply is 0 where there is none. An answer 4xx or 4.x.x is Temporary:
// whoever gets it tries again.
func Classify(status Code, reply int, text string) Class {
	switch {
	case status.Class == 2 || status.IsZero() && reply >= 200 && reply < 300:
		return None
	case status.Class == 4, status.IsZero() && reply >= 400 && reply < 500:
		return Temporary
	}
	return permanent(status, reply, strings.ToLower(text))
}

// given classifies an answer after which the server has given up, whatever its code says: a temporary failure
// that lasted for days has cost this mail.
func given(status Code, reply int, text string) Class {
	c := Classify(status, reply, text)
	if c != Temporary {
		return c
	}
	if status.Subject == 7 || policy.in(strings.ToLower(text)) {
		return Own
	}
	return Soft
}

// permanent classifies what will not change by itself.
func permanent(status Code, reply int, text string) Class {
	switch status.Subject {
	case 1:
		return address(status.Detail, text)
	case 2:
		return mailbox(status.Detail, text)
	case 3: // the mail system: full, not accepting, message too big (3.4)
		if status.Detail == 4 {
			return Own
		}
		return byWords(text, Soft)
	case 4: // network and routing
		return byWords(text, Soft)
	case 5, 6: // our protocol, our mail's form
		return byWords(text, Own)
	case 7: // security and policy: whatever the words, this is about us
		return Own
	}
	// 5.0.0 says nothing, nor does its absence.
	switch reply {
	case 550, 551, 553:
		return byWords(text, Soft)
	case 552: // RFC 5321: exceeded storage allocation
		return byWords(text, Soft)
	case 500, 501, 502, 503, 504, 521, 530, 535, 555, 556:
		if reply == 521 || reply == 556 { // RFC 7504: the host accepts no mail
			return Hard
		}
		return byWords(text, Own)
	}
	return byWords(text, Soft)
}

// address classifies x.1.detail, RFC 3463, section 3.2.
func address(detail int, text string) Class {
	switch detail {
	case 7, 8, 9: // of our own address, and a warning
		return Own
	case 0, 5: // says nothing; "valid", which is no failure
		return byWords(text, Soft)
	case 10: // RFC 7505: the domain takes no mail
		return Hard
	}
	if policy.in(text) && !unknownUser.in(text) && !unknownHost.in(text) {
		return Own
	}
	return Hard
}

// mailbox classifies x.2.detail, RFC 3463, section 3.3.
func mailbox(detail int, text string) Class {
	switch detail {
	case 1:
		if policy.in(text) && !unknownUser.in(text) {
			return Own
		}
		return Hard
	case 2:
		return Soft
	case 3:
		return Own
	}
	return byWords(text, Soft)
}

// byWords classifies by what was said; otherwise is for words that say nothing.
func byWords(text string, otherwise Class) Class {
	switch {
	case unknownUser.in(text):
		return Hard
	case fullMailbox.in(text):
		return Soft
	case unknownHost.in(text):
		return Hard
	case policy.in(text), tooLarge.in(text):
		return Own
	}
	return otherwise
}

// Answer is what a server said in an SMTP session.
type Answer struct {
	Status Code
	Reply  int
	Text   string
	Class  Class
}

// ParseAnswer reads an answer such as "550 5.1.1 <anna@example.hu>: user unknown", of one line or several, also
// where words stand before it, as in the reasons of mail.Failure.
func ParseAnswer(text string) Answer {
	a := Answer{Text: line(text)}
	if m := replyAtStart.FindStringSubmatch(a.Text); m != nil {
		a.Reply, _ = strconv.Atoi(m[1])
	} else if m := replyInText.FindStringSubmatch(a.Text); m != nil {
		a.Reply, _ = strconv.Atoi(m[1])
	}
	if m := codeInText.FindStringSubmatch(a.Text); m != nil {
		a.Status = codeOf(m[1:])
	}
	if a.Reply > 0 && a.Status.Class > 0 && a.Reply/100 != a.Status.Class { // the reply is what the protocol goes by
		a.Status.Class = a.Reply / 100
	}
	a.Class = Classify(a.Status, a.Reply, a.Text)
	return a
}

// textLimit is how much is kept of what a server said, in bytes.
const textLimit = 500

// line makes one line of a text: blanks for line breaks and controls, at most textLimit bytes.
func line(text string) string {
	if len(text) > 4*textLimit {
		text = text[:4*textLimit]
	}
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xa0 }), " ")
	if len(text) > textLimit {
		text = strings.ToValidUTF8(text[:textLimit], "")
	}
	return text
}
