package bounce

import (
	"regexp"
	"strings"
)

// failures begin the subjects of reports that are written for people, in lower case.
var failures = words{
	"undelivered mail", "undeliverable", "undelivered", "undelivered:", "mail delivery failed", "mail delivery failure", "mail delivery system", "delivery status notification",
	"failure notice", "returned mail", "returned to sender", "delivery failure", "delivery failed", "delivery has failed", "message undeliverable", "mail system error", "mail could not be delivered",
	"delivery report", "non-delivery", "nondelivery", "nondeliverable", "non remis", "unzustellbar", "mail not delivered", "message not delivered", "your message couldn't be delivered",
	"warning: could not send", "warning: message", "delayed mail", "delivery delayed", "message delayed", "delivery notification",
	"kézbesíthetetlen", "nem kézbesíthető", "sikertelen kézbesítés", "kézbesítés sikertelen", "a kézbesítés nem sikerült", "visszaküldött levél", "kézbesítési hiba",
	"недоставленное", "не удалось доставить", "сообщение не доставлено", "недоставленное сообщение", "ошибка доставки", "не доставлено", "уведомление о недоставке",
	"αποτυχία παράδοσης", "ανεπίδοτο", "δεν παραδόθηκε", "μη παράδοση",
	"לא ניתן למסירה", "לא נמסרה", "כשל במסירה", "כשל במסירת", "הודעה שלא נמסרה",
}

// mailers are the senders of such reports: local parts, and pieces of names.
var mailers = words{
	"mailer-daemon", "mailer_daemon", "mailerdaemon", "postmaster", "mail delivery s", "mail delivery subsystem", "mail administrator", "microsoftexchange", "internet mail delivery", "mail-daemon", "mdaemon",
}

// waiting are the words of a server that goes on trying.
var waiting = words{
	"will be retried", "will retry", "still being retried", "still trying", "will continue to be attempted", "will keep trying", "delivery attempts will continue", "you do not need to resend",
	"do not need to resend", "no action is required on your part", "has been delayed", "is delayed", "not yet been delivered", "will try again", "this is a warning message only", "this is only a warning",
	"nem szükséges újra elküldeni", "késik", "későbbi időpontban újra", "попытки доставки будут", "повторно отправлять", "задерживается", "θα συνεχιστούν", "καθυστερεί", "ינסה שוב", "מתעכבת",
}

// quoted begin the copy of the mail that came back, within the text.
var quoted = words{
	"--- below this line is a copy", "this is a copy of the message", "----- original message", "-----original message", "--- original message", "original message follows", "original message headers:",
	"the header of the original message", "--- unsent message", "----- message header follows", "--- message headers", "returned message follows", "the original message was", "copy of the original message",
	"az eredeti levél", "az eredeti üzenet fejléce", "eredeti üzenet", "исходное сообщение", "заголовки исходного", "текст исходного", "αρχικό μήνυμα", "ההודעה המקורית", "כותרות ההודעה", "ursprüngliche nachricht",
}

// heads is a line that begins with an address, as reports put those they are about.
var heads = regexp.MustCompile(`^[ \t]*(?:[-*•·][ \t]+)?(?:(?i:to|címzett|кому|получатель|προς|אל|recipient|address)[ \t]*:[ \t]*)?["'<(\[]*([^\s<>"'()\[\],;]+@[^\s<>"'()\[\],;:]+)[>"')\]]*[ \t]*(.*)$`)

// prose reads a report that is written for people: of qmail, old versions of Exim and Exchange, and of many
// providers.
func (m *mailParts) prose(r *Report) bool {
	subject := strings.ToLower(r.Subject)
	from := strings.ToLower(readableHeader(m.header.get("from")))
	named := m.header.get("x-failed-recipients")
	mailer := mailers.in(from) || strings.HasPrefix(strings.TrimSpace(from), "<>")
	if named == "" && !mailer && !begins(subject, failures) {
		return false
	}
	text := m.words()
	if strings.Contains(text, "<") && m.leafKind() == "text/html" {
		text = withoutTags(text)
	}
	said, copied := m.cut(text)
	lower := strings.ToLower(said)
	answer := ParseAnswer(afterNames(said))
	evident := !answer.Status.IsZero() || answer.Reply > 0 || unknownUser.in(lower) || fullMailbox.in(lower) || unknownHost.in(lower)
	if named == "" && !begins(subject, failures) && !evident || named == "" && !mailer && !evident {
		return false
	}
	delayed := waiting.in(lower) || strings.HasPrefix(subject, "warning:") || strings.HasPrefix(subject, "delayed")
	for _, b := range m.blocks(said, named) {
		r.Recipients = append(r.Recipients, b.recipient(said, delayed))
	}
	if copied != "" {
		h, _ := readHeader([]byte(strings.TrimLeft(copied, "\r\n\t ")))
		r.Reference.takeFrom(h)
	}
	return true
}

