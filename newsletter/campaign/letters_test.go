package campaign_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

const pages = "https://hirlevel.fenyforras.example/n/"

func newLetters(t testing.TB) (*campaign.Letters, *track.Keys) {
	t.Helper()
	keys, err := track.NewKeys(track.Key{ID: 1, Secret: bytes.Repeat([]byte("k"), 32)})
	if err != nil {
		t.Fatal(err)
	}
	letters, err := campaign.NewLetters(campaign.LettersConfig{Keys: keys, Base: pages, Readers: func(ctx context.Context, s *store.Session, q campaign.ReaderQuery) ([]content.Reader, error) {
		list, err := new(campaign.Directory).Readers(ctx, s, q)
		for i, r := range q.Rows {
			list[i].Unsubscribe = pages + "s/u/" + keys.Token(track.Token{Kind: track.Unsubscribe, Campaign: q.Campaign.Number, Seq: uint32(r.Seq)})
			list[i].Preference = list[i].Unsubscribe
		}
		return list, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	return letters, keys
}

// designs are a newsletter with five links and paragraphs of text.
func designs(t testing.TB, paragraphs int) []campaign.Content {
	t.Helper()
	var list []campaign.Content
	for _, d := range []struct {
		language locale.Language
		subject  string
	}{{locale.Hungarian, "{{first_name|Kedves Olvasónk}}, tavaszi kínálat"}, {locale.Greek, "Ανοιξιάτικες προσφορές"}} {
		design := content.Design{Language: d.language, Subject: d.subject, Blocks: []content.Block{{Heading: &content.Heading{Text: "Tavaszi kínálat"}}}}
		for i := range 5 {
			design.Blocks = append(design.Blocks,
				content.Block{Text: &content.Text{HTML: "{{salutation}}\n\n" + strings.Repeat("<p>Árvíztűrő tükörfúrógép, tizennégy munkahelyre, tavaszi áron és házhoz szállítva.</p>", paragraphs)}},
				content.Block{Button: &content.Button{Label: "Megnézem", URL: fmt.Sprintf("https://fenyforras.example/termek/%d", i)}})
		}
		design.Blocks = append(design.Blocks, content.Block{Footer: &content.Footer{Company: "Fényforrás Kft.", Address: "1117 Budapest, Budafoki út 56."}})
		text, err := json.Marshal(design)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, campaign.Content{Language: d.language, Design: string(text)})
	}
	return list
}

// overSMTP sends over SMTP to a sink on this machine.
func overSMTP(t testing.TB, c *campaign.Config, o mailtest.SinkOptions) *mailtest.Sink {
	t.Helper()
	sink := mailtest.StartSink(t, o)
	bulk, err := smtp.NewBulk(smtp.BulkConfig{Config: smtp.Config{Host: sink.Host, Port: sink.Port, TLS: smtp.None}})
	if err != nil {
		t.Fatal(err)
	}
	c.Transports = map[string]campaign.Transport{"": {Transport: bulk}}
	return sink
}

func TestLettersReachAServer(t *testing.T) {
	letters, keys := newLetters(t)
	var mu sync.Mutex
	got := map[string]mailtest.Delivery{}
	w := newWorld(t, testutil.SQLite(t), func(c *campaign.Config) {
		c.Composer = letters
		overSMTP(t, c, mailtest.SinkOptions{Taken: func(d mailtest.Delivery) {
			mu.Lock()
			defer mu.Unlock()
			d.Data = bytes.Clone(d.Data)
			got[d.To[0]] = d
		}})
	})
	w.readers(30)
	row := w.scheduled(plan(), designs(t, 2))
	w.work()
	is(t, "sent", w.consistent(row.ID).Sent, int64(30))
	is(t, "arrived", len(got), 30)
	row = w.get(row.ID)
	for _, r := range w.rows(row.ID, "") {
		d := got[r.Address]
		number, seq, ok := keys.ReadReturnPath(d.From)
		if !ok || number != row.Number || int(seq) != r.Seq {
			t.Errorf("%s: the return path %s leads to %d %d", r.Address, d.From, number, seq)
		}
		msg, err := netmail.ReadMessage(bytes.NewReader(d.Data))
		if err != nil {
			t.Fatal(err)
		}
		token, found := strings.CutPrefix(msg.Header.Get("List-Unsubscribe"), "<"+pages+"s/u/")
		if who, err := keys.Read(track.Unsubscribe, strings.TrimSuffix(token, ">")); !found || err != nil || int(who.Seq) != r.Seq {
			t.Errorf("%s: List-Unsubscribe is %s", r.Address, msg.Header.Get("List-Unsubscribe"))
		}
		links := clicks(t, keys, msg)
		// The Greek content is before the Hungarian one, with as many links.
		first := 5
		if r.Language == locale.Greek {
			first = 0
		}
		for i := range 5 {
			if !links[track.Token{Kind: track.Click, Campaign: row.Number, Seq: uint32(r.Seq), Link: uint16(first + i)}] {
				t.Fatalf("%s in %s has no link %d: %v", r.Address, r.Language, first+i, links)
			}
		}
	}
	contents, err := w.campaigns.Contents(w.vera, row.ID)
	w.ok(err)
	links, err := letters.Links(contents)
	w.ok(err)
	is(t, "links", len(links), 10)
	is(t, "the second link of the Hungarian content", links[6], "https://fenyforras.example/termek/1")
}

// TestFilesGoWithLetters: what the author attached arrives as it is, and files that are not there any more, too large or
// programs are refused.
func TestFilesGoWithLetters(t *testing.T) {
	letters, _ := newLetters(t)
	var mu sync.Mutex
	var got [][]byte
	w := newWorld(t, testutil.SQLite(t), func(c *campaign.Config) {
		c.Composer = letters
		overSMTP(t, c, mailtest.SinkOptions{Taken: func(d mailtest.Delivery) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, bytes.Clone(d.Data))
		}})
	})
	w.readers(3)
	price := append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("árlista "), 5000)...)
	file, err := w.campaigns.KeepFile(w.vera, activity.File{Name: "Tavaszi árlista.pdf", Content: price})
	w.ok(err)
	contents := designs(t, 1)[:1]
	attach := func(files ...content.File) {
		t.Helper()
		d, err := content.Decode(contents[0].Design, contents[0].Language, "")
		w.ok(err)
		d.Files = files
		text, err := json.Marshal(d)
		w.ok(err)
		contents[0].Design = string(text)
	}
	attach(file)
	row := w.scheduled(plan(), contents)
	w.work()
	is(t, "sent", w.consistent(row.ID).Sent, int64(3))
	for _, data := range got {
		msg, err := netmail.ReadMessage(bytes.NewReader(data))
		w.ok(err)
		_, parameters, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
		w.ok(err)
		parts := multipart.NewReader(msg.Body, parameters["boundary"])
		_, err = parts.NextPart() // the letter
		w.ok(err)
		part, err := parts.NextPart()
		w.ok(err)
		arrived, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		w.ok(err)
		if part.FileName() != "Tavaszi árlista.pdf" || !bytes.Equal(arrived, price) || part.Header.Get("Content-Type") != "application/pdf" {
			t.Errorf("what arrived is %v with %d bytes", part.Header, len(arrived))
		}
	}
	file.Hash = "none"
	attach(file)
	row = w.scheduled(plan(), contents)
	w.work()
	is(t, "state without the file", w.get(row.ID).State, campaign.Paused)
	for name, bad := range map[string]activity.File{
		"program": {Name: "ajánlat.exe", Content: []byte("MZ\x90\x00")}, "size": {Name: "nagy.pdf", Content: append([]byte("%PDF-1.4\n"), make([]byte, content.MaxFilesSize)...)}, "empty": {Name: "üres.pdf"},
	} {
		if _, err := w.campaigns.KeepFile(w.vera, bad); len(fault.Of(err)) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.campaigns.KeepFile(w.As("kovacs", actor.Seller, actor.All), activity.File{Name: "a.txt", Content: []byte("a")}); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("a seller: %v", err)
	}
	if faults := (content.Design{Language: locale.English, Files: make([]content.File, 6)}).Check(nil); !slices.ContainsFunc(faults, func(f fault.Fault) bool { return f.Code == "files.count" }) {
		t.Errorf("six files: %v", faults)
	}
}

