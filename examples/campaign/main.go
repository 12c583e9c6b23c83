// Command campaign sends a newsletter to 20,000 subscribers without a browser: they are imported, the newsletter
// is written, two worker processes send it to a mail server in this program that refuses some and puts off
// others, one of them is killed in the middle and another one takes over; then readers click and unsubscribe.
//
//	go run ./examples/campaign -readers 20000
//
// It prints the figures, and fails with a clear message when anybody was lost or got it twice. Read company.go
// (how the parts are put together), write.go, office.go, send.go and after.go in this order.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if order := os.Getenv(workerVariable); order != "" {
		if err := work(order); err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			os.Exit(1)
		}
		return
	}
	readers := flag.Int("readers", 20_000, "how many subscribers there are")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *readers); err != nil {
		fmt.Fprintln(os.Stderr, "campaign:", err)
		os.Exit(1)
	}
}

// run tells the story from an empty database to the figures.
func run(ctx context.Context, w io.Writer, readers int) (err error) {
	folder, err := os.MkdirTemp("", "crmplus-campaign")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	office, err := openOffice(readers)
	if err != nil {
		return err
	}
	defer office.close()
	c, err := open(filepath.Join(folder, "erp.db"), office.port())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.db.SQL().Close()) }()
	if err := c.db.Migrate(ctx); err != nil {
		return err
	}
	s := &story{company: c, office: office, w: w, readers: readers}
	for _, step := range []func(context.Context) error{s.subscribe, s.write, s.send, s.compare, s.resolve, s.compare, s.click, s.unsubscribe, s.report} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
