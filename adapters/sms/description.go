package sms

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// Meaning is what an answer of a gateway stands for.
type Meaning string

// The meanings.
const (
	// Taken: the gateway carries the message.
	Taken Meaning = "taken"
	// Temporary: it may be tried again later.
	Temporary Meaning = "temporary"
	// Permanent: this message never can be sent.
	Permanent Meaning = "permanent"
	// NoNumber: no message ever arrives at this number.
	NoNumber Meaning = "no_such_number"
	// Unknown: it may have been taken.
	Unknown Meaning = "unknown"
	// Down: no message would be taken now: the account is empty, blocked, or its secret wrong.
	Down Meaning = "down"
)

var meanings = []Meaning{Taken, Temporary, Permanent, NoNumber, Unknown, Down}

// Description says how a gateway is spoken to. URL, header values and Body may hold {to}, {from}, {text}, {id},
// {encoding} (gsm7 or ucs2), {parts}, {user}, {password} and {token}.
type Description struct {
	// Name is for messages to people.
	Name string `json:"name"`
	// URL is https; http is taken for this machine alone.
	URL string `json:"url"`
	// Method is POST where it is "".
	Method  string            `json:"method,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	// ContentType says how values in Body are escaped: application/json, application/x-www-form-urlencoded, or
	// any type of XML. It is "" without a Body.
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"body,omitempty"`
	// Auth is basic (user and password), bearer (token), or "" where the secrets stand elsewhere.
	Auth string `json:"auth,omitempty"`
	// Numbers is digits for a gateway that takes numbers without the +, "" for E.164.
	Numbers string `json:"numbers,omitempty"`
	Answer  Answer `json:"answer,omitzero"`
	// Codes say what HTTP status codes mean where that differs from the usual, and Meanings what the answer's
	// status does, of an answer whose code means Taken. A status that is not named is Taken where Meanings names
	// none as that, else Unknown.
	Codes    map[int]Meaning    `json:"codes,omitempty"`
	Meanings map[string]Meaning `json:"meanings,omitempty"`
	// Once says that the gateway carries messages with one {id} once, however often they are sent.
	Once bool `json:"once,omitempty"`
	// Lookup says how the gateway is asked what became of a message; nil where it cannot be.
	Lookup *Lookup `json:"lookup,omitempty"`
	// PerSecond is the most messages a second, 10 where it is 0; of all goroutines of this process.
	PerSecond float64 `json:"per_second,omitempty"`
	// TimeoutSeconds is how long an answer is waited for, 20 where it is 0.
	TimeoutSeconds int `json:"timeout_seconds,omitempty"`
}

