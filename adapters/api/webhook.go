package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/webhook"
)

// Webhook tells another system what happens.
type Webhook struct {
	ID          ID        `json:"id"`
	Version     int64     `json:"version"`
	Name        string    `json:"name" example:"Raktár"`
	URL         string    `json:"url" example:"https://warehouse.example.com/crm"`
	Kinds       []string  `json:"kinds" doc:"Kinds of events, families such as lead.*, or * for all." example:"[\"quote.accepted\",\"lead.*\"]"`
	State       string    `json:"state" enum:"active,paused,disabled" doc:"paused: events are collected; disabled: the receiver is gone or did not answer for three days."`
	ReasonCode  string    `json:"reason_code,omitempty" doc:"Why it is disabled: gone or exhausted."`
	Reason      string    `json:"reason,omitempty"`
	Owner       string    `json:"owner" doc:"The user who is told when something goes wrong."`
	DeliveredAt time.Time `json:"delivered_at,omitzero" doc:"When something last got through."`
	CreatedAt   time.Time `json:"created_at"`
	CreatedBy   string    `json:"created_by"`
	UpdatedAt   time.Time `json:"updated_at"`
	UpdatedBy   string    `json:"updated_by"`
}

func webhookOf(w webhook.Webhook) Webhook {
	return Webhook{
		idOf(w.ID), w.Version, w.Name, w.URL, some(w.Kinds()), string(w.State), w.ReasonCode, w.Reason, w.OwnerUser, w.DeliveredAt,
		w.CreatedAt, w.CreatedBy, w.UpdatedAt, w.UpdatedBy,
	}
}

// NewWebhook is a webhook with its secret.
type NewWebhook struct {
	Webhook Webhook `json:"webhook"`
	Secret  string  `json:"secret" doc:"What signs the deliveries. It is told this once and cannot be read again."`
}

// WebhookSecret is a new secret.
type WebhookSecret struct {
	Secret string `json:"secret" doc:"It is told this once and cannot be read again."`
}

// WebhookDraft is what a user says of a webhook.
type WebhookDraft struct {
	Name  string   `json:"name" maxLength:"120"`
	URL   string   `json:"url" maxLength:"500"`
	Kinds []string `json:"kinds" minItems:"1" maxItems:"100" maxLength:"60" doc:"Kinds of events, families such as lead.*, or * for all."`
	Owner string   `json:"owner,omitempty" maxLength:"64" doc:"Who is told when something goes wrong; the key's user where it is left out."`
}

func (d WebhookDraft) draft() webhook.Draft {
	return webhook.Draft{Name: d.Name, URL: d.URL, Kinds: d.Kinds, Owner: d.Owner}
}

// WebhookKind is a kind of event that a webhook can be for.
type WebhookKind struct {
	Name   string   `json:"name" example:"lead.captured"`
	Record string   `json:"record" doc:"The noun of the record that the event is about." example:"lead"`
	Fields []string `json:"fields" doc:"What the delivery's data hold."`
}

// Delivery is one event on its way to a webhook.
type Delivery struct {
	ID         ID        `json:"id" doc:"The delivery's webhook-id."`
	WebhookID  ID        `json:"webhook_id"`
	EventID    ID        `json:"event_id"`
	Kind       string    `json:"kind" example:"lead.captured"`
	Record     ID        `json:"record"`
	Version    int64     `json:"version" doc:"The record's."`
	State      string    `json:"state" enum:"pending,sending,delivered,failed"`
	Attempts   int       `json:"attempts"`
	DueAt      time.Time `json:"due_at,omitzero" doc:"When it is tried next."`
	SentAt     time.Time `json:"sent_at,omitzero" doc:"When it was tried last."`
	StatusCode int       `json:"status_code,omitempty" doc:"Of the last answer; left out where there was none."`
	TookMS     int       `json:"took_ms,omitempty"`
	Reason     string    `json:"reason,omitempty" doc:"What went wrong last."`
	CreatedAt  time.Time `json:"created_at"`
}