var clickLink = regexp.MustCompile(regexp.QuoteMeta(pages+campaign.ClickPath) + `([A-Za-z0-9_-]+)`)

// clicks are the tokens of the links of a message.
func clicks(t *testing.T, keys *track.Keys, msg *netmail.Message) map[track.Token]bool {
	t.Helper()
	_, parameters, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[track.Token]bool{}
	parts := multipart.NewReader(msg.Body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range clickLink.FindAllSubmatch(text, -1) {
			token, err := keys.Read(track.Click, string(found[1]))
			if err != nil {
				t.Errorf("a link has no good token: %v", err)
			}
			list[token] = true
		}
	}
}

func TestLettersNeedKeysAndAnAddress(t *testing.T) {
	_, err := campaign.NewLetters(campaign.LettersConfig{Base: "news.example"})
	wantCode(t, err, fault.Invalid)
	is(t, "faults", paths(err), "keys base readers")
}

func TestDesignThatCannotBeUsedPausesTheCampaign(t *testing.T) {
	letters, _ := newLetters(t)
	w := newWorld(t, testutil.SQLite(t), func(c *campaign.Config) { c.Composer = letters })
	w.readers(3)
	row := w.scheduled(plan(), []campaign.Content{{Language: locale.Hungarian, Subject: "Tavasz", Design: `{"blocks":[{"text":{"html":"{{nosuchfield}}"}}]}`}})
	w.work()
	row = w.get(row.ID)
	is(t, "state", string(row.State)+" "+row.ReasonCode, "paused content")
	is(t, "arrived", w.sink.messages(t), 0)
}

// BenchmarkCampaign sends a newsletter of some 15 KB with five counted links from the schedule to the last commit,
// over SMTP to a sink in this process, whose share is in the figures.
func BenchmarkCampaign(b *testing.B) {
	for range b.N {
		b.StopTimer()
		letters, _ := newLetters(b)
		var sink *mailtest.Sink
		w := newWorld(b, testutil.SQLite(b), func(c *campaign.Config) {
			c.Chunk, c.Window, c.Turn, c.Composer = 0, 0, time.Hour, letters
			sink = overSMTP(b, c, mailtest.SinkOptions{})
		})
		w.readers(benchRows())
		row := w.scheduled(plan(), designs(b, 3))
		runtime.GC()
		before := processor()
		b.StartTimer()
		w.work()
		b.StopTimer()
		b.ReportMetric(float64((processor()-before).Microseconds())/float64(benchRows()), "us-cpu/msg")
		is(b, "sent", int(w.progress(row.ID).All.Sent), benchRows())
		is(b, "arrived", int(sink.Messages.Load()), benchRows())
	}
	b.ReportMetric(float64(benchRows())*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(resident(), "MB")
}
