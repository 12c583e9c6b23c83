// Package routing decides who gets a lead: by ordered rules on any field, by territory, in turn, by load, with
// monthly caps, absences and deputies, and a fallback.
//
// A [Plan] is the company's list of rules, kept with all its versions. A lead that comes in without an owner is
// routed in the transaction that takes it in ([Routes.Route], which package lead calls by a port), a lead that is
// there already by hand ([Routes.Assign]). The first rule whose condition and area fit and that has somebody free
// decides. Each [Decision] is kept with every step that led to it, so that "why did Anna get this one?" has an
// answer; [Routes.Try] decides the last leads over again without writing anything.
//
// A lead has no product: it says what it wants in its own words, and companies that want to know the product group add a
// field for it. Rules by product group are conditions on either: lead.custom.product_group == "CHAIR".
//
// Turns are kept per rule in the database, and whoever takes one holds the rule's row until the end of the
// transaction: however many leads come at once, in however many processes, each turn is given once and in order. Who
// was away does not get what he missed; who loses a lead to a colleague before anybody answered it has a turn owed.
//
// Who was given a lead is told by the event "lead.routed" of the decision: a task, a mail, and beside them the notice
// that every assignment makes, once each.
package routing
