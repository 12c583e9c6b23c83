// Package activity is the timeline: what was done, and what is to be done, for a party or an
// opportunity. Calls, meetings, tasks, notes, files, mails and letters are written by people; quotes,
// documents, conversions, stage moves and merges are noted by the packages they happen in
// ([Activities.Log]).
//
// An activity's way: it is planned ([Activities.Plan]) with a due time and perhaps a reminder, given
// to somebody else who accepts or declines it ([Activities.Delegate], [Activities.Accept],
// [Activities.Decline]), and completed with its outcome, the minutes it took, and what follows
// ([Activities.Complete]). What already happened is recorded in one step ([Activities.Record]).
//
// Every row stands in one of two places, told apart by its column is_open. While it is open (planned or
// waiting for acceptance), its column at holds the due time, and it is found in [Activities.Upcoming]
// and [Activities.Tasks], soonest first. Otherwise at says when it happened, and it is found in
// [Activities.Timeline], newest first. Both are one seek of one index per party, so a page costs the
// same however long the history is.
//
// An activity hangs on one party and never moves. The timeline reads the whole family of a party (what
// was merged into it, and a company's people), so it shows what was before a conversion or merge and
// what came after.
package activity
