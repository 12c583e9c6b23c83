package track_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/track"
)

func secret(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func keys(t testing.TB, ids ...uint8) *track.Keys {
	t.Helper()
	var all []track.Key
	for _, id := range ids {
		all = append(all, track.Key{ID: id, Secret: secret(id)})
	}
	k, err := track.NewKeys(all...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTokensAreReadBack(t *testing.T) {
	k := keys(t, 7)
	rapid.Check(t, func(t *rapid.T) {
		want := track.Token{
			Kind:     rapid.SampledFrom([]track.Kind{track.Click, track.Open, track.Unsubscribe, track.Preference, track.View}).Draw(t, "kind"),
			Campaign: rapid.Int64Range(0, math.MaxInt64).Draw(t, "campaign"), Seq: rapid.Uint32().Draw(t, "seq"),
			Link: rapid.Uint16().Draw(t, "link"), Unmeasured: rapid.Bool().Draw(t, "unmeasured"),
		}
		text := k.Token(want)
		got, err := k.Read(want.Kind, text)
		if err != nil || got != want {
			t.Fatalf("%q gives %+v, %v; want %+v", text, got, err, want)
		}
	})
}

func TestTokensOfOthersAreRefused(t *testing.T) {
	ours := keys(t, 7)
	token := track.Token{Kind: track.Click, Campaign: 42, Seq: 1000, Link: 3}
	text := ours.Token(token)
	if len(text) > 40 {
		t.Errorf("a token takes %d characters", len(text))
	}
	same := func(id uint8, by byte) *track.Keys {
		k, err := track.NewKeys(track.Key{ID: id, Secret: secret(by)})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	tests := []struct {
		name, text string
		kind       track.Kind
	}{
		{"none", "", track.Click},
		{"another kind", text, track.Unsubscribe},
		{"an open taken for a click", ours.Token(track.Token{Kind: track.Open, Campaign: 42, Seq: 1000}), track.Click},
		{"signed with an unknown key", keys(t, 9).Token(token), track.Click},
		{"another secret under the same number", same(7, 1).Token(token), track.Click},
		{"cut short", text[:len(text)-1], track.Click},
		{"with something after it", text + "A", track.Click},
		{"the padding of standard base64", text + "=", track.Click},
		{"not base64", "żółć" + text, track.Click},
		{"very long", strings.Repeat(text, 100), track.Click},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, err := ours.Read(test.kind, test.text); !errors.Is(err, fault.NotFound) || got != (track.Token{}) {
				t.Errorf("%q gives %+v, %v", test.text, got, err)
			}
		})
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		for _, kind := range []track.Kind{track.Click, track.Open, track.Unsubscribe, track.Preference, track.View} {
			if got, err := ours.Read(kind, base64.RawURLEncoding.EncodeToString(raw)); err == nil {
				t.Errorf("with bit %d changed it says %+v", bit, got)
			}
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
}

func TestOldKeysReadWhatTheySigned(t *testing.T) {
	before, after := keys(t, 1), keys(t, 2, 1)
	token := track.Token{Kind: track.Unsubscribe, Campaign: 5, Seq: 77}
	if got, err := after.Read(track.Unsubscribe, before.Token(token)); err != nil || got != token {
		t.Errorf("after the change of keys an old link gives %+v, %v", got, err)
	}
	if _, err := before.Read(track.Unsubscribe, after.Token(token)); err == nil {
		t.Error("the new keys still sign with the old one")
	}
	address := before.ReturnPath(5, 77, "bounce.minta.hu")
	if c, seq, ok := after.ReadReturnPath(address); !ok || c != 5 || seq != 77 {
		t.Errorf("after the change of keys %s gives %d, %d, %v", address, c, seq, ok)
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	tests := []struct {
		name string
		keys []track.Key
		want []string
	}{
		{"none", nil, []string{"keys"}},
		{"no number and a short secret", []track.Key{{Secret: []byte("short")}}, []string{"keys[0].id", "keys[0].secret"}},
		{"one number twice", []track.Key{{ID: 1, Secret: secret(1)}, {ID: 1, Secret: secret(2)}}, []string{"keys[1].id"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := track.NewKeys(test.keys...)
			var paths []string
			for _, f := range fault.Of(err) {
				paths = append(paths, f.Path)
			}
			if strings.Join(paths, " ") != strings.Join(test.want, " ") {
				t.Errorf("faults at %v, want %v", paths, test.want)
			}
		})
	}
}

func TestReturnPaths(t *testing.T) {
	k := keys(t, 3)
	address := k.ReturnPath(123456, 1000000, "bounce.minta.hu")
	local, domain, _ := strings.Cut(address, "@")
	if domain != "bounce.minta.hu" || len(local) > 64 || !strings.HasPrefix(local, "b-2n9c-lfls-") {
		t.Errorf("the return path is %s", address)
	}
	mac := local[strings.LastIndexByte(local, '-')+1:]
	if len(mac) != 8 {
		t.Errorf("the signature %s has %d characters", mac, len(mac))
	}
	tests := []struct {
		name, address string
		want          bool
	}{
		{"as it was made", address, true},
		{"in capitals, as some servers write it", strings.ToUpper(address), true},
		{"in angle brackets", "<" + address + ">", true},
		{"without domain", local, true},
		{"another reader", strings.Replace(address, "-lfls-", "-lflt-", 1), false},
		{"another campaign", strings.Replace(address, "b-2n9c", "b-2n9d", 1), false},
		{"another signature", strings.Replace(address, mac, "aaaaaaaa", 1), false},
		{"a sign", strings.Replace(address, "b-2n9c", "b-+2n9c", 1), false},
		{"an ordinary address", "anna.kovacs@minta.hu", false},
		{"nothing", "", false},
		{"a number beyond all", "b-zzzzzzzzzzzzzzzzzzzz-1-" + mac + "@x.hu", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			campaign, seq, ok := k.ReadReturnPath(test.address)
			if ok != test.want || ok && (campaign != 123456 || seq != 1000000) {
				t.Errorf("%s gives %d, %d, %v", test.address, campaign, seq, ok)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		campaign, seq := rapid.Int64Range(0, math.MaxInt64).Draw(t, "campaign"), rapid.Uint32().Draw(t, "seq")
		if c, n, ok := k.ReadReturnPath(k.ReturnPath(campaign, seq, "x.hu")); !ok || c != campaign || n != seq {
			t.Fatalf("%d, %d comes back as %d, %d, %v", campaign, seq, c, n, ok)
		}
	})
}

func FuzzToken(f *testing.F) {
	k := keys(f, 1)
	f.Add(k.Token(track.Token{Kind: track.Click, Campaign: 1, Seq: 2, Link: 3}))
	f.Add(k.ReturnPath(1, 2, "x.hu"))
	f.Add("AQFgYGBg")
	f.Fuzz(func(t *testing.T, text string) {
		if token, err := k.Read(track.Click, text); err == nil && k.Token(token) != text {
			t.Errorf("%q is a second spelling of %+v", text, token)
		}
		if campaign, seq, ok := k.ReadReturnPath(text); ok && !strings.Contains(strings.ToLower(text), strings.TrimSuffix(k.ReturnPath(campaign, seq, ""), "@")) {
			t.Errorf("%q is read as %d, %d", text, campaign, seq)
		}
	})
}

func BenchmarkToken(b *testing.B) {
	k := keys(b, 1)
	token := track.Token{Kind: track.Click, Campaign: 42, Seq: 123456, Link: 3}
	text := k.Token(token)
	room := make([]byte, 0, 128)
	b.Run("make", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			room = k.Append(room[:0], token)
		}
	})
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := k.Read(track.Click, text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("return path", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			room = k.AppendReturnPath(room[:0], 42, 123456, "bounce.minta.hu")
		}
	})
}
