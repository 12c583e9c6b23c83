// Command quickstart walks the whole chain without a browser: leads arrive from a file and from a web
// form, one is worked, quoted, won, and becomes the ERP's customer, order, delivery notes and invoice.
//
//	go run ./examples/quickstart -out DIR
//
// It prints each step with the ERP's own numbers, leaves the quotes as PDF, the rejected rows and the
// sales workbook in DIR, and fails with a clear message when anything does not add up. Read the steps
// in their order: open.go, import.go, form.go, work.go, quotes.go, convert.go, documents.go, pipeline.go, report.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	out := flag.String("out", "quickstart-out", "the folder that the PDFs, the workbook and the rejected rows are written to")
	db := flag.String("db", "", "a SQLite file or a sqlserver:// data source name; empty for a fresh temporary file")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, options{out: *out, db: *db}); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

type options struct {
	out string
	db  string
}

// story is what the steps hand to each other.
type story struct {
	*shop
	out  string
	w    io.Writer
	step int

	sale sale
}

// run tells the story from an empty database to the workbook.
func run(ctx context.Context, w io.Writer, o options) (err error) {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	opened, err := open(ctx, o.db)
	if err != nil {
		return err
	}
	defer func() {
		if closing := opened.close(); err == nil {
			err = closing
		}
	}()
	s := &story{shop: opened, out: o.out, w: w}
	for _, step := range []struct {
		name string
		tell func(ctx context.Context) error
	}{
		{"install", s.install},
		{"import leads.csv", s.importLeads},
		{"web form", s.captureForm},
		{"work the lead", s.workLead},
		{"quotes", s.makeQuotes},
		{"accept", s.acceptQuote},
		{"convert", s.convertLead},
		{"order", s.order},
		{"deliver", s.deliver},
		{"invoice", s.invoice},
		{"timeline", s.checkTimeline},
		{"pipeline", s.fillPipeline},
		{"workbook", s.writeWorkbook},
	} {
		s.step++
		fmt.Fprintf(w, "\n%2d  %s\n", s.step, step.name)
		if err := step.tell(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	_, err = fmt.Fprintln(w, "\nEverything adds up.")
	return err
}

// say prints one line of the story.
func (s *story) say(format string, args ...any) {
	fmt.Fprintf(s.w, "    "+format+"\n", args...)
}

// same fails where two things that have to agree do not.
func same[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s does not add up: it is %v and should be %v", what, got, want)
	}
	return nil
}
