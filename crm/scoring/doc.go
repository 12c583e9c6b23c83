// Package scoring says how promising a lead is, by rules that people understand, and shows how it came to that.
//
// A [Model] has rules of two sorts: those about the lead as it is ("works in Hungary: 10 points") and those about each
// thing it did ("sent a form: 20 points each, half of it after a month"). Points of what was done fade by half-life or
// expire; groups have caps, so that fifty opened mails are no customer; bands say what to do next. A draft is tried on
// past leads ([Scores.Compare]: which share of each band was won), then published; every published model is kept.
//
// Scores follow the leads' events ([Scores.Register]), and in the background what time changes, what was imported, and
// everybody after a new model ([Scores.Work]): fifty leads in a transaction of their own, so that no clerk waits. A
// transaction holds the rows it is about to write before it reads what they depend on; whatever comes meanwhile comes
// after it, and its event has the lead scored again. What is stored is always what a full count at that instant gives.
package scoring
