package activity_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

func TestAttachAndDownload(t *testing.T) {
	pdf := []byte("%PDF-1.7\n1 0 obj")
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Οδυσσέας Ελύτης", "anna")
		out := w.record(w.anna, activity.Deed{Party: id, Kind: activity.FileEntry, Subject: " ", Files: []activity.File{
			{Name: `C:\Users\Anna\Προσφορά 2026.pdf`, Content: pdf},
			{Name: "ajánlat másolata.PDF", Content: pdf},
		}})
		equal(t, "named after its first file", out.Activity.Subject, "Προσφορά 2026.pdf")
		more, err := w.acts.Attach(w.anna, out.Activity.ID, activity.File{Name: "מחירון.csv", Content: []byte("קוד;מחיר\n1;2\n")})
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.acts.Download(w.anna, out.Files[0].ID)
		if err != nil || got.Name != "Προσφορά 2026.pdf" || got.MIME != "application/pdf" || !bytes.Equal(got.Content, pdf) || !got.Inline() {
			t.Errorf("downloaded %q %s %d bytes, %v", got.Name, got.MIME, len(got.Content), err)
		}
		items := w.timeline(w.anna, id)
		if len(items) != 1 || len(items[0].Files) != 3 || items[0].Files[2].Name != "מחירון.csv" {
			t.Fatalf("timeline %+v", items)
		}
		if err := w.acts.Detach(w.anna, more[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.acts.Download(w.anna, more[0].ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("a detached file: %v", err)
		}
		var blobs int
		if err := w.DB.SQL().QueryRow("SELECT COUNT(*) FROM crm_blob WHERE company = '" + w.Company + "'").Scan(&blobs); err != nil || blobs != 2 {
			t.Errorf("%d blobs, %v; the same bytes are kept once, and detached ones until they are swept", blobs, err)
		}

		_, err = w.acts.Attach(w.anna, out.Activity.ID,
			activity.File{Name: "számla.pdf", Content: []byte("MZ\x90\x00\x03\x00\x00\x00")},
			activity.File{Name: "kép.png", Content: pdf},
			activity.File{Name: "üres.txt"},
			activity.File{Name: "nagy.bin", Content: make([]byte, activity.MaxFileSize+1)},
			activity.File{Name: "jó.txt", Content: []byte("jó")})
		equal(t, "faults", paths(err), []string{"files[0] file.type", "files[1] file.type", "files[2] file.empty", "files[3] file.size"})
		many := make([]activity.File, activity.MaxFiles)
		for i := range many {
			many[i] = activity.File{Name: "a.txt", Content: []byte("a")}
		}
		_, err = w.acts.Attach(w.anna, out.Activity.ID, many...)
		equal(t, "too many", paths(err), []string{"files file.count"})
	})
}

func TestFileTypes(t *testing.T) {
	const ole = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old office"
	rows := []struct {
		name, content, mime string
	}{
		{"rajz.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"},
		{"level.docx", "PK\x03\x04...", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"védett.xlsx", ole, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"régi.xls", ole, "application/vnd.ms-excel"},
		{"cp1250.csv", "n\xe9v;\xe1r\r\n", "text/csv; charset=utf-8"},
		{"fotó.JPG", "\xff\xd8\xff\xe0 jpeg", "image/jpeg"},
		{"cég.txt", "MZ/X Motors Kft.", "text/plain; charset=utf-8"},
		{"hang.m4a", "\x00\x00\x00\x20ftypM4A ", "audio/mp4"},
		{"terv.dwg", "AC1032\x00\x00\x01", "application/octet-stream"},
		{"kiterjesztés nélkül", "sima szöveg", "text/plain; charset=utf-8"},
		{"kép.jpg", "%PDF-1.4", ""},
		{"számla.pdf.exe", "%PDF-1.4", ""},
		{"script.txt", "#!/bin/sh\nrm -rf /", ""},
		{"program", "\x7fELF\x02", ""},
		{"parancs.LNK", "x", ""},
		{"bejövő.docx", "<html><body>", ""},
	}
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Файлов Фёдор", "anna")
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				out, err := w.acts.Record(w.anna, activity.Deed{Party: id, Kind: activity.FileEntry, Files: []activity.File{{Name: row.name, Content: []byte(row.content)}}})
				if row.mime == "" {
					equal(t, "faults", paths(err), []string{"files[0] file.type"})
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "mime", out.Files[0].MIME, row.mime)
				if (activity.File{MIME: row.mime}).Inline() && strings.Contains(row.content, "script") {
					t.Error("a browser would run it in place")
				}
			})
		}
	})
}

func TestCleanName(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"plain", "Árajánlat 2026.pdf", "Árajánlat 2026.pdf"},
		{"decomposed letters of a Mac", "A\u0301raja\u0301nlat.pdf", "Árajánlat.pdf"},
		{"folders of both kinds", `..\..\/etc/passwd`, "passwd"},
		{"direction override", "számla\u202efdp.exe", "számlafdp.exe"},
		{"Hebrew", "הצעת מחיר.docx", "הצעת מחיר.docx"},
		{"forbidden characters", `a<b>:"c|d?.txt`, "a_b___c_d_.txt"},
		{"control characters", "a\x00b\r\nc.txt", "ab  c.txt"},
		{"device", "con.txt", "_con.txt"},
		{"device with number", "LPT1", "_LPT1"},
		{"not a device", "Конверт.txt", "Конверт.txt"},
		{"dots and blanks", " ...rejtett. . ", "rejtett"},
		{"nothing left", "///", "file"},
		{"broken UTF-8", "\xff\xfe", "file"},
		{"too long keeps its extension", strings.Repeat("ű", 300) + ".xlsx", strings.Repeat("ű", 195) + ".xlsx"},
		{"long in UTF-16", strings.Repeat("😀", 150), strings.Repeat("😀", 100)},
	} {
		t.Run(row.name, func(t *testing.T) { equal(t, "name", activity.CleanName(row.in), row.want) })
	}
}

func FuzzCleanName(f *testing.F) {
	for _, seed := range []string{"Árajánlat.pdf", `C:\a\b.txt`, "con.txt", "x\u202ey.exe", "הצעה.docx", strings.Repeat("😀.", 120), ". .", "COM1 .txt", "e\u0301.\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := activity.CleanName(in)
		if out == "" || out != strings.TrimRight(out, " .") || strings.ContainsAny(out, "/\\<>:\"|?*\x00\r\n\u202e") || !utf8.ValidString(out) {
			t.Errorf("%q became %q", in, out)
		}
		if n := len(utf16.Encode([]rune(out))); n > activity.MaxFileName {
			t.Errorf("%q became %d long", in, n)
		}
		if again := activity.CleanName(out); again != out {
			t.Errorf("%q became %q, then %q", in, out, again)
		}
	})
}

func TestTexts(t *testing.T) {
	if missing := activity.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	named := map[string]string{}
	for _, k := range activity.Kinds {
		named["kind."+string(k)] = k.In(locale.Greek)
	}
	for _, s := range []activity.State{activity.Planned, activity.Waiting, activity.Done, activity.Cancelled} {
		named["state."+string(s)] = s.In(locale.Russian)
	}
	for _, d := range []activity.Direction{activity.In, activity.Out} {
		named["direction."+string(d)] = d.In(locale.Hebrew)
	}
	for _, win := range activity.Windows {
		named["window."+string(win)] = win.In(locale.Hungarian)
	}
	for key, text := range named {
		if text == key {
			t.Errorf("%s has no text", key)
		}
	}
	if len(named) != len(activity.Texts) {
		t.Errorf("%d texts for %d names", len(activity.Texts), len(named))
	}
}