func deliveryOf(d webhook.Delivery) Delivery {
	return Delivery{
		idOf(d.ID), idOf(d.WebhookID), idOf(d.EventID), d.Kind, idOf(d.RecordID), d.RecordVersion, string(d.State), d.Attempts,
		d.DueAt, d.SentAt, d.StatusCode, d.TookMS, d.Reason, d.CreatedAt,
	}
}

// PingResult is what came of a test.
type PingResult struct {
	OK         bool   `json:"ok" doc:"The receiver answered 2xx."`
	StatusCode int    `json:"status_code,omitempty" doc:"Left out where there was no answer."`
	TookMS     int64  `json:"took_ms"`
	Reason     string `json:"reason,omitempty"`
}

// Since names an instant.
type Since struct {
	Since time.Time `json:"since"`
}

// Affected is how many records were changed.
type Affected struct {
	Count int `json:"count"`
}

func webhookID(id ID) webhook.ID { return keyOf[webhook.Tag](id) }

func tagWebhook(w webhook.Webhook, err error) (*Tagged[Webhook], error) {
	return &Tagged[Webhook]{etag(w.Version), webhookOf(w)}, err
}

func (a *server) webhooks() {
	const tag = "Webhooks"
	may := rights(actor.Settings)
	add(a, route{ID: "create-webhook", Method: http.MethodPost, Path: "/webhooks", Tag: tag, Rights: may, Status: http.StatusCreated, Secret: true, Summary: "Have another system told what happens", Doc: "Its secret is told this once; therefore the request takes no Idempotency-Key."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body WebhookDraft }) (*Made[NewWebhook], error) {
			c, err := m.Webhooks.Create(ctx, in.Body.draft())
			return &Made[NewWebhook]{etag(c.Webhook.Version), callOf(ctx).r.URL.Path + "/" + c.Webhook.ID.String(), NewWebhook{webhookOf(c.Webhook), c.Secret}}, err
		})
	add(a, route{ID: "list-webhooks", Method: http.MethodGet, Path: "/webhooks", Tag: tag, Rights: may, Summary: "List all webhooks, the oldest first"},
		func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Listed[Webhook], error) {
			all, err := m.Webhooks.List(ctx)
			return listed(callOf(ctx), each(all, webhookOf), ""), err
		})
	add(a, route{ID: "list-webhook-kinds", Method: http.MethodGet, Path: "/webhooks/kinds", Tag: tag, Rights: may, Summary: "List the kinds of events that webhooks can be for"},
		func(ctx context.Context, m *crm.Module, _ *struct{}) (*Listed[WebhookKind], error) {
			return listed(callOf(ctx), each(m.Webhooks.Kinds(), func(k webhook.Kind) WebhookKind { return WebhookKind{k.Name, k.Record, some(k.Fields)} }), ""), nil
		})
	add(a, route{ID: "get-webhook", Method: http.MethodGet, Path: "/webhooks/{id}", Tag: tag, Rights: may, Summary: "Read a webhook"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[Webhook], error) {
			return tagWebhook(m.Webhooks.Get(ctx, webhookID(in.ID)))
		})
	add(a, route{ID: "edit-webhook", Method: http.MethodPut, Path: "/webhooks/{id}", Tag: tag, Rights: may, Summary: "Replace what is said of a webhook", Doc: "What waits is delivered to the new address."},
		func(ctx context.Context, m *crm.Module, in *changing[WebhookDraft]) (*Tagged[Webhook], error) {
			var was webhook.Webhook
			if err := locked(ctx, m, &was, webhookID(in.ID), in.version); err != nil {
				return nil, err
			}
			return tagWebhook(m.Webhooks.Edit(ctx, webhook.Change{ID: was.ID, Version: was.Version, Draft: in.Body.draft()}))
		})
	for _, step := range []struct {
		name, summary string
		do            func(w *webhook.Webhooks) func(context.Context, webhook.ID) (webhook.Webhook, error)
	}{
		{"pause", "Stop deliveries and collect events until the webhook is resumed", func(w *webhook.Webhooks) func(context.Context, webhook.ID) (webhook.Webhook, error) { return w.Pause }},
		{"resume", "Make a paused or disabled webhook active again", func(w *webhook.Webhooks) func(context.Context, webhook.ID) (webhook.Webhook, error) { return w.Resume }},
	} {
		add(a, route{ID: step.name + "-webhook", Method: http.MethodPost, Path: "/webhooks/{id}/" + step.name, Tag: tag, Rights: may, Summary: step.summary},
			func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Tagged[Webhook], error) {
				return tagWebhook(step.do(m.Webhooks)(ctx, webhookID(in.ID)))
			})
	}
	add(a, route{ID: "remove-webhook", Method: http.MethodDelete, Path: "/webhooks/{id}", Tag: tag, Rights: may, Summary: "Remove a webhook with its secrets and deliveries"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Empty, error) {
			return nil, m.Webhooks.Remove(ctx, webhookID(in.ID))
		})
	a.deliveries(tag, may)
}

