// Package sms carries text messages over the HTTP interface of a gateway that is described, not programmed: a
// [Description] says where and how a message is posted, what the answer looks like and what it means; a [Hook]
// says how the gateway tells of deliveries and of messages that come in. Both are JSON.
//
//	{
//		"name": "Acme SMS", "url": "https://api.acme.example/v1/messages", "auth": "bearer", "content_type": "application/json",
//		"body": "{\"to\": \"{to}\", \"from\": \"{from}\", \"text\": \"{text}\", \"reference\": \"{id}\"}",
//		"answer": {"id": "messages.0.id", "status": "messages.0.status", "reason": "messages.0.error"},
//		"meanings": {"queued": "taken", "invalid_number": "permanent", "busy": "temporary"}, "per_second": 20
//	}
//
// Values are escaped for where they stand: JSON, form, XML, path or query. A request that was written and got
// no answer may have been carried out; its outcome is unknown, and it is never repeated here.
package sms
