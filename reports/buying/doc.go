// Package buying reads what customers of the host buy, and how often: classes by revenue (ABC) and by behaviour (RFM),
// who is silent for longer than is usual with him, and what he may want next, with the reason in numbers.
//
// It knows no database. A [Pass] takes the host's orders in the order of customers, each once, and keeps of a customer
// what the definitions below need and no more; its [Found] is the same whatever the size of the pages:
//
//	pass := buying.Begin(terms, today, worth)
//	for _, sale := range page { err := pass.Add(sale) }
//	found := pass.End()
//
// ABC: customers by revenue in the window, the largest first; A are those before whom less than [Terms.A] percent of all
// revenue lies, B those before whom less than [Terms.B] lies, C the others and whoever brought nothing.
//
// RFM: quintiles of recency (days since the last order), frequency (orders in the window) and money (revenue in the
// window), 5 the best: 1 + 5 times the share of customers who are worse, rounded down, so that equals get the same.
//
// A rhythm is the median of the days between days with orders. Who has at least three such gaps, and did not order for
// longer than [Terms.Late] percent of the rhythm, is quiet.
package buying
