package webhook

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// MaxWebhooks is how many webhooks a company has at most.
const MaxWebhooks = 50

// Draft is what a user says of a webhook.
type Draft struct {
	// Name says whom it is for: "warehouse".
	Name string
	URL  string
	// Kinds are kinds ("lead.captured") and families ("lead.*", "*").
	Kinds []string
	// Owner is told when the webhook is disabled; who makes it where it is "".
	Owner string
}

// Created is a new webhook with its secret, which is shown this once.
type Created struct {
	Webhook Webhook
	Secret  string
}

// Create adds a webhook, active at once: it gets what happens from now on.
func (w *Webhooks) Create(ctx context.Context, d Draft) (Created, error) {
	return store.Write(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (Created, error) {
		hook := Webhook{ID: store.NewKey[Tag](s), State: Active, OwnerUser: d.Owner}
		if hook.OwnerUser == "" {
			hook.OwnerUser = s.Actor.HostUser()
		}
		if err := w.fill(&hook, d); err != nil {
			return Created{}, err
		}
		n, err := s.Select((*Webhook)(nil)).Count(ctx)
		if err != nil {
			return Created{}, err
		}
		if n >= MaxWebhooks {
			return Created{}, fault.New(fault.Limit, "there are %d webhooks; remove one that is not needed any more", n)
		}
		if err := s.Insert(ctx, &hook); err != nil {
			return Created{}, err
		}
		text, err := addSecret(ctx, s, hook.ID)
		return Created{hook, text}, err
	})
}

// Change is an edit of a webhook as it was read in Version.
type Change struct {
	ID      ID
	Version int64
	Draft
}

// Edit changes what a user says of a webhook. What waits is delivered to the new address.
func (w *Webhooks) Edit(ctx context.Context, c Change) (Webhook, error) {
	return store.Write(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (Webhook, error) {
		var hook Webhook
		if err := s.Lock(ctx, &hook, c.ID); err != nil {
			return hook, err
		}
		next := hook
		if c.Owner != "" {
			next.OwnerUser = c.Owner
		}
		if err := w.fill(&next, c.Draft); err != nil {
			return hook, err
		}
		hook.Version = c.Version // what the user saw
		return next, s.Save(ctx, &hook, &next)
	})
}

// Pause stops deliveries; events are collected until it is resumed.
func (w *Webhooks) Pause(ctx context.Context, id ID) (Webhook, error) {
	return w.change(ctx, id, func(_ *store.Session, next *Webhook) {
		next.State, next.ReasonCode, next.Reason = Paused, "", ""
	})
}

// Resume makes a paused or disabled webhook active again; what waited is sent.
func (w *Webhooks) Resume(ctx context.Context, id ID) (Webhook, error) {
	return w.change(ctx, id, func(s *store.Session, next *Webhook) {
		next.State, next.ReasonCode, next.Reason = Active, "", ""
		w.rests.note(id, true, s.Now)
		s.Wake()
	})
}

func (w *Webhooks) change(ctx context.Context, id ID, do func(s *store.Session, next *Webhook)) (Webhook, error) {
	return store.Write(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (Webhook, error) {
		var hook Webhook
		if err := s.Lock(ctx, &hook, id); err != nil {
			return hook, err
		}
		next := hook
		do(s, &next)
		return next, s.Save(ctx, &hook, &next)
	})
}

// Remove deletes a webhook with its secrets and deliveries.
func (w *Webhooks) Remove(ctx context.Context, id ID) error {
	_, err := store.Write(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (none struct{}, err error) {
		var hook Webhook
		if err := s.Lock(ctx, &hook, id); err != nil {
			return none, err
		}
		if _, err := s.Exec(ctx, store.From[Delivery](""), "DELETE FROM crm_webhook_delivery WHERE {scope} AND webhook_id = ?", id); err != nil {
			return none, err
		}
		if _, err := s.Exec(ctx, store.From[secret](""), "DELETE FROM crm_webhook_secret WHERE {scope} AND webhook_id = ?", id); err != nil {
			return none, err
		}
		return none, s.Delete(ctx, &hook)
	})
	return err
}

// Get reads a webhook.
func (w *Webhooks) Get(ctx context.Context, id ID) (Webhook, error) {
	return store.Read(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (hook Webhook, err error) {
		return hook, s.Get(ctx, &hook, id)
	})
}

