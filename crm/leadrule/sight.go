package leadrule

import (
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/rule"
)

// rights are what the author of a condition needs for what it speaks of, by the group of fields or the list: whoever writes
// one sees by what it matches what stands in the records it looks at. Persons and companies are seen by all who write any.
var rights = map[string]actor.Right{
	"lead": actor.LeadRead, "leads": actor.LeadRead, "touches": actor.LeadRead, "opportunity": actor.OpportunityRead, "opportunities": actor.OpportunityRead, "lines": actor.OpportunityRead,
	"quote": actor.QuoteRead, "quotes": actor.QuoteRead, "activity": actor.ActivityRead, "activities": actor.ActivityRead, "behaviour": actor.ActivityRead, "mails": actor.CampaignRead,
}

// Parse reads a condition that somebody writes, and refuses one that looks at what its author may not see.
func Parse(env *rule.Environment, author actor.Actor, source string) (*rule.Condition, error) {
	c, err := env.Parse(source)
	if err != nil {
		return nil, err
	}
	return c, Sight(author, c)
}

// Sight refuses a condition that looks at what its author may not see; the fault stands at "condition", and [Refused] moves
// it to the field.
func Sight(author actor.Actor, c *rule.Condition) error {
	var faults fault.List
	fields, lists := c.Reads()
	for _, name := range append(fields, lists...) {
		group, _, _ := strings.Cut(name, ".")
		if right, guarded := rights[group]; guarded && !author.May(right) {
			faults.Add("condition", "forbidden", "looks at %s, which you may not see; it needs the right %s", name, string(right))
		}
	}
	return faults.Err("the condition looks at what you may not see")
}

// Right is what it takes to see records of the noun, "" where all who write rules see them.
func (n Noun) Right() actor.Right { return rights[string(n)] }
