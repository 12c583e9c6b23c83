// Command hosterp is a small ERP with CRM+ embedded: the shortest way to see the module at work, and a
// model of how a host wires it.
//
//	go run ./examples/hosterp
//
// It makes a fresh SQLite file (or takes -db FILE, or -db sqlserver://...), installs the ERP and CRM+
// beside each other, loads three companies and more than two thousand leads from the files in data,
// and serves on localhost: the ERP's own plain pages, and inside its layout the screens of CRM+, in which a
// clerk does the whole chain: lead, quote, customer, order, delivery, invoice. In the first minutes a visitor asks by the
// form of HU01 and is answered in time, and a deal there gets stuck: its seller hears of it, then the manager, by notices
// and by mails that the ERP's page of mails shows.
//
// The files: shop.go opens and wires, seed.go loads what the pages show, server.go routes, session.go logs
// in, page.go draws the ERP's layout, books.go are the ERP's own pages.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	dsn := flag.String("db", "", "a SQLite file or a sqlserver:// data source name; empty for a fresh temporary file")
	addr := flag.String("addr", "127.0.0.1:8080", "the address to serve on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dsn, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "hosterp:", err)
		os.Exit(1)
	}
}

// run serves until the context ends, then lets requests and background work finish.
func run(ctx context.Context, dsn, addr string) (err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // the server has closed it, but where it never began
	sh, err := openShopAt(ctx, dsn, "http://"+listener.Addr().String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sh.close()) }()
	started := time.Now()
	leads, err := sh.seed(ctx)
	if err != nil {
		return err
	}
	if leads > 0 {
		slog.Info("example leads imported", "leads", leads, "took", time.Since(started).Round(time.Millisecond))
	}
	if err := sh.seedSales(ctx); err != nil {
		return err
	}
	if err := sh.seedLetters(ctx); err != nil {
		return err
	}
	if err := sh.seedRules(ctx); err != nil {
		return err
	}
	if err := sh.seedTexts(ctx); err != nil {
		return err
	}
	if err := sh.seedWorkflows(ctx); err != nil {
		return err
	}
	pages, err := newServer(sh)
	if err != nil {
		return err
	}
	// Open pages listen to what changes for as long as they are open; at the end they are hung up, after
	// whatever else is on its way had a second.
	open, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	web := &http.Server{Handler: pages.handler(), BaseContext: func(net.Listener) context.Context { return open }, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	web.RegisterOnShutdown(func() { time.AfterFunc(time.Second, hangUp) })

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	working.Go(func() {
		if err := sh.module.Run(background); err != nil {
			slog.Error("background work ended", "error", err)
		}
	})
	working.Go(func() {
		if err := sh.receive(background); err != nil && background.Err() == nil {
			slog.Error("nobody answered the visitor", "error", err)
		}
	})
	defer working.Wait()
	defer stop()

	fmt.Printf("\nThe ERP is at %s  (database: %s)\nIts form for visitors of the company's web site: %s/f/hu01\nPress Ctrl+C to end.\n\n", sh.address, sh.place, sh.address)
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return web.Shutdown(last)
}