// List gives all webhooks of the company, the oldest first.
func (w *Webhooks) List(ctx context.Context) ([]Webhook, error) {
	return store.Read(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (list []Webhook, err error) {
		return list, s.Select(&list).OrderExpr("webhook.id").Scan(ctx)
	})
}

// Overlap is how long a secret that was replaced still signs beside the new one.
const Overlap = 24 * time.Hour

// Rotate makes a new secret, shown this once. For the time of [Overlap] deliveries carry a signature by
// either, so that the receiver can change over when it likes. Of several that were replaced the last one
// stays.
func (w *Webhooks) Rotate(ctx context.Context, id ID) (string, error) {
	return store.Write(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (string, error) {
		var hook Webhook
		if err := s.Lock(ctx, &hook, id); err != nil {
			return "", err
		}
		if _, err := s.Exec(ctx, store.From[secret](""), "DELETE FROM crm_webhook_secret WHERE {scope} AND webhook_id = ? AND valid_until IS NOT NULL", id); err != nil {
			return "", err
		}
		if _, err := s.Exec(ctx, store.From[secret](""), "UPDATE crm_webhook_secret SET valid_until = ? WHERE {scope} AND webhook_id = ?", s.Now.Add(Overlap), id); err != nil {
			return "", err
		}
		text, err := addSecret(ctx, s, id)
		if err != nil {
			return "", err
		}
		return text, s.Audit(ctx, store.Entry{Action: "rotate", Kind: "webhook", Record: id.Bytes(), Version: hook.Version})
	})
}

func addSecret(ctx context.Context, s *store.Session, id ID) (string, error) {
	row := secret{ID: store.NewKey[secret](s), WebhookID: id, Secret: newSecret(), CreatedAt: s.Now}
	return row.Secret, s.InsertQuiet(ctx, &row)
}

// secretsOf are the secrets that sign now, the newest first.
func secretsOf(ctx context.Context, s *store.Session, id ID) ([]string, error) {
	var rows []secret
	err := s.Select(&rows).Where("webhook_secret.webhook_id = ?", id).
		Where("webhook_secret.valid_until IS NULL OR webhook_secret.valid_until > ?", s.Now).OrderExpr("webhook_secret.id DESC").Scan(ctx)
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.Secret
	}
	return texts, err
}

// fill takes a draft over and names everything that is wrong with it.
func (w *Webhooks) fill(hook *Webhook, d Draft) error {
	var faults fault.List
	hook.Name = strings.TrimSpace(d.Name)
	faults.Required("name", hook.Name)
	hook.URL = strings.TrimSpace(d.URL)
	w.checkURL(&faults, hook.URL)
	var kinds []string
	for _, k := range d.Kinds {
		k = strings.ToLower(strings.TrimSpace(k))
		switch {
		case k == "" || slices.Contains(kinds, k):
		case !w.knows(k):
			faults.Add("kinds", "choice", "%.60q is no kind of event; give one as lead.captured, a family as lead.*, or * for all", k)
		default:
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 && len(faults) == 0 {
		faults.Add("kinds", "required", "are missing; give kinds of events as lead.captured, families as lead.*, or * for all")
	}
	if slices.Contains(kinds, "*") {
		kinds = []string{"*"}
	}
	hook.KindList = strings.Join(kinds, ",")
	return faults.Err("the webhook cannot be saved")
}

func (w *Webhooks) checkURL(faults *fault.List, text string) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		faults.Add("url", "required", "is missing; give the receiver's address as https://erp.example.com/crm")
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		faults.Add("url", "url.form", "is not understood; write it as https://erp.example.com/crm")
	case u.Scheme != "https" && (u.Scheme != "http" || !w.config.Plain):
		faults.Add("url", "url.scheme", "begins with %.20q; only https is allowed", u.Scheme)
	case u.User != nil:
		faults.Add("url", "url.credentials", "holds a user name or password; the signature says who calls, so leave them out")
	case u.Fragment != "":
		faults.Add("url", "url.fragment", "has a part behind #, which is never sent; leave it out")
	default:
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !w.config.mayCall(ip) {
			faults.Add("url", "url.network", "leads to %s, which is not on the public internet; give a public address, or have the administrator allow the network", ip)
		}
	}
}
