package scoring

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/rule"
)

// Part is what one rule gave.
type Part struct {
	// Rule and Group are their names.
	Rule  string `json:"rule"`
	Group string `json:"group,omitempty"`
	// Points are in hundredths, as they are now.
	Points int64 `json:"points"`
	// Rows is how many rows counted, 0 for a rule about the lead itself.
	Rows int `json:"rows,omitempty"`
}

// Detail is how a score came to be.
type Detail struct {
	Parts []Part `json:"parts"`
	// Capped are the names of the groups that reached their cap, with the hundredths that were cut off.
	Capped []Part `json:"capped,omitempty"`
	// Stopped are the names of the rules that gave nothing because their conditions looked at too much; see rule.MaxSteps.
	Stopped []string `json:"stopped,omitempty"`
}

// counter is a model ready to count.
type counter struct {
	model Model
	rules []counting
	// all reads what any rule looks at.
	all *rule.Condition
	// again is after how long conditions that look at the instant itself are asked anew, zero for never.
	again time.Duration
}

type counting struct {
	Rule
	// when and where are nil where every lead, or row, fits; broken says that one of them names what is gone.
	when, where *rule.Condition
	at          string
	broken      bool
}

// ready makes a model ready. A condition that does not hold water any more, because a custom field is gone, takes its
// rule out and nothing else.
func ready(m Model, env *rule.Environment) (*counter, error) {
	c := &counter{model: m, rules: make([]counting, len(m.Rules))}
	// So that leads are read even where no rule looks at them.
	base, err := env.Parse(`lead.status != ""`)
	if err != nil {
		return nil, err
	}
	used := []*rule.Condition{base}
	use := func(one *counting, into **rule.Condition, source string) {
		parsed, err := env.Parse(source)
		if err != nil {
			one.broken = true
			return
		}
		*into = parsed
		used = append(used, parsed)
	}
	at := moments(env)
	for i, r := range m.Rules {
		one := &c.rules[i]
		one.Rule, one.at = r, at[r.List]
		if r.When != "" {
			use(one, &one.when, r.When)
		}
		if r.List != "" {
			if one.at == "" {
				one.broken = true
				continue
			}
			var rows *rule.Condition
			use(one, &rows, each(r.List, "."+one.at+" > hours_ago(1)"))
			if r.Where != "" {
				use(one, &one.where, each(r.List, r.Where))
			}
		}
		for word, after := range map[string]time.Duration{"today(": day, "days_ago(": day, "days_ahead(": day, "age(": day, "hours_ago(": time.Hour} {
			if strings.Contains(r.When+r.Where, word) && (c.again == 0 || after < c.again) {
				c.again = after
			}
		}
	}
	c.all = env.All(used...)
	return c, nil
}

// counted is what a count gives.
type counted struct {
	score  int
	detail Detail
	// next is when time alone may change the score, zero for never.
	next time.Time
}

const day = 24 * time.Hour

// count counts a lead with the values v at an instant; what happens after it does not count.
func (c *counter) count(at rule.At, v rule.Values) (counted, error) {
	var out counted
	sums, total := map[string]int64{}, int64(0)
	for i := range c.rules {
		r := &c.rules[i]
		if r.broken {
			continue
		}
		if r.when != nil {
			holds, err := r.when.Holds(at, v)
			if errors.Is(err, fault.Limit) { // the others count
				out.detail.Stopped = append(out.detail.Stopped, r.Name)
				continue
			}
			if err != nil {
				return out, err
			}
			if !holds {
				continue
			}
		}
		part := Part{Rule: r.Name, Group: c.groupName(r.Group), Points: int64(r.Points) * 100}
		if r.List != "" {
			var err error
			if part.Points, part.Rows, err = r.rows(at, v, &out.next); err != nil {
				return out, err
			}
		}
		if part.Points == 0 {
			continue
		}
		out.detail.Parts = append(out.detail.Parts, part)
		if r.Group == "" {
			total += part.Points
		}
		sums[r.Group] += part.Points
	}
	for _, g := range c.model.Groups {
		sum := sums[g.Key]
		if most := int64(g.Cap) * 100; g.Cap > 0 && sum > most {
			out.detail.Capped = append(out.detail.Capped, Part{Group: g.Name, Points: sum - most})
			sum = most
		}
		total += sum
	}
	out.score = rounded(total)
	if c.again > 0 {
		soonest(&out.next, at.Now.Add(c.again))
	}
	return out, nil
}

func soonest(next *time.Time, t time.Time) {
	if next.IsZero() || t.Before(*next) {
		*next = t
	}
}

func (c *counter) groupName(key string) string {
	for _, g := range c.model.Groups {
		if g.Key == key {
			return g.Name
		}
	}
	return ""
}

// rounded turns hundredths into points, half away from zero.
func rounded(hundredths int64) int {
	if hundredths < 0 {
		return -rounded(-hundredths)
	}
	return int((hundredths + 50) / 100)
}

// rows counts the rows of a rule's list, the latest ones first.
func (r *counting) rows(at rule.At, v rule.Values, next *time.Time) (sum int64, n int, err error) {
	rows, _ := v[r.List].([]rule.Values)
	fitting := make([]time.Time, 0, len(rows))
	one := make(rule.Values, len(v))
	for key, value := range v {
		one[key] = value
	}
	for _, row := range rows {
		when, ok := row[r.at].(time.Time)
		if !ok {
			continue
		}
		if r.where != nil {
			one[r.List] = []rule.Values{row}
			holds, err := r.where.Holds(at, one)
			if err != nil {
				return 0, 0, err
			}
			if !holds {
				continue
			}
		}
		if when.After(at.Now) { // planned
			soonest(next, when)
			continue
		}
		fitting = append(fitting, when)
	}
	slices.SortFunc(fitting, func(a, b time.Time) int { return cmp.Compare(b.UnixNano(), a.UnixNano()) })
	if r.Most > 0 && len(fitting) > r.Most {
		fitting = fitting[:r.Most]
	}
	for _, when := range fitting {
		points := worth(r.Rule, at.Now.Sub(when))
		if points == 0 {
			continue
		}
		sum += points
		n++
		if r.HalfLife > 0 || r.Expire > 0 {
			soonest(next, when.Add(at.Now.Sub(when).Truncate(day)+day))
		}
	}
	return sum, n, nil
}

// worth is what a row of an age gives, in hundredths: it fades by whole days.
func worth(r Rule, age time.Duration) int64 {
	days := int64(age / day)
	if r.Expire > 0 && days >= int64(r.Expire) {
		return 0
	}
	points := float64(r.Points) * 100
	if r.HalfLife > 0 {
		points *= math.Exp2(-float64(days) / float64(r.HalfLife))
	}
	return int64(math.Round(points))
}
