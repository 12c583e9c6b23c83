// Package value keeps what each customer of the host is worth to a company, and sees to it that he is spoken to as often
// as such customers should be.
//
// Once a day of the company, and after a change of its [Plan], [Values.Work] reads the orders of three years through
// the host's port erpbridge.Sales, some hundred at a time, judges them by package buying, and writes what changed: a
// [Value] for each customer. Packages sold and retention see each order, too, and keep what they are for. Then it plans the contacts that are due: a task for the customer's owner, at most once in
// the days that the plan gives his class, and none where he was spoken to, or somebody has planned to. The task and the
// note that it was made are one transaction, so that two processes make one task.
//
// One process at a time does this for a company, by a lease; one that dies in the middle leaves whole values behind, and
// the next begins anew.
package value
