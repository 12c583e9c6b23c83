// Package webhook tells other systems over HTTP what happened: signed, at least once, and in order for each
// record.
//
// A [Webhook] is a company's subscription: an address, the kinds of events it is for, and a secret. When an
// event is handed out by the outbox ([event.Worker]), one [Delivery] is written for each subscription that
// wants it, exactly once; [Webhooks.Send] then claims deliveries by leases, so that several processes share
// the work and a process that dies leaves nothing behind, and posts them:
//
//	POST /crm HTTP/1.1
//	Content-Type: application/json
//	webhook-id: 0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f
//	webhook-timestamp: 1783931400
//	webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
//
//	{"id":"0190…","type":"lead.captured","at":"2026-07-13T08:30:00.000Z","company":"HU01","record":"0190…","version":1,"data":{…}}
//
// Identifiers, timestamp and signature are those of the Standard Webhooks specification
// (https://www.standardwebhooks.com, version 1.0.0): HMAC-SHA256 (RFC 2104) over id, timestamp and body, with
// a point between them, in base64; several signatures while a secret is being replaced. [Verify] is what a
// receiver written in Go calls; libraries for other languages exist under that name. The webhook-id stays the
// same however often a delivery is repeated: a receiver that remembers it for a few days handles each once.
//
// # What is delivered
//
// [Kinds] lists the kinds with the fields of their data. The data holds keys, states, amounts and times and
// no names, addresses or free text: a receiver that needs more reads the record by the API, with the rights
// of its own key. Host's own events are added by [Config.Kinds].
//
// # When it fails
//
// Anything but an answer of 2xx within ten seconds is a failure; redirects are not followed. A failed
// delivery is tried again after pauses that grow from ten seconds to twelve hours (Retry-After is honoured),
// for about three days, and holds up only the later events of its own record. Then it is given up: the
// subscription is disabled where nothing else got through to it since that delivery was written, and so it is
// at once by 410 Gone. Its owner is told by the events webhook.disabled and webhook.failed. What waits for a
// paused or disabled subscription is sent when it is resumed.
//
// # What an address may not be
//
// The address is given by a user of the host and called from inside the host's network, so it must be https
// and may not lead to that network (server-side request forgery; OWASP calls it SSRF): each connection is
// refused when it is dialled, by the address it really goes to, whatever the name resolved to before.
// [Config.Allow] opens networks, for a receiver beside the host.
package webhook
