// Package regulation is about time between two steps: a quote within one working day of the request, the invoice within
// two of the call; who kept that, and who did not.
//
// A [Regulation] of the company's [Plan] names the step that begins it, the step that ends it, and the working time
// allowed between them. Each passage from one to the other is a clock of package clock: begun, due, ended; kept, missed,
// running, or dropped where the deal was lost or the first step was undone. Package clock tells people of the limit.
//
//	event -> handler: whose is it? -> the moments of that customer, read as they are -> passages -> clocks brought there
//
// A passage is not counted up from events: each event makes the customer be looked at anew ([Regulations.Register]), so
// that it does not matter in which order events come, twice or late, and what is undone takes its passage with it. The
// moment that begins a passage begins one clock, which a unique key decides.
//
// Moments belong together where they are for one opportunity; where one of them knows none, where they are with one
// company or person, its people included. A step that comes again before the other one has come begins nothing new.
package regulation
