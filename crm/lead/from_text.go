package lead

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/vcard"
)

// The bounds of pasted text: more is no signature.
const (
	maxPasted      = 16 << 10
	maxPastedLines = 80
)

// FromText reads what somebody pasted (the signature of a mail, the text of a business card, a vCard) into a
// draft for him to look over: names, company, job title, e-mail addresses, phones, address, website and tax id,
// in the habits of the five languages. It never fails; what it does not understand it leaves out, and of what it
// is not sure it leaves the lines in Interest. Nothing is validated; [Prepare] does.
func FromText(text string, l locale.Locale) Draft {
	if len(text) > maxPasted {
		text = text[:maxPasted]
	}
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	if at := cardBegin.FindStringIndex(text); at != nil {
		if card, err := vcard.NewDecoder(strings.NewReader(text[at[0]:]), vcard.Options{Language: l.Language}).Next(); err == nil {
			return cardDraft(card, l.Language)
		}
	}
	r := pasted{draft: Draft{Language: scriptOf(text, l.Language), Origin: Origin{Channel: ByCard}}, country: l.Language.Country()}
	lines := strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '\r' || c == '\u2028' })
	if len(lines) > maxPastedLines {
		lines = lines[:maxPastedLines]
	}
	for _, line := range lines {
		for _, piece := range separators.Split(party.Clean(line, 400), -1) {
			r.read(piece)
		}
	}
	r.name()
	r.draft.Interest = strings.Join(r.rest, "\n")
	return r.draft
}

// scriptOf is the language whose letters a text has most of, where a script tells it.
func scriptOf(text string, otherwise locale.Language) locale.Language {
	var hebrew, cyrillic, greek, latin int
	for _, c := range text {
		switch {
		case unicode.Is(unicode.Hebrew, c):
			hebrew++
		case unicode.Is(unicode.Cyrillic, c):
			cyrillic++
		case unicode.Is(unicode.Greek, c):
			greek++
		case unicode.Is(unicode.Latin, c):
			latin++
		}
	}
	most := max(hebrew, cyrillic, greek)
	switch {
	case 3*most < latin || most == 0: // addresses are Latin everywhere
		return otherwise
	case hebrew == most:
		return locale.Hebrew
	case cyrillic == most:
		return locale.Russian
	}
	return locale.Greek
}