// deliveries adds what is about the secrets and deliveries of a webhook.
func (a *server) deliveries(tag string, may []actor.Right) {
	add(a, route{ID: "rotate-webhook-secret", Method: http.MethodPost, Path: "/webhooks/{id}/secret", Tag: tag, Rights: may, Secret: true, Summary: "Make a new secret for a webhook", Doc: "The old one signs beside it for 24 hours. The request takes no Idempotency-Key."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Out[WebhookSecret], error) {
			secret, err := m.Webhooks.Rotate(ctx, webhookID(in.ID))
			return &Out[WebhookSecret]{WebhookSecret{secret}}, err
		})
	add(a, route{ID: "ping-webhook", Method: http.MethodPost, Path: "/webhooks/{id}/ping", Tag: tag, Rights: may, Apart: true, Summary: "Send a test to a webhook now, and tell what came of it", Doc: "Its type is webhook.ping; it is not listed and not repeated."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Out[PingResult], error) {
			p, err := m.Webhooks.Ping(ctx, webhookID(in.ID))
			return &Out[PingResult]{PingResult{p.OK, p.StatusCode, p.Took.Milliseconds(), p.Reason}}, err
		})
	add(a, route{ID: "recover-webhook", Method: http.MethodPost, Path: "/webhooks/{id}/recover", Tag: tag, Rights: may, Summary: "Send again what failed for good since an instant"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Body Since
		}) (*Out[Affected], error) {
			n, err := m.Webhooks.Recover(ctx, webhookID(in.ID), in.Body.Since)
			return &Out[Affected]{Affected{n}}, err
		})
	add(a, route{ID: "list-deliveries", Method: http.MethodGet, Path: "/webhooks/{id}/deliveries", Tag: tag, Rights: may, Summary: "List the deliveries of a webhook, the newest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
			Paging
			State string `query:"state" enum:"pending,sending,delivered,failed"`
		}) (*Listed[Delivery], error) {
			if err := visible(ctx, m, &webhook.Webhook{}, webhookID(in.ID)); err != nil {
				return nil, err
			}
			list, err := m.Webhooks.Deliveries(ctx, webhook.Filter{Webhook: webhookID(in.ID), State: webhook.DeliveryState(in.State), Page: in.page()})
			return listed(callOf(ctx), each(list.Rows, deliveryOf), list.Next), err
		})
	add(a, route{ID: "redeliver", Method: http.MethodPost, Path: "/deliveries/{id}/redeliver", Tag: tag, Rights: may, Summary: "Send a delivery again, with the same webhook-id"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Empty, error) {
			return nil, m.Webhooks.Redeliver(ctx, keyOf[webhook.DeliveryTag](in.ID))
		})
}