// leafKind is the media type of the part that words are taken from.
func (m *mailParts) leafKind() string {
	for i := range m.leaves {
		if k := m.leaves[i].kind; k == "text/plain" || k == "text/html" {
			return k
		}
	}
	return ""
}

// cut divides a text at the copy of the mail that came back.
func (m *mailParts) cut(text string) (said, copied string) {
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			break
		}
		row := strings.ToLower(strings.TrimSpace(text[at : at+end]))
		at += end + 1
		if row != "" && quoted.in(row) && len(row) < 200 {
			return text[:at-end-1], afterRule(text[at:])
		}
	}
	return text, ""
}

// afterRule passes over the empty lines and rules before a copied header.
func afterRule(text string) string {
	for {
		row, rest, ok := strings.Cut(text, "\n")
		if trimmed := strings.Trim(row, " \t\r-=_"); !ok || trimmed != "" {
			return text
		}
		text = rest
	}
}

// block is what a report says of one address.
type block struct{ address, text string }

// blocks finds the addresses that a text is about, each with what is said of it.
func (m *mailParts) blocks(said, named string) []block {
	ours := map[string]bool{}
	for _, a := range append(addressesOf(m.header), addresses(m.header.get("from"))...) {
		ours[strings.ToLower(a)] = true
	}
	var found []block
	seen := map[string]int{}
	for row := range strings.Lines(said) {
		if match := heads.FindStringSubmatch(strings.TrimRight(row, "\r\n")); match != nil {
			a := first(match[1])
			key := strings.ToLower(a)
			if a != "" && !ours[key] && !mailers.in(key) && len(found) < recipientLimit {
				if i, ok := seen[key]; ok && i == len(found)-1 {
					found[i].text += row
					continue
				} else if !ok {
					seen[key] = len(found)
					found = append(found, block{a, strings.TrimPrefix(match[2], ":") + "\n"})
					continue
				}
			}
		}
		if n := len(found); n > 0 && len(found[n-1].text) < 4<<10 {
			found[n-1].text += row
		}
	}
	for _, a := range addresses(named) {
		if _, ok := seen[strings.ToLower(a)]; !ok && len(found) < recipientLimit {
			seen[strings.ToLower(a)] = len(found)
			found = append(found, block{address: a})
		}
	}
	if len(found) > 0 {
		return found
	}
	for _, a := range addresses(said) {
		if key := strings.ToLower(a); !ours[key] && !mailers.in(key) {
			return []block{{address: a}}
		}
	}
	return []block{{}}
}

// tellingText is how long an answer has to be for people to understand it, in bytes.
const tellingText = 20

// recipient classifies by what is said of an address, or, where that is nothing, by the whole text.
func (b block) recipient(said string, delayed bool) Recipient {
	text := b.text
	if a := ParseAnswer(afterNames(text)); a.Status.IsZero() && a.Reply == 0 && byWords(strings.ToLower(text), None) == None {
		text = said
	}
	short := afterNames(text)
	a := ParseAnswer(short)
	r := Recipient{Address: b.address, Action: Failed, Status: a.Status, Reply: a.Reply, Text: line(short)}
	if len(r.Text) < tellingText {
		r.Text = line(text)
	}
	if delayed {
		r.Action = Delayed
	}
	r.settle(text)
	return r
}

// afterNames takes addresses of servers out of a text, whose numbers look like codes, and begins it at the
// first answer in it, so that a long text before it is not all that is kept.
func afterNames(text string) string {
	text = numbersOfHosts.ReplaceAllString(text, " ")
	if at := replyInText.FindStringSubmatchIndex(text); at != nil {
		return text[at[2]:]
	}
	if at := codeInText.FindStringSubmatchIndex(text); at != nil {
		return text[at[2]:]
	}
	return text
}

var numbersOfHosts = regexp.MustCompile(`\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?(?::\d+)?`)

var (
	blocksOfTags = regexp.MustCompile(`(?is)<(?:style|script|head)\b.*?</(?:style|script|head)>`)
	breaks       = regexp.MustCompile(`(?i)<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>`)
	tags         = regexp.MustCompile(`<[A-Za-z/!][^@>]*>`)
)

// withoutTags makes text of HTML, as far as it takes to find addresses and answers in it.
func withoutTags(text string) string {
	text = blocksOfTags.ReplaceAllString(text, "")
	text = breaks.ReplaceAllString(text, "\n")
	text = tags.ReplaceAllString(text, " ")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&nbsp;", " ", "&quot;", `"`, "&#39;", "'", "&amp;", "&").Replace(text)
}
