// Package kpi defines each key figure of sales once and computes it, for screens, API, workbooks and mails alike.
//
// A [Definition] says a figure's code, unit, formula and meaning in five languages, which filters it goes by and
// what it can be broken down to. [KPIs.Figure] computes it for a [Query]: the database adds up, by currency and
// rate where money is concerned, and the few sums that come back are put together as exact decimals. What is
// behind a figure is listed by [KPIs.Behind] with the same conditions, so that a number that is doubted can be
// counted by hand.
//
// What was counted is kept until the database says that something has changed that it was counted from (see
// store.Session.Changes); what is shown always is what counting anew would give. A column that a figure begins to
// read has to be watched by a trigger; a test says so.
//
// Figures of the host's orders are of what package retention keeps by month: of whole months, counted once a day, and not
// known where the host tells nothing ([Why]).
//
// Days are those of the company's zone, money is of the company's currency at the rate of the day on which it was
// closed (see package exchange). Each reader's figures are of what the reader may see: his own records, his
// team's, or all. Of history only what stands counts: a deal that was reopened is neither won nor lost until it
// is closed again, and a lead that was merged into another is no second lead.
package kpi
