package bounce

// Providers are the descriptions of the usual providers, by name. Who is allowed to call is checked before:
// by a secret in the address, a password, or the provider's signature.
var Providers = map[string]Webhook{
	// Amazon SES through SNS, with or without raw delivery.
	"ses": {
		Name: "ses", Unwrap: "Message", Kind: "notificationType+bounce.bounceType+bounce.bounceSubType",
		Kinds: map[string]Meaning{
			"bounce permanent": "hard", "bounce permanent general": "failed", "bounce permanent onaccountsuppressionlist": "ignore", "bounce transient": "soft",
			"bounce transient contentrejected": "own", "bounce transient attachmentrejected": "own", "bounce transient messagetoolarge": "own", "bounce undetermined": "failed",
			"complaint": "complaint", "delivery": "delivered",
		},
		Recipients: "bounce.bouncedRecipients|complaint.complainedRecipients|delivery.recipients",
		Address:    "emailAddress|", Status: "status", Text: "diagnosticCode",
		MessageID: "mail.commonHeaders.messageId", ReturnPath: "mail.source", EnvelopeID: "mail.messageId",
	},
	"sendgrid": {
		Name: "sendgrid", Kind: "event+type",
		Kinds: map[string]Meaning{
			"bounce": "failed", "bounce bounce": "failed", "bounce blocked": "own", "dropped": "ignore", "deferred": "delayed", "delivered": "delivered", "spamreport": "complaint",
		},
		Address: "email", Status: "status", Text: "reason|response", MessageID: "smtp-id", EnvelopeID: "sg_message_id",
	},
	"mailgun": {
		Name: "mailgun", Items: "event-data", Kind: "event+severity",
		Kinds: map[string]Meaning{
			"failed": "failed", "failed permanent": "failed", "failed temporary": "delayed", "complained": "complaint", "delivered": "delivered",
		},
		Address: "recipient", Status: "delivery-status.enhanced-code|delivery-status.code", Text: "delivery-status.message|delivery-status.description",
		MessageID: "message.headers.message-id", ReturnPath: "envelope.sender", EnvelopeID: "id",
	},
	"postmark": {
		Name: "postmark", Kind: "RecordType+Type",
		Kinds: map[string]Meaning{
			"bounce hardbounce": "hard", "bounce bademailaddress": "hard", "bounce softbounce": "soft", "bounce transient": "delayed", "bounce dnserror": "soft", "bounce spamnotification": "own",
			"bounce blocked": "own", "bounce dmarcpolicy": "own", "bounce spamcomplaint": "complaint", "bounce autoresponder": "ignore", "bounce challengeverification": "ignore",
			"bounce": "failed", "spamcomplaint": "complaint", "delivery": "delivered",
		},
		Address: "Email|Recipient", Text: "Details|Description", EnvelopeID: "MessageID",
	},
	"sparkpost": {
		Name: "sparkpost", Items: "*.msys.message_event", Kind: "type+bounce_class",
		Kinds: map[string]Meaning{
			"bounce": "failed", "out_of_band": "failed", "bounce 10": "hard", "bounce 30": "hard", "bounce 90": "hard", "bounce 20": "soft", "bounce 21": "soft", "bounce 22": "soft",
			"bounce 50": "own", "bounce 51": "own", "bounce 52": "own", "bounce 53": "own", "bounce 54": "own", "delay": "delayed", "delivery": "delivered", "spam_complaint": "complaint",
		},
		Address: "rcpt_to", Status: "error_code", Text: "raw_reason|reason", ReturnPath: "msg_from", EnvelopeID: "message_id",
	},
	"brevo": {
		Name: "brevo", Kind: "event",
		Kinds: map[string]Meaning{
			"hard_bounce": "failed", "soft_bounce": "soft", "invalid_email": "hard", "blocked": "own", "deferred": "delayed", "delivered": "delivered", "spam": "complaint", "error": "soft",
		},
		Address: "email", Text: "reason", MessageID: "message-id",
	},
	"mailjet": {
		Name: "mailjet", Kind: "event+hard_bounce",
		Kinds: map[string]Meaning{
			"bounce true": "hard", "bounce false": "failed", "bounce": "failed", "blocked": "own", "spam": "complaint", "sent": "delivered",
		},
		Address: "email", Text: "comment|error", EnvelopeID: "Message_GUID",
	},
	"mandrill": {
		Name: "mandrill", Kind: "event",
		Kinds: map[string]Meaning{
			"hard_bounce": "failed", "soft_bounce": "soft", "deferral": "delayed", "spam": "complaint", "delivered": "delivered",
		},
		Address: "msg.email", Text: "msg.diag|msg.bounce_description", EnvelopeID: "msg._id",
	},
}
