package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/quote"
)

// measure is a visit at the customer's, from which a floor plan was brought.
func (sc *scene) measure(ctx context.Context, row lead.Row, o opportunity.Opportunity, at time.Time) error {
	plan, err := floorPlan()
	if err != nil {
		return err
	}
	_, err = sc.module.Activities.Record(ctx, activity.Deed{
		Party: row.PartyID, Opportunity: activity.OpportunityID(o.ID), Kind: activity.Meeting, Subject: sc.phrase(6), Body: sc.phrase(14), At: at, Minutes: 60,
		Files: []activity.File{{Name: sc.phrase(15), Content: plan}},
	})
	return err
}

// file keeps the quote that came back signed.
func (sc *scene) file(ctx context.Context, row lead.Row, q quote.Quote) error {
	pdf, err := sc.module.Quotes.PDF(ctx, q.ID)
	if err != nil {
		return err
	}
	_, err = sc.module.Activities.Record(ctx, activity.Deed{
		Party: row.PartyID, Opportunity: q.OpportunityID, Kind: activity.FileEntry, Subject: sc.phrase(16), At: sc.clock.now(),
		Files: []activity.File{{Name: q.Number + ".pdf", Content: pdf}},
	})
	return err
}

// send mails an issued quote to whom it is for, within the last hours, so that the letter still goes out.
func (sc *scene) send(ctx context.Context, q quote.Quote, i int) error {
	letter, err := sc.module.Quotes.SendPreview(ctx, q.ID, "")
	if err != nil || len(letter.To) == 0 {
		return err
	}
	sc.clock.move(sc.today.Add(-time.Duration(1+i%12) * time.Hour))
	_, err = sc.module.Quotes.Send(ctx, q.ID, letter.SendInput)
	return err
}

// floorPlan is the plan of an office: walls, two rooms, and desks in them. It is drawn once.
var floorPlan = sync.OnceValues(drawPlan)

func drawPlan() ([]byte, error) {
	paper := image.NewGray(image.Rect(0, 0, 640, 420))
	fill := func(x0, y0, x1, y1 int, grey uint8) {
		draw.Draw(paper, image.Rect(x0, y0, x1, y1), image.NewUniform(color.Gray{Y: grey}), image.Point{}, draw.Src)
	}
	fill(0, 0, 640, 420, 255)
	fill(40, 40, 600, 380, 60)
	fill(48, 48, 592, 372, 250)
	fill(340, 48, 348, 372, 60)
	fill(340, 180, 348, 250, 250)
	for _, x := range []int{80, 200, 380, 490} {
		for _, y := range []int{80, 190, 300} {
			fill(x, y, x+80, y+44, 150)
			fill(x+3, y+3, x+77, y+41, 225)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, paper); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
