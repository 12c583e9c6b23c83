package main

import (
	"context"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
)

// searchIndex builds the index that searches go by anew, for one company or for all.
func searchIndex(ctx context.Context, c *call) (int, error) {
	if err := c.needs("db", "map"); err != nil {
		return misused, err
	}
	return c.with(ctx, func(module *crm.Module) (int, error) {
		companies := []string{c.company}
		if c.company == "" {
			var err error
			if companies, err = module.DB().Companies(ctx, "crm_party"); err != nil {
				return problems, err
			}
		}
		var total int64
		for _, company := range companies {
			n, err := module.Search.Rebuild(actor.With(ctx, actor.System(company, "search rebuild")))
			if total += n; err != nil {
				return problems, err
			}
			if !c.json {
				c.say("%s: %s read.", company, counted(int(n), "record"))
			}
		}
		if c.json {
			return well, c.answer(map[string]any{"ok": true, "companies": len(companies), "records": total})
		}
		return well, nil
	})
}