var (
	cardBegin  = regexp.MustCompile(`(?i)BEGIN:VCARD`)
	separators = regexp.MustCompile(`\s*[|•·‖]\s*|\s{3,}|\t`)
	mailLike   = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+\-]{1,64}@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+`)
	siteLike   = regexp.MustCompile(`(?i)(?:https?://|www\.)[^\s,;<>"]+`)
	phoneLike  = regexp.MustCompile(`(?:\+|\(|\d)[\d\s().\-/]{5,}\d(?:\s*(?:ext\.?|x|доб\.?|mell[ée]k:?)\s*\d{1,5})?`)
	postalLike = regexp.MustCompile(`^(?:(?:H|IL|GR|RU|D)-)?(\d{3} \d{2}|\d{4,7})\b|\b(\d{3} \d{2}|\d{5,7})$|\b([A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})\b`)
	taxLike    = regexp.MustCompile(`(?i)^(?:adószám|vat(?: (?:no|id|number))?\.?|tax id|ח\.?פ\.?|ע\.?מ\.?|ח"פ|инн|α\.?φ\.?μ\.?|αφμ)\s*[:.]?\s*([\p{L}\d][\p{L}\d\- ]{5,20})$`)

	// labels stand before what they name: "Tel.:", "моб.", "נייד", "Κιν.".
	labels     = regexp.MustCompile(`(?i)^(?:(?:tel(?:efon)?|phone|t|p|telephone|office|iroda|direct|e-?mail|email|mail|m|mobil(?:e|telefon)?|mob|cell|web(?:site)?|honlap|w|e|address|cím|addr|fax|f|тел(?:ефон)?|моб(?:ильный)?|факс|почта|сайт|адрес|эл\. ?почта|τηλ(?:έφωνο)?|κιν(?:ητό)?|φαξ|διεύθυνση|ιστοσελίδα|טל(?:פון)?|נייד|פקס|דוא"ל|דואל|מייל|אתר|כתובת)['.]?\s*[:.]\s*|(?:טלפון|נייד|פקס|כתובת|мобильный|телефон)\s+)`)
	faxLabel   = regexp.MustCompile(`(?i)^(?:fax|f|факс|φαξ|פקס)\b`)
	faxWord    = regexp.MustCompile(`(?i)^(?:факс|φαξ|פקס)`)
	mobileWord = regexp.MustCompile(`(?i)^(?:mob|cell|m[.:]|моб|κιν|נייד)`)

	greetings = regexp.MustCompile(`(?i)^(?:[-_=*–—]{2,}.*|(?:üdvözlettel|tisztelettel|köszönettel|best regards|kind regards|regards|sincerely|yours|cheers|thanks|thank you|best|בברכה|תודה|בכבוד רב|с уважением|спасибо|με εκτίμηση|ευχαριστώ|sent from my).*)$`)
	companies = regexp.MustCompile(`(?i)(?:^|[\s,"'«“])(?:kft|bt|zrt|nyrt|kkt|ltd|limited|llc|inc|gmbh|plc|corp|s\.?a|ag|co\.? ?ltd|בע"מ|בע״מ|ооо|зао|оао|пао|ао|ип|α\.?ε|ε\.?π\.?ε|ι\.?κ\.?ε|ο\.?ε)\.?(?:$|[\s,"'»”])`)
	positions = regexp.MustCompile(`(?i)igazgató|vezető|menedzser|ügyvezet|értékesít|mérnök|munkatárs|képviselő|beszerző|titkár|tanácsadó|manager|director|\bce?[of]o\b|\bcto\b|head of|engineer|sales|officer|president|founder|owner|partner|consultant|assistant|developer|מנהל|מנכ|סמנכ|מהנדס|יועץ|נציג|директор|менеджер|руководитель|инженер|начальник|специалист|консультант|διευθυντ|υπεύθυν|μηχανικ|σύμβουλ|πωλητ|πρόεδρ`)
	streets   = regexp.MustCompile(`(?i)\b(?:u\.|utca|út|útja|tér|tere|körút|krt\.|sor|köz|street|st\.|road|rd\.?|avenue|ave\.?|lane|square|blvd|str\.)(?:\s|,|$|\d)|(?:^|\s)(?:רח'|רחוב|שד'|שדרות|דרך|ул\.|улица|пр\.|просп|проспект|пер\.|наб\.|шоссе|οδός|οδ\.|λεωφ|λεωφόρος)`)
)

// pasted is a text under way.
type pasted struct {
	draft   Draft
	country string
	// rest are lines that nothing was recognised in.
	rest []string
}

// read takes a piece of a line to where it belongs.
func (r *pasted) read(piece string) {
	piece = strings.TrimSpace(piece)
	if piece == "" || greetings.MatchString(piece) {
		return
	}
	if m := taxLike.FindStringSubmatch(piece); m != nil && strings.ContainsAny(m[1], "0123456789") {
		r.draft.TaxID = strings.TrimSpace(m[1])
		return
	}
	whole := piece
	for _, mail := range mailLike.FindAllString(piece, 5) {
		mail = strings.ToLower(strings.Trim(mail, ".-"))
		if !slices.Contains(r.draft.Emails, mail) && len(r.draft.Emails) < 10 {
			r.draft.Emails = append(r.draft.Emails, mail)
		}
	}
	piece = mailLike.ReplaceAllString(piece, " ")
	if site := siteLike.FindString(piece); site != "" {
		if r.draft.Website == "" {
			r.draft.Website = strings.TrimRight(site, ".)/")
		}
		piece = strings.Replace(piece, site, " ", 1)
	}
	found := whole != piece
	if r.address(piece) {
		return
	}
	if r.phones(piece) {
		return
	}
	piece = strings.Trim(strings.TrimSpace(labels.ReplaceAllString(strings.TrimSpace(piece), "")), "<>()[],;: ")
	if piece == "" || found && len([]rune(piece)) < 3 {
		return
	}
	switch {
	case r.draft.Organization == "" && companies.MatchString(piece):
		r.draft.Organization = piece
	case r.draft.JobTitle == "" && positions.MatchString(piece):
		r.draft.JobTitle = piece
	default:
		r.rest = append(r.rest, piece)
	}
}

