package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// asked is a question to the host that is under way.
type asked struct {
	answer HostAnswer
	came   chan hostCustomers
	since  time.Time
}

type hostCustomers struct {
	hits []Hit
	err  error
}

// hostLook is how many customers of the host are looked at; it finds one word, the others are compared here.
const hostLook = 100

// askHost asks the host for customers, beside our own search and in a transaction of its own, so that neither
// waits for the other and a host that fails spoils nothing. A customer that has a party stands in the index,
// with its owner; one without belongs to nobody, and whoever sees only his own does not see it.
func (x *Searches) askHost(ctx context.Context, a actor.Actor, kinds []Kind, q Query, p phrase) asked {
	list, able := x.config.Host.Customers.(erpbridge.CustomerList)
	switch {
	case !slices.Contains(kinds, Customer) || a.See != actor.All && a.See != actor.Team:
		return asked{answer: HostNotNeeded}
	case !able:
		return asked{answer: HostCannot}
	case x.db.Bound():
		return asked{answer: HostNotAsked}
	}
	select {
	case x.shared.asking <- struct{}{}:
	default: // it hangs, and nobody waits for yet another answer
		return asked{answer: HostSlow}
	}
	ask := asked{came: make(chan hostCustomers, 1), since: time.Now()}
	ctx, cancel := context.WithTimeout(ctx, x.config.HostWait)
	go func() {
		defer func() { <-x.shared.asking }()
		defer cancel()
		hits, err := x.hostFind(ctx, list, q, p)
		if err != nil && ctx.Err() == nil && x.config.Failed != nil {
			x.config.Failed(a.Company, err)
		}
		ask.came <- hostCustomers{hits, err}
	}()
	return ask
}

// wait gives what the host found, if it answers within so long of having been asked.
func (k asked) wait(within time.Duration) ([]Hit, HostAnswer) {
	if k.came == nil {
		return nil, k.answer
	}
	left := time.NewTimer(max(0, within-time.Since(k.since)))
	defer left.Stop()
	var c hostCustomers
	select {
	case c = <-k.came:
	case <-left.C:
		select { // it came while we were at work ourselves
		case c = <-k.came:
		default:
			return nil, HostSlow
		}
	}
	switch {
	case c.err == nil:
		return c.hits, HostAnswered
	case time.Since(k.since) >= within:
		return nil, HostSlow
	}
	return nil, HostFailed
}

func (x *Searches) hostFind(ctx context.Context, list erpbridge.CustomerList, q Query, p phrase) (hits []Hit, err error) {
	defer func() { // foreign code
		if r := recover(); r != nil {
			err = fmt.Errorf("the host's search panicked: %v", r)
		}
	}()
	err = x.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		hs := erpbridge.Session{
			Company: s.Actor.Company, UserID: s.Actor.HostUser(), Now: s.Now,
			Today: civil.In(s.Now, x.config.Locale(s.Actor.Company).Location()),
		}
		if x.config.Host.Place != erpbridge.Elsewhere {
			hs.Tx = s.Tx()
		}
		found, err := list.Search(ctx, hs, hostText(q.Text), "", hostLook)
		if err != nil {
			return err
		}
		known, err := touched(ctx, s, found)
		if err != nil {
			return err
		}
		for _, c := range found {
			d := docOf(c)
			if !known[c.Key] && p.answers(d.words()) {
				hits = append(hits, d.hit(p))
			}
		}
		return nil
	})
	return hits, err
}

// hostText is what the host is asked for: of several words the longest, because hosts look for a text as it
// stands; of a number all of it.
func hostText(text string) string {
	text = party.Clean(text, maxText)
	words := strings.Fields(text)
	if len(words) == 0 || digitsOf(text) != "" && party.Fold(strings.Map(noDigit, text)) == "" {
		return text
	}
	return slices.MaxFunc(words, func(a, b string) int { return len([]rune(a)) - len([]rune(b)) })
}

func noDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// touched are the keys of customers that have a party, whether the actor sees it or not.
func touched(ctx context.Context, s *store.Session, found []erpbridge.Customer) (map[string]bool, error) {
	known := map[string]bool{}
	for part := range slices.Chunk(found, hostLook) {
		args := []any{party.Customer}
		for _, c := range part {
			args = append(args, c.Key)
		}
		var rows []roleRow
		err := s.Query(ctx, &rows, store.From[roleRow]("r"), "SELECT r.host_key FROM crm_role AS r WHERE {scope} AND r.role = ? AND r.host_key IN ("+store.In(len(part))+")", args...)
		if err != nil {
			return nil, fmt.Errorf("reading which customers are known: %w", err)
		}
		for _, row := range rows {
			known[row.HostKey] = true
		}
	}
	return known, nil
}

func docOf(c erpbridge.Customer) doc {
	d := doc{kind: Customer, title: c.Name, hostID: c.Key}
	d.add(InName, c.Name)
	d.add(InNumber, c.Key, c.Code)
	d.add(InEmail, c.Email)
	phone, err := party.NormalizePhone(c.Phone, c.Address.Country)
	if err != nil {
		phone = c.Phone
	}
	d.add(InPhone, phone)
	d.add(InTaxID, c.TaxID, c.EUVatID)
	d.add(InCity, c.Address.City)
	code := c.Code
	if code == "" {
		code = c.Key
	}
	d.tell(code, c.Address.City, c.Email, party.FormatPhone(phone))
	return d
}

// mix puts customers of the host behind those that were found, as far as there is room.
func (r *Result) mix(customers []Hit, size int) {
	if len(customers) == 0 {
		return
	}
	at := slices.IndexFunc(r.Groups, func(g Group) bool { return g.Kind == Customer })
	if at < 0 {
		at = 0
		for at < len(r.Groups) && slices.Index(Kinds, r.Groups[at].Kind) < slices.Index(Kinds, Customer) {
			at++
		}
		r.Groups = slices.Insert(r.Groups, at, Group{Kind: Customer})
	}
	g := &r.Groups[at]
	room := size - len(g.Hits)
	g.More = g.More || len(customers) > room
	g.Hits = append(g.Hits, customers[:min(len(customers), room)]...)
}
