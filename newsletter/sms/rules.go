package sms

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// Rule is what a country asks of advertising messages.
type Rule struct {
	// Country is the ISO 3166-1 code, "" for those that the rules do not name.
	Country string
	// Zone is that of most of its readers; a reader's own, where it is known, is better.
	Zone *time.Location
	// Advertisement is the word that has to open a message: the subject of a mail where InSubject, the text of an
	// SMS where InText. It is "" for none.
	Advertisement     string
	InSubject, InText bool
	// Sender says that the text names who writes, Stop that it says how to end it.
	Sender, Stop bool
	Quiet        Quiet
	// Law is where it stands.
	Law string
}

// Rules are those of all countries. The ones that come with the package ([DefaultRules]) are data, and a
// company's lawyer may replace them ([ParseRules]).
type Rules struct {
	byCountry map[string]Rule
	fallback  Rule
}

//go:embed rules.json
var rulesJSON []byte

var defaultRules = func() Rules {
	r, err := ParseRules(rulesJSON)
	if err != nil {
		panic(err) // a test holds the file
	}
	return r
}()

// DefaultRules gives the rules that come with the package.
func DefaultRules() Rules { return defaultRules }

// DefaultRulesJSON gives them as JSON, to be changed and parsed.
func DefaultRulesJSON() []byte { return slices.Clone(rulesJSON) }

// Of gives the rule for a country by its ISO 3166-1 code.
func (r Rules) Of(country string) Rule {
	if rule, ok := r.byCountry[strings.ToUpper(country)]; ok {
		return rule
	}
	return r.fallback
}

// Countries lists the countries that are named, sorted.
func (r Rules) Countries() []string { return slices.Sorted(maps.Keys(r.byCountry)) }

type groupJSON struct {
	Countries     map[string]string `json:"countries"`
	Zone          string            `json:"zone"`
	Advertisement struct {
		Word    string `json:"word"`
		Subject bool   `json:"subject"`
		Text    bool   `json:"text"`
	} `json:"advertisement"`
	Sender bool `json:"sender"`
	Stop   bool `json:"stop"`
	Quiet  []struct {
		Days string `json:"days"`
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"quiet"`
	Law string `json:"law"`
}

// ParseRules reads rules: groups of countries by a name, with the zone of each country, and the group
// "default" for all others.
func ParseRules(text []byte) (Rules, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var groups map[string]groupJSON
	if err := d.Decode(&groups); err != nil {
		return Rules{}, fault.Wrap(err, fault.Invalid, "the rules are no JSON of the form that is asked for")
	}
	out := Rules{byCountry: map[string]Rule{}}
	var faults fault.List
	if _, ok := groups["default"]; !ok {
		faults.Add("default", "required", "is missing; it is for all countries that are not named")
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := groups[name]
		if name == "default" {
			g.Countries = map[string]string{"": g.Zone}
		}
		rule := Rule{
			Advertisement: strings.TrimSpace(g.Advertisement.Word), InSubject: g.Advertisement.Subject, InText: g.Advertisement.Text,
			Sender: g.Sender, Stop: g.Stop, Law: g.Law, Quiet: g.quiet(name, &faults),
		}
		for _, country := range slices.Sorted(maps.Keys(g.Countries)) {
			var err error
			if rule.Zone, err = time.LoadLocation(g.Countries[country]); err != nil {
				faults.Add(name+".countries."+country, "zone", "%q is no time zone", g.Countries[country])
			}
			if rule.Country = country; name == "default" {
				out.fallback = rule
				continue
			}
			if _, twice := out.byCountry[country]; twice || len(country) != 2 || strings.ToUpper(country) != country {
				faults.Add(name+".countries."+country, "country", "is no ISO 3166-1 code, or is there twice")
			}
			out.byCountry[country] = rule
		}
	}
	return out, faults.Err("the rules cannot be used")
}

var dayNames = []string{"su", "mo", "tu", "we", "th", "fr", "sa"}

func (g groupJSON) quiet(name string, faults *fault.List) Quiet {
	var q Quiet
	for i, w := range g.Quiet {
		at := fmt.Sprintf("%s.quiet[%d]", name, i)
		from, ok := minutes(w.From)
		to, also := minutes(w.To)
		if !ok || !also {
			faults.Add(at, "time", "takes times as 20:00")
		}
		for day := range strings.FieldsSeq(w.Days) {
			n := slices.Index(dayNames, day)
			if n < 0 {
				faults.Add(at+".days", "choice", "%.10q is no day; there are %s", day, strings.Join(dayNames, ", "))
			}
			q = append(q, Window{Day: time.Weekday(n), From: from, To: to})
		}
	}
	if len(*faults) == 0 && !q.leavesTime() {
		faults.Add(name+".quiet", "always", "leaves no time at all to send in")
	}
	return q
}

func minutes(text string) (int, bool) {
	var h, m int
	if n, err := fmt.Sscanf(text, "%02d:%02d", &h, &m); err != nil || n != 2 || len(text) != 5 {
		return 0, false
	}
	return h*60 + m, h >= 0 && m >= 0 && m < 60 && h*60+m <= 24*60
}

// Subject puts the word for advertisement before the subject of a mail, where the country asks for it.
func (r Rule) Subject(subject string) string {
	if !r.InSubject {
		return subject
	}
	return opened(r.Advertisement, ": ", subject)
}

func opened(word, by, text string) string {
	if word == "" || strings.HasPrefix(strings.TrimSpace(text), word) {
		return text
	}
	return word + by + text
}

// Advert is an advertising message before the country's rules.
type Advert struct {
	Body     string
	Language locale.Language
	// Sender is who writes, in words.
	Sender string
	// Link is where the reader ends it; "" where he answers with the language's [StopWord].
	Link string
}

// Compose gives the text as it may be sent: opened by the word for advertisement and the sender's name, closed
// by how to end it, as far as the country asks for them and the body lacks them. Its size is to be measured
// after that.
func (r Rule) Compose(a Advert) (string, error) {
	var faults fault.List
	faults.Required("body", a.Body)
	if r.Sender {
		faults.Required("sender", a.Sender)
	}
	if err := faults.Err("the message cannot be sent to this country"); err != nil {
		return "", err
	}
	text := strings.TrimSpace(a.Body)
	if r.Sender && !strings.Contains(text, a.Sender) {
		text = a.Sender + ": " + text
	}
	if r.InText {
		text = opened(r.Advertisement, " ", text)
	}
	if r.Stop {
		way := a.Link
		if way == "" {
			way = StopWord(a.Language)
		}
		if !names(text, way) {
			key := "stop.answer"
			if a.Link != "" {
				key = "stop.link"
			}
			text += "\n" + Texts.T(a.Language, key, way)
		}
	}
	return text, nil
}

// names reports whether a text holds a link, or a word by itself.
func names(text, way string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'„”.,;()!", r) }), way)
}

// Texts are what messages say by themselves. The Hungarian ones do with the letters of the default alphabet.
var Texts = locale.Texts{
	"stop.answer": locale.Row("Kilépés: %s", "To end: reply %s", "להסרה השיבו %s", "Отказ: ответьте %s", "ΔΙΑΚΟΠΗ: %s"),
	"stop.link":   locale.Row("Kilépés: %s", "To end: %s", "להסרה: %s", "Отказ: %s", "ΔΙΑΚΟΠΗ: %s"),
}
