// Package retention keeps what each customer of the host bought, by month, and tells who of them ordered again.
//
// While package value goes through the host's orders once a day, each order is shown to a [Keeper], which adds up a
// customer's months as they come, some hundred customers at a time, and writes what differs from the count before: what
// it holds does not grow with the customers. A row says from which count on it holds, and until which; [Count] says which
// count readers see, and its number is raised when a count is whole. So one invariant holds at every moment, whatever is
// killed: a count is seen whole or not at all. What a count that ended half-way has left is taken up by the next one.
//
// Orders are known from [Count.KnownFrom] on: the whole months of the history at the first count, and what was counted
// since stays when it falls out of the host's window.
//
// [Read] holds a period against the one before: a customer who ordered in the one before is at risk, one who ordered in
// both is kept. Figures of that are defined in package kpi. Of customers whose parties were merged, and of those who are
// one party, all bought as one. Whom a reader does not see is none of his customers.
package retention
