// Package convert turns what CRM+ knows into records of the host, exactly once: a lead into a
// customer with contacts and an opportunity, a quote or an opportunity into an order, an order into
// delivery notes and invoices.
//
// A conversion is one unit of work in one transaction, ours or the host's: lock the record's row, look
// whether it was converted before (then that result is the answer), check everything and name all that
// is missing at once, write the conversion's row, call the host, keep its numbers, link, log, emit.
// The unique key of the conversion's row is the last arbiter, so of any number of callers, in any
// number of processes, one converts and all get its result. A rollback leaves nothing.
//
// A host that is elsewhere is never called inside a transaction. There the first transaction only writes
// the conversion's row, as [Pending], with a [Call] in the outbox, and the background sends it
// ([Conversions.Send]): the same code runs against ports that remember what the host answered, stops at
// the first call without an answer, is rolled back, the call is made, its answer kept, and the code runs
// again, until the last run's transaction writes everything. That a call is about to be made is committed
// before it is made, so that one without an answer is known, left to settle, and looked up by its token
// before it is made again. What the host refuses waits for a person: [Conversions.Calls],
// [Conversions.Retry], [Conversions.Resolve], [Conversions.Abandon].
//
// What a conversion did stands in its manifest, and [Conversions.Undo] takes it back by the host's own
// means: a document with a number is cancelled, never deleted.
package convert
