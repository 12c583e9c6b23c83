// Package commission says what sellers earn by what they sold.
//
// A company's [Plan] is one document of package policy: drafted, tried on past months ([Commissions.Try]), published, in
// versions. It says when a commission is earned (when the opportunity is won, wholly invoiced or wholly paid, by the
// host's documents) and by which rules: for each line of the opportunity the first rule holds whose conditions fit it.
//
//	line's revenue, or margin -> company's currency, at the rate of the day it was won, less the share of the sale that the
//	  host's credit notes took back, rounded
//	  -> split among the sellers by their shares, to the cent (money.Split) -> times the rate, rounded half away from zero
//
// The rate may rise in steps with what the seller has attained of his revenue quota by the end of the month, and a rule
// may cap what one seller gets of one opportunity.
//
// [Commissions.Statement] is computed from the opportunities while its month is open. [Commissions.Close] freezes it:
// its rows never change. What changes later, because an opportunity is reopened, credited, or its team or lines are
// changed, stands as a correction in the next open month: for each opportunity and seller the difference of what he
// should have, by the plan and the attainment of the month it was settled in, and what he was given. So each sale is paid
// exactly once, whatever happens to it.
package commission
