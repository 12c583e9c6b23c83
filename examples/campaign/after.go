package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
)

// visitor is where a reader's request comes from.
var visitor = track.Request{Address: netip.MustParseAddr("203.0.113.7"), Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}

// each gives every nth recipient who got it.
func (s *story) each(ctx context.Context, n int) ([]campaign.Detail, error) {
	var list []campaign.Detail
	choice := campaign.Choice{State: campaign.Sent, Limit: 500}
	for {
		page, err := s.campaigns.Recipients(ctx, s.row.ID, choice)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rows {
			if r.Seq%n == 0 && !r.PartyID.IsZero() {
				list = append(list, r)
			}
		}
		if choice.After = page.Next; page.Next == 0 {
			return list, nil
		}
	}
}

// click lets one reader in twenty follow the first link of his mail.
func (s *story) click(ctx context.Context) (err error) {
	recorder, err := track.NewRecorder(s.tracking, track.RecorderConfig{Keys: s.keys})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, recorder.Close(ctx)) }()
	list, err := s.each(marketing(ctx), 20)
	if err != nil {
		return err
	}
	for _, r := range list {
		token := s.keys.Token(track.Token{Kind: track.Click, Campaign: s.row.Number, Seq: uint32(r.Seq)})
		target, err := recorder.Click(ctx, token, visitor)
		if err != nil {
			return err
		}
		if target != "https://fenyforras.example/tavasz" {
			return fmt.Errorf("the first link leads to %s", target)
		}
	}
	s.tell("%d readers clicked.", len(list))
	return recorder.Flush(ctx)
}

// unsubscribe lets one reader in a hundred press the button of his mail program.
func (s *story) unsubscribe(ctx context.Context) error {
	list, err := s.each(marketing(ctx), 100)
	if err != nil {
		return err
	}
	for _, r := range list {
		token, err := s.keys.Read(track.Unsubscribe, s.keys.Token(track.Token{Kind: track.Unsubscribe, Campaign: s.row.Number, Seq: uint32(r.Seq)}))
		if err != nil {
			return err
		}
		reader, err := s.campaigns.Reader(ctx, token)
		if err != nil {
			return err
		}
		if err := s.subscriptions.Leave(background(ctx), subscription.Leaving{Party: reader.PartyID, Topic: s.topic.ID}); err != nil {
			return err
		}
	}
	s.tell("%d readers unsubscribed.", len(list))
	return nil
}

// report prints what there is to know in the end.
func (s *story) report(ctx context.Context) error {
	ctx = marketing(ctx)
	figures, err := s.tracking.Figures(ctx, s.row.Number)
	if err != nil {
		return err
	}
	for _, c := range figures.Counts {
		if c.Kind == track.Click && c.Link == track.AllLinks && c.Readers > 0 && c.Verdict != track.Any {
			s.tell("Clicks judged %s: %d by %d readers.", c.Verdict, c.Events, c.Readers)
		}
	}
	counts, err := s.subscriptions.Counts(ctx)
	if err != nil {
		return err
	}
	for _, c := range counts {
		s.tell("Subscriptions %s: %d.", c.State, c.Count)
	}
	return nil
}
