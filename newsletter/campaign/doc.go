// Package campaign sends one newsletter to many readers: exactly one each, and nobody lost when the power
// goes.
//
// A [Campaign] is drafted ([Campaigns.Create], [Campaigns.Edit], [Campaigns.SetContents]), scheduled, and from then
// on moved by the background ([Campaigns.Work]), in several processes at once:
//
//	draft -> scheduled -> freezing -> running -> done
//	                         '--- paused ---'      (and from everywhere before done: cancelled)
//
// Freezing writes the ledger: one row per recipient ([Recipient], keyed by the campaign and a dense number
// from 1), by statements inside the database, in chunks short enough for a clerk to write between them. Who
// subscribes later gets the next campaign; who unsubscribes later is found out before his mail leaves
// ([Config.Left], [Config.Sieve]).
//
// A recipient's row then goes like this:
//
//	pending -> sending -> sent
//	              |-----> deferred   the server said "later": tried again, with growing, random pauses
//	              |-----> failed     cannot be sent, or "later" for too long
//	              |-----> bounced    the receiving server refused the mailbox; also after it was sent
//	              '-----> unknown    nobody knows whether the server has taken it
//
// Processes share the work by leases on chunks of the ledger (a row of crm_campaign_chunk each), taken by a
// conditional UPDATE and kept by the commits of the work itself. A row is marked sending in a commit before
// its first byte leaves, together with what became of earlier ones, a window of about two hundred at a time.
// So when a process dies, what was only claimed is simply sent by another one, and what was sending is
// listed as unknown: at most a window, by name, with a policy for it ([Skip], [Again]) and a verb
// ([Campaigns.Resolve]). A process that is told to stop lets what is in flight come to its end and leaves
// nothing unknown.
//
// The mail server's own troubles mark no recipient: when it cannot be reached the transport rests and the
// campaign goes on later. How a mail is composed and how it travels are ports: [Composer], which [Letters] is
// for designs of newsletter/content, and newsletter/message.Transport.
package campaign
