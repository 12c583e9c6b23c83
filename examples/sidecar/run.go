package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// runService serves until the context ends, or as a Windows service until that is stopped.
func runService(ctx context.Context, c *call) error {
	log := logger(c.config, c.err)
	slog.SetDefault(log)
	if under, err := asWindowsService(ctx, func(ctx context.Context) error { return serve(ctx, c.config, log) }); under {
		return err
	}
	return serve(ctx, c.config, log)
}

// serve opens everything, serves, and ends in order: nobody new is let in, requests under way come to their end
// within the time that the configuration gives, then the background work, then the database.
func serve(ctx context.Context, c config, log *slog.Logger) (err error) {
	started := time.Now()
	o, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.db.SQL().Close()) }()
	s, err := newService(c, log, o)
	if err != nil {
		return err
	}
	public, err := s.public()
	if err != nil {
		return err
	}

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	if c.Worker.Enabled {
		working.Go(func() {
			if err := s.module.Run(background); err != nil {
				log.Error("the background work ended", "error", err)
			}
		})
		if err := s.readReturns(background, &working); err != nil {
			return err
		}
	}
	working.Go(func() { s.ready.watch(background) })

	broken := make(chan error, 2)
	// streams ends what never ends by itself: pages that stay open for news.
	streams, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	web, err := listen(streams, c.Listen, public, broken)
	if err != nil {
		return err
	}
	adminAddress := ""
	if c.Admin != "" {
		admin, err := listen(streams, c.Admin, s.admin(), broken)
		if err != nil {
			return errors.Join(err, web.Close())
		}
		defer admin.Close()
		adminAddress = admin.Addr
	}
	log.Info("serving", "listen", web.Addr, "admin", adminAddress, "public_url", c.PublicURL, "worker", c.Worker.Enabled,
		"pid", os.Getpid(), "start_ms", time.Since(started).Milliseconds())

	select {
	case err = <-broken:
		log.Error("an address cannot be served any more", "error", err)
	case <-ctx.Done():
	}
	s.ready.stopping.Store(true)
	log.Info("stopping", "within", c.StopWithin.String())
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.StopWithin)
	defer cancel()
	if failed := web.Shutdown(last); failed != nil {
		log.Warn("requests were still under way and were cut off", "error", failed)
		hangUp()
		_ = web.Close()
	}
	stop()
	working.Wait()
	if s.recorder != nil { // what readers did in the last second is written
		err = errors.Join(err, s.recorder.Close(last))
	}
	log.Info("stopped")
	return err
}

// listen serves an address in the background; what ends it is sent to broken.
func listen(base context.Context, address string, h http.Handler, broken chan<- error) (*http.Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(base, "tcp", address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{
		Addr: listener.Addr().String(), Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return base },
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			broken <- err
		}
	}()
	return server, nil
}
