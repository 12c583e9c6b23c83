// Package sequence leads readers through letters, messages and tasks over days and weeks: one after the other,
// each when its time has come, until they answer.
//
// A [Sequence] belongs to a topic of newsletter/subscription: only who gets that topic is in it, and who leaves the
// topic leaves the sequence. Its [Plan] is a list of steps:
//
//	letter     a mail or a short message: a copy of what a campaign says
//	task       something for the reader's owner to do (crm/activity)
//	wait       hours, days or working days, and then until a time of the day
//	condition  goes on, goes to a later step, or ends it, by what the reader did
//
// and says who comes in by himself ([Entry]), what takes readers out ([Exit]), and what becomes of those who never
// answered ([End]). A plan is drafted ([Sequences.Create], [Sequences.Edit]) and started ([Sequences.Start]), which
// makes a version of it that is never changed. A later version is for new readers; those under way finish theirs or
// move on to it, by choice.
//
// [Sequences.Work] is one turn of the background, in several processes at once. A [Reader] flows like this:
//
//	active -> active -> ... -> done   he has come to the end
//	   |  '--- paused                 until somebody lets him go on
//	   '----------------------> left  with the reason: replied, converted, unsubscribed ...
//
// # Exactly once
//
// A process claims some readers by a conditional UPDATE with a lease, and takes each on by one transaction. That
// transaction writes the deed (a row whose key is sequence, reader, lap and step), does what the step says in the same
// database (puts the reader into a ledger, plans a task, moves the lead) and writes when the next step is due. So a
// process that dies at any moment leaves each step done or not done, and another one goes on when the lease has run
// out; the deed's key refuses a step that was done, also where a reader moved to another version.
//
// # How letters go out
//
// Each letter of a version is a standing campaign (campaign.Campaigns.Open), which takes readers one by one. Nothing
// of what campaigns can do is made again here: the letter's rendering, the headers to unsubscribe, the tokens of
// links, the ledger with leases and its unknown recipients, deferrals, bounces, and the report of who opened and
// clicked are all those of newsletter/campaign and newsletter/track, and conditions and segments find what sequences
// sent where they find all other mail. The other way, a row for each letter in the outbox of crm/mail, would need a
// second numbering for tokens and return paths, and a second report. A ledger has an address once; who comes back to
// the top of a sequence is on another lap, which has campaigns of its own.
package sequence
