// Package workflow has the company's own rules done: when something happens or is overdue, and a condition holds, tasks
// are planned, letters written, people told, records moved on.
//
// A [Rule] is about records of one noun. Its [Plan] says what sets it off ([Trigger]), the condition in the one
// language (package rule, over leadrule.Terms.About), and its actions: steps that other packages offer by name
// (event.Step), none of which this package knows. A plan is drafted ([Workflows.Save]), tried on what is there
// ([Workflows.Try]) and published ([Workflows.Publish]), which makes a version that is never changed. Only who may read
// what the condition looks at, do what the actions do, and see the whole company's records can publish.
//
// What happens flows like this:
//
//	event -> handler: which live rules does it concern, does the condition hold? -> a Run per rule and record
//	day   -> sweep: whose date is reached, who lies idle?                        -> a Run per rule and record
//	Run   -> Work: loop? followed up meanwhile? condition? -> the actions, in one transaction -> acted
//
// # Exactly once
//
// A run's key is the rule and its occasion (the event and the record, or the day and the record): it is written once,
// however often an event is delivered or a day looked at. Work claims runs by a conditional UPDATE with a lease, so that
// several processes share them. The actions and the end of the run are one transaction: a process that dies has done
// nothing, and another one does it when the lease has run out. What leaves the database (letters, messages, calls) is
// queued in that transaction under the key of the run and step. Runs for one record are done in the order in which they
// were due; one that fails is tried again with growing pauses, holds up that record alone, and is given up after
// [MaxAttempts]; a person has it done again by [Workflows.Retry].
//
// # Limits
//
// Events that a rule's actions cause carry how many rules stand behind them. Beyond [MaxDepth] the next rule is
// stopped, and so is one that has run more than [MaxPerHour] times within an hour for the same record; both are listed
// and reported by the event workflow.stopped. A run has [Config.Limit] of time.
package workflow
