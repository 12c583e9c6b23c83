package track_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/newsletter/track"
)

func november(day int) time.Time { return time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC) }

func TestOutcomesAreCredited(t *testing.T) {
	touches := []track.Touch{
		{Campaign: 3, Party: "kovacs", At: november(20)},
		{Campaign: 1, Party: "kovacs", At: november(2)},
		{Campaign: 2, Party: "kovacs", At: november(10)},
		{Campaign: 1, Party: "kovacs", At: november(12)},
		{Campaign: 9, Party: "petrov", At: november(1)},
	}
	order := func(party string, day int, value, currency string) track.Outcome {
		return track.Outcome{ID: "R-1", Party: party, At: november(day), Value: money.MustAmount(value), Currency: currency}
	}
	tests := []struct {
		name    string
		by      track.Attribution
		outcome track.Outcome
		want    string
	}{
		{"first", track.Attribution{Model: track.FirstTouch}, order("kovacs", 15, "1000", "HUF"), "1:1000/100"},
		{"last", track.Attribution{Model: track.LastTouch}, order("kovacs", 11, "1000", "HUF"), "2:1000/100"},
		{"last, of a campaign that touched before", track.Attribution{Model: track.LastTouch}, order("kovacs", 15, "1000", "HUF"), "1:1000/100"},
		{"linear, each campaign once", track.Attribution{Model: track.LinearTouch}, order("kovacs", 15, "1001", "HUF"), "1:501/50 2:500/50"},
		{"linear, cents", track.Attribution{Model: track.LinearTouch}, order("kovacs", 25, "100", "EUR"), "1:33.34/33.3334 2:33.33/33.3333 3:33.33/33.3333"},
		{"a credit note", track.Attribution{Model: track.LinearTouch}, order("kovacs", 15, "-1001", "HUF"), "1:-501/50 2:-500/50"},
		{"within a week", track.Attribution{Model: track.FirstTouch, Window: 7 * 24 * time.Hour}, order("kovacs", 15, "10", "EUR"), "2:10/100"},
		{"the edges of the window count", track.Attribution{Model: track.LinearTouch, Window: 2 * 24 * time.Hour}, order("kovacs", 12, "10", "EUR"), "2:5/50 1:5/50"},
		{"what came before all touches", track.Attribution{Model: track.LastTouch}, order("kovacs", 1, "10", "EUR"), ""},
		{"somebody nobody wrote to", track.Attribution{Model: track.LastTouch}, order("levi", 15, "10", "EUR"), ""},
		{"somebody else", track.Attribution{Model: track.LastTouch}, order("petrov", 15, "10", "EUR"), "9:10/100"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			credits, err := test.by.Credits(touches, []track.Outcome{test.outcome})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range credits {
				if c.Outcome != "R-1" || c.Currency != test.outcome.Currency {
					t.Errorf("the credit is %+v", c)
				}
				got = append(got, fmt.Sprintf("%d:%s/%s", c.Campaign, c.Value, c.Share))
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
	if _, err := (track.Attribution{Model: "middle"}).Credits(touches, nil); !errors.Is(err, fault.Invalid) {
		t.Errorf("a model nobody knows gives %v", err)
	}
}

func TestCreditsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var touches []track.Touch
		for range rapid.IntRange(1, 12).Draw(t, "touches") {
			touches = append(touches, track.Touch{Campaign: rapid.Int64Range(1, 7).Draw(t, "campaign"), Party: "a", At: november(rapid.IntRange(1, 20).Draw(t, "day"))})
		}
		value := money.AmountFromScaled(rapid.Int64Range(-1e9, 1e9).Draw(t, "value"))
		by := track.Attribution{Model: rapid.SampledFrom([]track.Model{track.FirstTouch, track.LastTouch, track.LinearTouch}).Draw(t, "model")}
		outcome := []track.Outcome{{ID: "1", Party: "a", At: november(20), Value: value, Currency: "EUR"}}
		credits, err := by.Credits(touches, outcome)
		if err != nil {
			t.Fatal(err)
		}
		var sum money.Amount
		var share money.Percent
		for _, c := range credits {
			sum, share = sum.Add(c.Value), share.Add(c.Share)
		}
		if !sum.Equal(money.Round(value, "EUR")) || share.String() != "100" {
			t.Fatalf("%s is credited as %s and %s %%", value, sum, share)
		}
		slices.Reverse(touches)
		again, err := by.Credits(touches, outcome)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(credits) {
			t.Fatalf("in another order of touches it is %v instead of %v", again, credits)
		}
	})
}
