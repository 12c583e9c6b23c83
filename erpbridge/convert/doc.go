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
// What a conversion did stands in its manifest, and [Conversions.Undo] takes it back by the host's own
// means: a document with a number is cancelled, never deleted.
package convert
