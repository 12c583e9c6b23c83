// Package clock watches over time: by when a lead is to be answered, and how long an opportunity may stay in its
// stage; the clocks of regulations, which package regulation starts and ends, are told of by it too. It counts in the
// company's working calendar (package calendar).
//
// The clock of a lead starts when the lead is given to a user, with the limit that the first fitting [Response] of the
// company's [Plan] says. It is paused while the lead is nurtured or somebody holds it, and ends with the first human
// contact: kept, or missed. Whoever gets the lead from somebody else has a clock of his own. The clock of an
// opportunity starts when it enters a stage with a limit, and ends when it leaves it; what resets or puts it off is for
// the plan to say.
//
// Clocks follow records by their events ([Clocks.Register]): a handler looks at the record as it is and brings its
// clock there, so that it does not matter what was lost or came twice. [Clocks.Work] tells people: first the owner, then
// the owner's manager, each once, by the events clock.reminded and clock.escalated (of which notices are made) and a
// mail. The step, the event and the mail are one transaction that holds the clock's row; a process that dies in between
// has told nobody.
package clock
