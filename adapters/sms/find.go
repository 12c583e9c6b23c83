package sms

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// NewFinder makes a gateway that can be asked about messages; its description has a Lookup. A gateway that
// cannot be asked is made by [New], and is no sms.Finder.
func NewFinder(d Description, s Secrets, o Options) (*Finder, error) {
	var faults fault.List
	if d.Lookup == nil {
		faults.Add("lookup", "required", "is missing; say how the gateway is asked, or make one that is not")
	}
	if err := faults.Err("the gateway cannot be used"); err != nil {
		return nil, err
	}
	g, err := New(d, s, o)
	if err != nil {
		return nil, err
	}
	return &Finder{g}, nil
}

// Finder is a [Gateway] that can be asked what became of a message.
type Finder struct{ *Gateway }

// Repeats reports whether the gateway carries messages with one key once; it implements sms.Repeater.
func (g *Gateway) Repeats() bool { return g.d.Once }

// Find asks what became of a message, as sms.Finder says.
func (f *Finder) Find(ctx context.Context, id string) (sms.Report, error) {
	l := f.d.Lookup
	if err := f.limit.Wait(ctx); err != nil {
		return sms.Report{}, fault.Wrap(err, fault.Unavailable, "the question waited too long for its turn")
	}
	v := values{"id": id, "user": f.secrets.User, "password": f.secrets.Password, "token": f.secrets.Token}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address(l.URL, v), nil)
	if err != nil {
		return sms.Report{}, fault.New(fault.Unavailable, "%s: no request can be made of the question", f.d.Name)
	}
	f.prove(request, v)
	answer, err := f.client.Do(request)
	if err != nil {
		return sms.Report{}, fault.Wrap(hidden(err), fault.Unavailable, "%s cannot be asked", f.d.Name)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	missing := l.Missing
	if len(missing) == 0 {
		missing = []int{http.StatusNotFound}
	}
	switch {
	case slices.Contains(missing, answer.StatusCode):
		return sms.Report{}, fault.New(fault.NotFound, "%s has no message %.60s", f.d.Name, id)
	case err != nil || answer.StatusCode/100 != 2:
		return sms.Report{}, fault.New(fault.Unavailable, "%s does not say what became of a message: %d", f.d.Name, answer.StatusCode)
	}
	return f.told(id, body)
}

// told reads what the gateway says.
func (f *Finder) told(id string, body []byte) (sms.Report, error) {
	l := f.d.Lookup
	var parsed any
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	if dec.Decode(&parsed) != nil {
		return sms.Report{}, fault.New(fault.Unavailable, "%s gives an answer that is no JSON", f.d.Name)
	}
	status := lookup(parsed, l.Answer.Status)
	if status == "" {
		if l.EmptyIsMissing {
			return sms.Report{}, fault.New(fault.NotFound, "%s has no message %.60s", f.d.Name, id)
		}
		return sms.Report{}, fault.New(fault.Unavailable, "%s gives an answer without a status", f.d.Name)
	}
	out := sms.Report{ID: id, State: l.States[status], Reason: f.withoutSecrets(status)}
	if l.Answer.ID != "" {
		out.GatewayID = short(lookup(parsed, l.Answer.ID))
	}
	if out.State == "" {
		out.State = sms.Carried
	}
	if reason := lookup(parsed, l.Answer.Reason); l.Answer.Reason != "" && reason != "" {
		out.Reason = f.withoutSecrets(reason)
	}
	return out, nil
}
