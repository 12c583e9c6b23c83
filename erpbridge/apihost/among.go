package apihost

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge"
)

// among compiles the list of many records by their keys; nil where there is none.
func (c *compiler) among(at string, a *Among, env *formula.Env) *amongPlan {
	if a == nil {
		return nil
	}
	if a.AtOnce < 0 {
		c.add(at+".at_once", "range", "is %d; give how many keys one request takes, or nothing for 20", a.AtOnce)
	}
	if a.By == "" {
		c.add(at+".by", "required", `is missing; write the condition for one key, like "number eq '{value}'"`)
	}
	out := &amongPlan{
		list: c.call(at+".list", &a.List, env), by: c.template(at+".by", a.By, inCondition, env.With(text1("value", "the key of one"))),
		or: orText(a.Or, " or "), atOnce: max(1, orElse(a.AtOnce, 20)),
	}
	if !slices.ContainsFunc(out.list.query, func(p parameter) bool { return p.value.filtered() }) {
		c.add(at+".list", "filter", "has no {filter} in its query; that is where the conditions of by go")
	}
	return out
}

// filtered reports whether conditions go into the text.
func (t template) filtered() bool {
	return slices.ContainsFunc(t.pieces, func(p piece) bool { return p.raw })
}

// by asks for the records of some keys by one request; take gets each page of the answer. A key that cannot
// be written into an address has no record.
func (h *host) by(ctx context.Context, s erpbridge.Session, p *amongPlan, vars scope, keys []string, take func(items []any) error) error {
	var conditions []string
	for _, key := range keys {
		if one, err := p.by.fill(ctx, vars.with("value", key)); err == nil {
			conditions = append(conditions, one)
		}
	}
	if len(conditions) == 0 {
		return nil
	}
	return h.client.pages(ctx, s, p.list, vars.with("filter", strings.Join(conditions, p.or)), func(body any) (bool, error) {
		items, err := h.client.items.strict(body)
		if err == nil {
			err = take(items)
		}
		return true, err
	})
}

// strict gives the records at the path like list, and refuses an answer that has none there: of what a whole
// company is owed, nothing is another answer than none.
func (p path) strict(answer any) ([]any, error) {
	if items := p.list(answer); items != nil {
		return items, nil
	}
	what := "the answer is no list"
	if p.source != "" {
		what = "the answer has no list at " + p.source
	}
	return nil, misfit("%s; look at paging.items", what)
}

// refusedOrMissing tells a request that one bad key spoils for all.
func refusedOrMissing(err error) bool {
	what := means(err)
	return what == refused || what == missing
}
