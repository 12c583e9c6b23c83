package bounce_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/newsletter/bounce"
)

func TestAnswersAreClassified(t *testing.T) {
	tests := []struct {
		answer string
		status string
		want   bounce.Class
	}{
		{"550 5.1.1 <anna@pelda.hu>: user unknown", "5.1.1", bounce.Hard},
		{"550-5.1.1 The email account that you tried to reach does not exist.\r\n550 5.1.1 gsmtp", "5.1.1", bounce.Hard},
		{"550 5.1.2 bad destination system", "5.1.2", bounce.Hard},
		{"556 5.1.10 recipient domain has a null MX", "5.1.10", bounce.Hard},
		{"550 5.1.8 sender's domain does not resolve", "5.1.8", bounce.Own},
		{"550 5.1.1 blocked by Spamhaus", "5.1.1", bounce.Own},
		{"550 5.1.0 rejected", "5.1.0", bounce.Soft},
		{"550 5.2.1 mailbox disabled", "5.2.1", bounce.Hard},
		{"552 5.2.2 mailbox full", "5.2.2", bounce.Soft},
		{"552 5.2.3 message too large", "5.2.3", bounce.Own},
		{"552 5.3.4 message size exceeds fixed limit", "5.3.4", bounce.Own},
		{"550 5.4.1 Recipient address rejected: Access denied", "5.4.1", bounce.Hard},
		{"550 5.4.4 host not found", "5.4.4", bounce.Hard},
		{"554 5.4.6 routing loop", "5.4.6", bounce.Soft},
		{"500 5.5.1 command unrecognized", "5.5.1", bounce.Own},
		{"554 5.6.0 bad message", "5.6.0", bounce.Own},
		{"550 5.7.1 relaying denied", "5.7.1", bounce.Own},
		{"550 5.7.1 user unknown", "5.7.1", bounce.Own},
		{"550 5.7.26 unauthenticated mail from minta.hu", "5.7.26", bounce.Own},
		{"421 4.7.0 try again later", "4.7.0", bounce.Temporary},
		{"451 4.3.0 greylisted", "4.3.0", bounce.Temporary},
		{"452 4.2.2 mailbox full", "4.2.2", bounce.Temporary},
		{"451 5.1.1 the reply counts", "4.1.1", bounce.Temporary},
		{"450 greylisted", "", bounce.Temporary},
		{"550 No such user here", "", bounce.Hard},
		{"550 Nincs ilyen felhasználó", "", bounce.Hard},
		{"550 Пользователь не найден", "", bounce.Hard},
		{"550 Ο χρήστης δεν υπάρχει", "", bounce.Hard},
		{"550 המשתמש לא נמצא, הכתובת אינו קיים", "", bounce.Hard},
		{"550 rejected", "", bounce.Soft},
		{"552 exceeded storage allocation", "", bounce.Soft},
		{"554 Message rejected: content looks like spam", "", bounce.Own},
		{"521 host does not accept mail", "", bounce.Hard},
		{"530 authentication required", "", bounce.Own},
		{"250 2.0.0 ok", "", bounce.None},
		{"the server answered to RCPT TO: 550 5.1.1 user unknown", "5.1.1", bounce.Hard},
		{"connection reset by 192.5.1.1", "", bounce.Soft},
		{"", "", bounce.Soft},
	}
	for _, test := range tests {
		t.Run(test.answer, func(t *testing.T) {
			got := bounce.ParseAnswer(test.answer)
			if got.Class != test.want || got.Status.String() != test.status {
				t.Errorf("%q is %s with status %q, want %s with %q", test.answer, got.Class, got.Status, test.want, test.status)
			}
		})
	}
}

// TestNobodyIsSuppressedForUs: whatever the words, an answer on security or policy is about us, and one that
// asks to try again decides nothing.
func TestNobodyIsSuppressedForUs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := bounce.Code{Class: 5, Subject: 7, Detail: rapid.IntRange(0, 30).Draw(t, "detail")}
		text := rapid.SampledFrom([]string{"user unknown", "mailbox full", "does not exist", "host not found", ""}).Draw(t, "text")
		reply := rapid.IntRange(500, 559).Draw(t, "reply")
		if c := bounce.Classify(code, reply, text); c != bounce.Own {
			t.Fatalf("%d %s %s is %s", reply, code, text, c)
		}
		code.Class, code.Subject = 4, rapid.IntRange(0, 7).Draw(t, "subject")
		if c := bounce.Classify(code, reply, text); c != bounce.Temporary {
			t.Fatalf("%d %s %s is %s", reply, code, text, c)
		}
	})
}

func TestLimits(t *testing.T) {
	day := func(n float64, c bounce.Class) bounce.Past {
		return bounce.Past{At: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(n * 24 * float64(time.Hour))), Class: c}
	}
	soft := func(days ...float64) (all []bounce.Past) {
		for _, d := range days {
			all = append(all, day(d, bounce.Soft))
		}
		return all
	}
	tests := []struct {
		name    string
		limits  bounce.Limits
		history []bounce.Past
		want    bool
	}{
		{"nothing", bounce.Limits{}, nil, false},
		{"one hard bounce", bounce.Limits{}, []bounce.Past{day(0, bounce.Hard)}, true},
		{"our own fault, a hundred times", bounce.Limits{}, slicesOf(100, day(0, bounce.Own)), false},
		{"temporary, a hundred times", bounce.Limits{}, slicesOf(100, day(0, bounce.Temporary)), false},
		{"four soft ones", bounce.Limits{}, soft(0, 2, 4, 6), false},
		{"five soft ones in a week", bounce.Limits{}, soft(0, 2, 4, 6, 7), true},
		{"five soft ones in a day", bounce.Limits{}, soft(0, 0.1, 0.2, 0.3, 0.9), false},
		{"five in a day and another one next week", bounce.Limits{}, soft(0, 0.1, 0.2, 0.3, 0.9, 7), true},
		{"five soft ones in half a year", bounce.Limits{}, soft(0, 40, 80, 120, 160), false},
		{"a sign of life between them", bounce.Limits{}, append(append(soft(0, 2, 4, 6), day(6.5, bounce.None)), soft(7, 8)...), false},
		{"a sign of life after a hard bounce", bounce.Limits{}, []bounce.Past{day(0, bounce.Hard), day(1, bounce.None)}, false},
		{"two hard ones wanted, one there", bounce.Limits{Hard: 2, Soft: 3, Within: time.Hour}, []bounce.Past{day(0, bounce.Hard)}, false},
		{"three within the hour, without a least span", bounce.Limits{Hard: 2, Soft: 3, Within: time.Hour}, soft(0, 0.01, 0.02), true},
		{"soft ones never count", bounce.Limits{Hard: 1}, soft(0, 1, 2, 3, 4, 5, 6, 7), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := test.limits.Decide(test.history)
			if d.Stop != test.want || d.Stop != (d.Reason != "") {
				t.Errorf("decided %+v, want %v", d, test.want)
			}
		})
	}
}

func slicesOf(n int, p bounce.Past) []bounce.Past {
	all := make([]bounce.Past, n)
	for i := range all {
		all[i] = p
	}
	return all
}

func FuzzParseAnswer(f *testing.F) {
	f.Add("550 5.1.1 user unknown")
	f.Add("550-5.1.1 a\r\n550 5.1.1 b")
	f.Add(strings.Repeat("5.1.1 ", 1000))
	f.Fuzz(func(t *testing.T, text string) {
		if a := bounce.ParseAnswer(text); a.Class == "" || len(a.Text) > 500 {
			t.Errorf("%q gives %+v", text, a)
		}
	})
}
