package buying

import (
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// Terms say how customers are judged.
type Terms struct {
	// Months is the window of revenue and frequency, back from today.
	Months int `json:"months"`
	// A and B are percentages of all revenue; see the package.
	A money.Percent `json:"a"`
	B money.Percent `json:"b"`
	// Late is after how many percent of his rhythm a customer is quiet, or a product lapsed.
	Late money.Percent `json:"late"`
	// Support is how many customers must buy two products, Confidence how many percent of those who buy the one must
	// buy the other, and Lift how many percent of what chance would bring that is, for the other to be suggested.
	Support    int           `json:"support"`
	Confidence money.Percent `json:"confidence"`
	Lift       money.Percent `json:"lift"`
}

// Default are the terms of a company that has said nothing.
func Default() Terms {
	return Terms{
		Months: 12, A: money.MustPercent("80"), B: money.MustPercent("95"), Late: money.MustPercent("200"),
		Support: 5, Confidence: money.MustPercent("50"), Lift: money.MustPercent("130"),
	}
}

// Check finds what is wrong.
func (t Terms) Check() fault.List {
	var faults fault.List
	if t.Months < 1 || t.Months > 36 {
		faults.Add("months", "range", "is %d; give 1 to 36 months", t.Months)
	}
	hundred := money.MustPercent("100")
	if !t.A.IsPositive() || t.A.Cmp(hundred) >= 0 {
		faults.Add("a", "range", "is %s; give more than 0 and less than 100 percent", t.A)
	}
	if t.B.Cmp(t.A) <= 0 || t.B.Cmp(hundred) > 0 {
		faults.Add("b", "range", "is %s; give more than class A has, at most 100 percent", t.B)
	}
	if t.Late.Cmp(hundred) <= 0 || t.Late.Cmp(money.MustPercent("1000")) > 0 {
		faults.Add("late", "range", "is %s; give more than 100, at most 1000 percent of the usual gap", t.Late)
	}
	if t.Support < 2 || t.Support > 10_000 {
		faults.Add("support", "range", "is %d; give 2 to 10000 customers", t.Support)
	}
	if !t.Confidence.IsPositive() || t.Confidence.Cmp(hundred) > 0 {
		faults.Add("confidence", "range", "is %s; give more than 0, at most 100 percent", t.Confidence)
	}
	if t.Lift.Cmp(hundred) < 0 || t.Lift.Cmp(money.MustPercent("10000")) > 0 {
		faults.Add("lift", "range", "is %s; give 100 to 10000 percent", t.Lift)
	}
	return faults
}

// History is how many months of orders a pass is to be given: rhythms are seen over three years.
const History = 36

// From is the first day of those orders.
func From(today civil.Date) civil.Date { return monthsBefore(today, History) }

// Since is the first day of the window of revenue and frequency.
func (t Terms) Since(today civil.Date) civil.Date { return monthsBefore(today, t.Months) }

// monthsBefore is the day after the same day some months ago, or after that month's last.
func monthsBefore(d civil.Date, months int) civil.Date {
	first := civil.Of(civil.Date{Year: d.Year, Month: d.Month, Day: 1}.Time(nil).AddDate(0, -months, 0))
	last := civil.Of(first.Time(nil).AddDate(0, 1, -1))
	first.Day = min(d.Day, last.Day)
	return first.AddDays(1)
}