// phones takes the numbers of a piece, which may hold several with their labels: "T: 1 234 5678, M: 30 …".
func (r *pasted) phones(piece string) bool {
	spans := phoneLike.FindAllStringIndex(piece, 5)
	found := false
	at := 0
	for _, span := range spans {
		number := strings.TrimSpace(piece[span[0]:span[1]])
		label := strings.TrimSpace(strings.Trim(piece[at:span[0]], ",;/ "))
		at = span[1]
		phone, err := party.ParsePhone(number, r.country)
		if err != nil || strings.Count(number, "-") > 4 {
			continue
		}
		found = true
		switch {
		case faxLabel.MatchString(label) || faxWord.MatchString(label):
		case mobileWord.MatchString(label) && r.draft.Mobile == "":
			r.draft.Mobile = number
		case len(r.draft.Phones) < 10 && !slices.ContainsFunc(r.draft.Phones, func(other string) bool {
			p, err := party.ParsePhone(other, r.country)
			return err == nil && p.E164 == phone.E164
		}):
			r.draft.Phones = append(r.draft.Phones, number)
		}
	}
	return found
}

// address takes a piece with a street, or with a postal code and a place.
func (r *pasted) address(piece string) bool {
	piece = strings.TrimSpace(labels.ReplaceAllString(strings.TrimSpace(piece), ""))
	if r.draft.Address.Line1 != "" && r.draft.Address.City != "" {
		return false
	}
	street, postal := streets.MatchString(piece), postalLike.MatchString(piece)
	letters := strings.IndexFunc(piece, unicode.IsLetter) >= 0
	if !letters || !street && !postal || !street && !strings.ContainsAny(piece, ", ") {
		return false
	}
	for _, part := range strings.Split(piece, ",") {
		part = strings.TrimSpace(part)
		m := postalLike.FindStringSubmatchIndex(part)
		switch {
		case part == "":
		case m != nil && r.draft.Address.PostalCode == "" && !streets.MatchString(part):
			for g := 2; g < len(m); g += 2 {
				if m[g] >= 0 {
					r.draft.Address.PostalCode = part[m[g]:m[g+1]]
				}
			}
			if city := strings.TrimSpace(part[:m[0]] + " " + part[m[1]:]); r.draft.Address.City == "" {
				r.draft.Address.City = city
			}
		case streets.MatchString(part) && r.draft.Address.Line1 == "":
			r.draft.Address.Line1 = part
		case party.CountryOf(part) != "" && r.draft.Address.Country == "":
			r.draft.Address.Country = part
		case r.draft.Address.Line1 != "" && strings.IndexFunc(part, unicode.IsLetter) < 0:
			r.draft.Address.Line1 += ", " + part // the number of the house
		case r.draft.Address.City == "":
			r.draft.Address.City = part
		default:
			r.draft.Address.Line2 = strings.TrimSpace(r.draft.Address.Line2 + " " + part)
		}
	}
	return true
}

// name takes the first remaining line that looks like somebody's name.
func (r *pasted) name() {
	for i, line := range r.rest {
		if named, job := personal(line); named != "" {
			r.draft.Name = named
			if r.draft.JobTitle == "" {
				r.draft.JobTitle = job
			}
			r.rest = slices.Delete(r.rest, i, i+1)
			break
		}
	}
	if r.draft.Organization == "" && r.draft.Name != "" && len(r.rest) > 0 && len([]rune(r.rest[0])) <= 60 && len(strings.Fields(r.rest[0])) <= 5 {
		r.draft.Organization = r.rest[0]
		r.rest = r.rest[1:]
	}
	if r.draft.Name == "" && r.draft.Organization == "" && r.draft.JobTitle != "" { // "Kovács Anna értékesítési vezető" in one line
		r.rest = append(r.rest, r.draft.JobTitle)
		r.draft.JobTitle = ""
	}
}

// personal reads two to five words that begin like names, and a job title behind a comma.
func personal(line string) (name, job string) {
	name, job, _ = strings.Cut(line, ",")
	words := strings.Fields(name)
	if len(words) < 2 || len(words) > 5 {
		return "", ""
	}
	for _, w := range words {
		letters := []rune(strings.Trim(w, ".'’`-\"“”״׳"))
		if len(letters) == 0 {
			return "", ""
		}
		small := unicode.IsLower(letters[0]) && !slices.Contains([]string{"dr", "ifj", "id", "özv", "de", "van", "von", "der", "la", "prof", "ben", "bar"}, string(letters))
		for _, c := range letters {
			if !unicode.IsLetter(c) && !unicode.Is(unicode.M, c) && !strings.ContainsRune("-.'’״׳\"", c) {
				return "", ""
			}
		}
		if small {
			return "", ""
		}
	}
	return strings.TrimSpace(name), strings.TrimSpace(job)
}
