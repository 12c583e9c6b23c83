package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/crmplus/crmplus/adapters/imap"
	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/bounce"
)

// mountLetters puts in the pages behind the links in newsletters, and what providers and gateways call.
func (s *service) mountLetters(mux *http.ServeMux) error {
	letters := s.module.Newsletters
	if letters == nil {
		return nil
	}
	readers, err := web.ReaderPages(letters.Subscriptions, web.ReaderPagesConfig{Log: s.log})
	if err != nil {
		return err
	}
	mux.Handle(lettersPath+newsletter.SubscriptionPath, readers)
	tracks := web.NewTrackPages(s.recorder, web.TrackConfig{Letter: letters.View, Log: s.log})
	mux.HandleFunc(lettersPath+newsletter.ClickPath, tracks.Click)
	mux.HandleFunc(lettersPath+newsletter.PixelPath, tracks.Open)
	mux.HandleFunc(lettersPath+newsletter.ViewPath, tracks.View)
	if h := s.config.Newsletter.Bounces.Webhook; h != (webhookSecret{}) {
		hook, err := letters.BounceHook(bounce.HookConfig{Provider: h.Provider, Secret: h.Secret, Log: s.log})
		if err != nil {
			return err
		}
		mux.Handle(lettersPath+newsletter.BouncePath, hook)
	}
	if s.config.Newsletter.SMS.Hook != "" {
		hook, err := s.config.textHook(letters.Texts())
		if err != nil {
			return err
		}
		mux.Handle(lettersPath+newsletter.TextPath, hook)
	}
	return nil
}

// readReturns reads the mailbox of what comes back, where one is named, until the context ends.
func (s *service) readReturns(ctx context.Context, working *sync.WaitGroup) error {
	if s.module.Newsletters == nil {
		return nil
	}
	mailbox, err := s.config.mailbox(s.log)
	if mailbox == nil || err != nil {
		return err
	}
	working.Go(func() {
		_ = mailbox.Run(ctx, func(ctx context.Context, m imap.Mail) error { // logs what goes wrong, and goes on
			_, err := s.module.Newsletters.Returned(ctx, m.Raw)
			return err
		})
	})
	return nil
}
