// Package rule is the one language in which people say which records they mean: segments of readers,
// scores of leads, who gets a lead, when a process goes on.
//
// An [Environment] declares, with their kinds and meanings, the fields of the record in question and the
// lists that belong to it; it documents itself. A condition is written as an expression
//
//	party.country in ["HU", "AT"] and any(leads, .status == "qualified" and .score >= 50)
//	  and activity.last_contact_at < days_ago(30) and none(mails, .campaign == 12 and .clicked)
//
// or built by a form as a tree of [Node]s in JSON; each form gives the other ([Condition.String],
// [Condition.Node]). [Environment.Parse] and [Environment.Build] check every name, kind and choice, and
// refuse with all faults at once, each with its place and remedy. The [Condition] is then
//
//   - evaluated over the values of one record ([Condition.Truth]), and
//   - translated to SQL ([Condition.SQL]): parameters only, the same for SQLite and SQL Server, lists as
//     semijoins. What SQL does not have (regular expressions, words without accents, ages, lists of a host
//     that is elsewhere) is left out of the WHERE, which then finds too much and says so; [Condition.Pick]
//     evaluates the rest over those, chunk by chunk.
//
// Both agree, to the last missing value. The logic is that of SQL: a comparison with what is not there is
// neither true nor false but unknown, `not` leaves it unknown, and only what is true is meant. `x == nil` is
// always one of the two, and so are any, all, none and counts: they look at the elements for which the
// condition is true. An empty text counts as none.
//
// The syntax is that of expr-lang/expr; its machine is not used, since it knows no third truth value. Values
// are computed by package formula; a rule only decides.
package rule
