// Package forecast says what open opportunities may bring, from what closed ones taught.
//
// [Forecasts.Learn] counts, for each stage of a pipeline, how many of the opportunities that ever came there and
// were closed in a window were won, beside the chance that people set, with the interval in which the truth lies.
// [Forecasts.Table] adds up the open opportunities by month or quarter of their expected close: what is won
// already, what is as good as sure (commit), what may come (best case), weighted by the chances set and by those
// learnt. [Forecasts.Snapshot] keeps each day what opportunities looked like, as changes only, so that
// [Forecasts.Waterfall] can tell between any two days what came new, was won, lost, moved or changed, and
// [Forecasts.BackTest] what earlier forecasts said and what came. Each number leads to the opportunities that it is made
// of, with what each of them counts for, to the last cent: [Forecasts.Deals] for tables, the moves of a waterfall and
// [Forecasts.Stood] for its ends, [Forecasts.Tested] for earlier forecasts.
//
// Money is the company's own: what is open at the rate of the day that is asked for, what is won at that of its
// closing.
package forecast
