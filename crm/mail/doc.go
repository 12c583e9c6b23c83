// Package mail sends the letters that CRM+ writes for its users: a quote to its reader first of all.
// Newsletters have a ledger of their own; this is for mail that one person asked for.
//
// A [Message] flows like this. The verb that asks for it queues it in its own transaction
// ([Mails.Queue] on [Mails.In]), so that there is no mail without the change it belongs to, and no
// change without its mail. The worker ([Mails.Send]) claims it by a conditional UPDATE with a lease,
// hands it to the [Mailer], and writes down what became of it:
//
//	queued -> sending -> sent
//	             |---> deferred  the server said "later", or was not there: tried again, with growing pauses
//	             |---> failed    refused, or two days of "later": a person has to act
//	             '---> unknown   nobody knows whether the server has taken it
//
// SMTP can lose the answer to a message that was taken. A mail whose outcome is not known, because the
// connection or our own process died between the last line and the commit, is never sent again by itself:
// who asked is told (the event mail.unknown), looks, and decides by [Mails.Resend] or [Mails.Dismiss]. So
// each mail goes out at most once unless a person says otherwise, and none is lost silently. A mail that
// is sent again keeps its Message-ID, by which many servers recognise it.
//
// What a mail says comes from a [Template] per company, language and [Purpose], with built-in words in five
// languages; a company words further ones for its rules ([Letter]). Their merge fields are data: they can neither start
// a header, nor a paragraph, nor markup.
package mail