// Answer says where things are in an answer: paths through JSON, as messages.0.id, or where Text is set regular
// expressions with one group each, for XML and plain text.
type Answer struct {
	Text bool `json:"text,omitempty"`
	// ID is the gateway's own key of the message; without it reports have to carry ours.
	ID     string `json:"id,omitempty"`
	Status string `json:"status,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Lookup says how a gateway is asked about a message by our own key: a GET of URL, with the same headers and
// secrets as for sending.
type Lookup struct {
	// URL holds {id}.
	URL string `json:"url"`
	// Answer says where things are in the answer, which is JSON: ID is the gateway's key.
	Answer Answer `json:"answer"`
	// States say what a status is; one that is not named is sms.Carried.
	States map[string]sms.State `json:"states,omitempty"`
	// Missing are the HTTP status codes that say that the gateway never got it, 404 where there are none. What
	// has no status in a list that the gateway gives says so too, where EmptyIsMissing is set.
	Missing        []int `json:"missing,omitempty"`
	EmptyIsMissing bool  `json:"empty_is_missing,omitempty"`
}

// Secrets are what the gateway gave; they are kept apart from the description.
type Secrets struct{ User, Password, Token string }

// values are what stands for the placeholders.
type values map[string]string

var (
	placeholder = regexp.MustCompile(`\{[a-z_]+\}`)
	known       = []string{"to", "from", "text", "id", "encoding", "parts", "user", "password", "token"}
)

// ParseDescription reads a description from JSON.
func ParseDescription(text []byte) (Description, error) {
	var d Description
	return d, decodeStrictly(text, &d)
}

func decodeStrictly(text []byte, into any) error {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fault.Wrap(err, fault.Invalid, "this is no description of a gateway")
	}
	if _, err := dec.Token(); err != io.EOF {
		return fault.New(fault.Invalid, "the description is followed by something else")
	}
	return nil
}

func (d Description) method() string {
	if d.Method == "" {
		return http.MethodPost
	}
	return d.Method
}

func (d Description) timeout() time.Duration {
	const usual = 20
	if d.TimeoutSeconds == 0 {
		return usual * time.Second
	}
	return time.Duration(d.TimeoutSeconds) * time.Second
}

// Check names all that is wrong with the description.
func (d Description) Check() error {
	var faults fault.List
	faults.Required("name", d.Name)
	d.checkURL(&faults, "url", d.URL)
	d.checkLookup(&faults)
	if m := d.method(); m != http.MethodPost && m != http.MethodPut && m != http.MethodGet {
		faults.Add("method", "choice", "%.10q is none; choose POST, PUT or GET", m)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Headers)) {
		value := d.Headers[name]
		unknownPlaceholders(&faults, "headers."+name, value)
		if strings.Contains(value, "{text}") || strings.ContainsFunc(name+value, unicode.IsControl) || name == "" {
			faults.Add("headers."+name, "form", "holds the text or control characters; the text goes into the body or the address")
		}
	}
	unknownPlaceholders(&faults, "body", d.Body)
	d.checkBody(&faults)
	if d.Auth != "" && d.Auth != "basic" && d.Auth != "bearer" {
		faults.Add("auth", "choice", "%.10q is none; choose basic, bearer, or leave it empty", d.Auth)
	}
	if d.Numbers != "" && d.Numbers != "digits" {
		faults.Add("numbers", "choice", "%.10q is none; choose digits, or leave it empty", d.Numbers)
	}
	if all := d.URL + d.Body; !strings.Contains(all, "{to}") || !strings.Contains(all, "{text}") {
		faults.Add("body", "required", "holds no {to} or no {text}; the message could not be told from others")
	}
	d.Answer.check(&faults, "answer.id", d.Answer.ID)
	d.Answer.check(&faults, "answer.status", d.Answer.Status)
	d.Answer.check(&faults, "answer.reason", d.Answer.Reason)
	for _, code := range slices.Sorted(maps.Keys(d.Codes)) {
		checkMeaning(&faults, fmt.Sprintf("codes.%d", code), d.Codes[code])
	}
	for _, status := range slices.Sorted(maps.Keys(d.Meanings)) {
		checkMeaning(&faults, "meanings."+status, d.Meanings[status])
	}
	if len(d.Meanings) > 0 && d.Answer.Status == "" {
		faults.Add("answer.status", "required", "is missing; say where the status is that has these meanings")
	}
	if d.PerSecond < 0 || d.TimeoutSeconds < 0 || d.TimeoutSeconds > 600 {
		faults.Add("per_second", "limit", "or timeout_seconds is out of bounds; a second takes from 0 messages, an answer at most 600 seconds")
	}
	return faults.Err("the gateway cannot be used")
}

func (d Description) checkURL(faults *fault.List, at, text string) {
	unknownPlaceholders(faults, at, text)
	u, err := url.Parse(address(text, samples))
	switch {
	case err != nil || u.Host == "":
		faults.Add(at, "form", "is no address; write it as https://api.example.com/messages")
	case u.User != nil:
		faults.Add(at, "secret", "holds a password; give it apart, with auth basic")
	case u.Scheme != "https" && (u.Scheme != "http" || !slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname())):
		faults.Add(at, "https", "is not https; messages and secrets would be read on their way")
	case placeholder.MatchString(beforePath(text)):
		faults.Add(at, "host", "holds a placeholder before its path; the host is fixed")
	}
}

func (d Description) checkLookup(faults *fault.List) {
	if d.Once && !strings.Contains(d.URL+d.Body+strings.Join(slices.Sorted(maps.Values(d.Headers)), ""), "{id}") {
		faults.Add("once", "id", "is set, and no {id} is sent by which the gateway could know a message again")
	}
	l := d.Lookup
	if l == nil {
		return
	}
	d.checkURL(faults, "lookup.url", l.URL)
	if !strings.Contains(l.URL, "{id}") {
		faults.Add("lookup.url", "id", "holds no {id}; the gateway would not know which message is meant")
	}
	if l.Answer.Status == "" || l.Answer.Text {
		faults.Add("lookup.answer.status", "required", "is missing, or the answer is no JSON; say where the status is")
	}
	for _, status := range slices.Sorted(maps.Keys(l.States)) {
		if !slices.Contains(states, l.States[status]) {
			faults.Add("lookup.states."+status, "choice", "%.20q is no state", string(l.States[status]))
		}
	}
}

// states are what becomes of messages.
var states = []sms.State{sms.Carried, sms.Delivered, sms.Undelivered, sms.NoSuchNumber, sms.Lost}

func beforePath(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// samples are values that break what is not escaped.
var samples = values{
	"to": "+36301234567", "from": "A&B", "text": "\"'<&>]]>%\\\n{text}\x00ő👍", "id": "id", "encoding": "ucs2", "parts": "1",
	"user": "u\"<&", "password": "p\"<&\\", "token": "t\"<&\\",
}

func (d Description) checkBody(faults *fault.List) {
	kind := d.kind()
	switch {
	case d.Body == "" && d.ContentType == "":
	case d.Body == "" || kind == "":
		faults.Add("content_type", "choice", "takes application/json, application/x-www-form-urlencoded or a type of XML, with a body")
	case d.method() == http.MethodGet:
		faults.Add("body", "method", "is given for GET, which has none; put the values into the address")
	case kind == jsonBody && !json.Valid([]byte(d.body(samples))):
		faults.Add("body", "json", `is no JSON once values stand in it; each of them stands in quotation marks: "{text}"`)
	case kind == xmlBody && !validXML(d.body(samples)):
		faults.Add("body", "xml", "is no XML once values stand in it; each of them stands between tags, or in an attribute's quotation marks")
	}
}

func validXML(text string) bool {
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := dec.Token(); err != nil {
			return err == io.EOF //nolint:errorlint // Token gives io.EOF itself
		}
	}
}

func (a Answer) check(faults *fault.List, at, path string) {
	if path == "" || !a.Text {
		return
	}
	if re, err := regexp.Compile(path); err != nil || re.NumSubexp() != 1 {
		faults.Add(at, "pattern", "is no regular expression with one group; write it as <id>([^<]*)</id>")
	}
}

func checkMeaning(faults *fault.List, at string, m Meaning) {
	if !slices.Contains(meanings, m) {
		faults.Add(at, "choice", "%.20q is none; choose among %v", string(m), meanings)
	}
}

func unknownPlaceholders(faults *fault.List, at, text string) {
	for _, p := range placeholder.FindAllString(text, -1) {
		if !slices.Contains(known, strings.Trim(p, "{}")) {
			faults.Add(at, "unknown", "there is no value %s; there are {%s}", p, strings.Join(known, "}, {"))
		}
	}
}

// bodyKind says how values in a body are escaped.
type bodyKind string

const (
	jsonBody bodyKind = "json"
	formBody bodyKind = "form"
	xmlBody  bodyKind = "xml"
)

func (d Description) kind() bodyKind {
	media, _, err := mime.ParseMediaType(d.ContentType)
	switch {
	case err != nil:
		return ""
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		return jsonBody
	case media == "application/x-www-form-urlencoded":
		return formBody
	case media == "application/xml" || media == "text/xml" || strings.HasSuffix(media, "+xml"):
		return xmlBody
	}
	return ""
}

// fill puts the values in, each escaped.
func fill(text string, v values, escape func(string) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(p string) string { return escape(v[strings.Trim(p, "{}")]) })
}

func (d Description) body(v values) string {
	switch d.kind() {
	case jsonBody:
		return fill(d.Body, v, jsonText)
	case xmlBody:
		return fill(d.Body, v, xmlText)
	case formBody:
		return fill(d.Body, v, url.QueryEscape)
	}
	return d.Body
}

func address(text string, v values) string {
	path, query, asked := strings.Cut(text, "?")
	path = fill(path, v, url.PathEscape)
	if asked {
		path += "?" + fill(query, v, url.QueryEscape)
	}
	return path
}

// jsonText is a text as it stands between the quotation marks of JSON.
func jsonText(text string) string {
	b, err := json.Marshal(text)
	if err != nil { // a string always can
		return ""
	}
	return string(b[1 : len(b)-1])
}

// xmlText escapes a text for XML; what XML cannot have becomes U+FFFD.
func xmlText(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil { // a Builder always can
		return ""
	}
	return b.String()
}

// headerText takes out what would end a header.
func headerText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}
