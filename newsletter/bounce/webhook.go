package bounce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// Webhook says how a provider's JSON is read. It is data: a provider that is not among ours is described, not
// programmed. A path names a value by the keys on the way to it, joined by points ("bounce.bounceType"); "*"
// is every element of a list; "" is where one stands.
type Webhook struct {
	// Name is the provider's.
	Name string `json:"name"`
	// Unwrap is the path of a text that holds the JSON itself, "" for none.
	Unwrap string `json:"unwrap,omitempty"`
	// Items is the path to what happened, one value or a list.
	Items string `json:"items,omitempty"`
	// Recipients is the path within an item to those it is about, one value or a list; "" is the item itself.
	// Where it begins with a key that differs by kind, several paths are divided by "|": the first that is
	// there counts.
	Recipients string `json:"recipients,omitempty"`
	// Address, Status and Text are paths within a recipient; those that begin with "/" begin at the item.
	Address string `json:"address"`
	Status  string `json:"status,omitempty"`
	Text    string `json:"text,omitempty"`
	// Kind is the path within an item of the word for what happened, several divided by "+" are joined by a
	// blank; Kinds says what each word means, of joined ones the longest beginning that is known.
	Kind  string             `json:"kind"`
	Kinds map[string]Meaning `json:"kinds"`
	// MessageID and ReturnPath are paths within an item.
	MessageID  string `json:"message_id,omitempty"`
	ReturnPath string `json:"return_path,omitempty"`
	// EnvelopeID is the path of the provider's own id of the message.
	EnvelopeID string `json:"envelope_id,omitempty"`
}

// Meaning is what a provider's word stands for: "hard", "soft", "temporary" and "own" are failures of that
// class whatever the code says, "failed" is one that is classified by its code and text, "delayed",
// "delivered" and "complaint" are what they say, "ignore" is nothing for us.
type Meaning string

// itemsLimit is how many reports one call carries.
const itemsLimit = 10000

// Read gives the reports in a call's body. Words of the provider that Kinds does not know are passed over: they
// add new ones without notice. The error is fault.Invalid where the body is not the provider's JSON.
func (w Webhook) Read(body []byte) ([]Report, error) {
	root, err := decodeJSON(body)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the call of %s is not JSON", w.Name)
	}
	if w.Unwrap != "" {
		if text := words1(at(root, w.Unwrap)); text != "" {
			if root, err = decodeJSON([]byte(text)); err != nil {
				return nil, fault.Wrap(err, fault.Invalid, "the call of %s holds no JSON at %s", w.Name, w.Unwrap)
			}
		}
	}
	var reports []Report
	for _, item := range each(at(root, w.Items)) {
		if len(reports) == itemsLimit {
			return nil, fault.New(fault.Limit, "the call of %s has more than %d items", w.Name, itemsLimit)
		}
		if r, ok := w.report(item); ok {
			reports = append(reports, r)
		}
	}
	return reports, nil
}

func decodeJSON(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("at byte %d: %w", d.InputOffset(), err)
	}
	return v, nil
}

// meaning gives what an item's words stand for.
func (w Webhook) meaning(item any) Meaning {
	var said []string
	for path := range strings.SplitSeq(w.Kind, "+") {
		said = append(said, strings.ToLower(words1(at(item, path))))
	}
	for n := len(said); n > 0; n-- {
		if m, ok := w.Kinds[strings.Join(said[:n], " ")]; ok {
			return m
		}
	}
	return "ignore"
}

func (w Webhook) report(item any) (Report, bool) {
	m := w.meaning(item)
	r := Report{Kind: Delivery}
	switch m {
	case "ignore":
		return r, false
	case "complaint":
		r.Kind, r.Complaint = Complaint, &Feedback{Type: "abuse", Agent: w.Name}
	}
	if id := line(strings.Trim(words1(at(item, w.MessageID)), "<> ")); id != "" && w.MessageID != "" {
		r.Reference.MessageIDs = []string{id}
	}
	if w.ReturnPath != "" {
		r.Reference.Addresses = addresses(words1(at(item, w.ReturnPath)))
	}
	if w.EnvelopeID != "" {
		r.Reference.EnvelopeID = line(words1(at(item, w.EnvelopeID)))
	}
	for _, to := range each(w.recipients(item)) {
		if len(r.Recipients) < recipientLimit {
			r.Recipients = append(r.Recipients, w.recipient(item, to, m))
		}
	}
	return r, len(r.Recipients) > 0
}

func (w Webhook) recipients(item any) any {
	for path := range strings.SplitSeq(w.Recipients, "|") {
		if v := at(item, path); v != nil {
			return v
		}
	}
	return nil
}

func (w Webhook) recipient(item, to any, m Meaning) Recipient {
	value := func(paths string) string {
		for path := range strings.SplitSeq(paths, "|") {
			from := to
			if rest, ok := strings.CutPrefix(path, "/"); ok {
				from, path = item, rest
			}
			if v := words1(at(from, path)); v != "" && paths != "" {
				return v
			}
		}
		return ""
	}
	r := Recipient{Address: line(firstOf(first(value(w.Address)), value(w.Address))), Text: line(value(w.Text)), Server: w.Name}
	said := ParseAnswer(r.Text)
	r.Status, r.Reply = said.Status, said.Reply
	if text := value(w.Status); text != "" {
		if c, ok := ParseCode(text); ok {
			r.Status = c
		} else if n, err := strconv.Atoi(text); err == nil && n >= 200 && n < 600 {
			r.Reply = n
		}
	}
	switch m {
	case "complaint":
		r.Class = None
	case "delivered":
		r.Action, r.Class = Delivered, None
	case "delayed":
		r.Action, r.Class = Delayed, Temporary
	case "hard", "soft", "own":
		r.Action, r.Class = Failed, Class(m)
	default:
		r.Action = Failed
		r.settle(r.Text)
	}
	return r
}

// at follows a path; nil where it leads nowhere.
func at(v any, path string) any {
	if path == "" {
		return v
	}
	key, rest, _ := strings.Cut(path, ".")
	switch on := v.(type) {
	case map[string]any:
		return at(on[key], rest)
	case []any:
		if key != "*" {
			return nil
		}
		var all []any
		for _, e := range on {
			if found := at(e, rest); found != nil {
				all = append(all, found)
			}
		}
		return all
	}
	return nil
}

// each gives the elements of a list, or the value itself.
func each(v any) []any {
	switch on := v.(type) {
	case nil:
		return nil
	case []any:
		return on
	}
	return []any{v}
}

// words1 is a value as text: the first of a list; "" for none and for objects.
func words1(v any) string {
	switch on := v.(type) {
	case string:
		return on
	case json.Number:
		return on.String()
	case bool:
		return strconv.FormatBool(on)
	case []any:
		if len(on) > 0 {
			return words1(on[0])
		}
	}
	return ""
}
