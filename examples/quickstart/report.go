package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports"
)

// checkTimeline reads what happened with the customer, before and after it became one.
func (s *story) checkTimeline(ctx context.Context) error {
	if _, err := s.module.RunOnce(ctx); err != nil { // what module.Run does in the background
		return err
	}
	ctx, err := s.as(ctx, hungary, "kovacs")
	if err != nil {
		return err
	}
	seen, err := s.module.Activities.Timeline(ctx, s.sale.party, nil, store.Page{Limit: 100})
	if err != nil {
		return err
	}
	kinds := map[activity.Kind]int{}
	for _, item := range seen.Items {
		kinds[item.Kind]++
	}
	for _, want := range []struct {
		kind activity.Kind
		n    int
	}{{activity.Call, 1}, {activity.Task, 1}, {activity.FileEntry, 1}, {activity.Conversion, 1}, {activity.Document, 5}} { // order, two delivery notes, invoice, and that it was posted
		if err := same(fmt.Sprintf("the number of entries of the kind %q", want.kind), kinds[want.kind], want.n); err != nil {
			return err
		}
	}
	if kinds[activity.Quote] == 0 {
		return errors.New("the timeline does not show the quote")
	}
	for i := len(seen.Items) - 1; i >= 0; i-- {
		item := seen.Items[i]
		s.say("%-10s  %s", item.Kind, item.Subject)
	}
	return nil
}

// writeWorkbook writes the sales report as Excel reads it.
func (s *story) writeWorkbook(ctx context.Context) (err error) {
	ctx, err = s.as(ctx, hungary, "manager-hu")
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(s.out, "sales.xlsx"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := s.module.Reports.Sales(ctx, f, reports.Query{}); err != nil {
		return err
	}
	s.say("sales.xlsx")
	return nil
}
