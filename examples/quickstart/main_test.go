package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/crmplus/crmplus/testutil"
)

// years stand in the ERP's numbers and are the only part of the story that depends on the day.
var years = regexp.MustCompile(`\b([A-Z]-?)20\d\d-`)

func TestStory(t *testing.T) {
	out := t.TempDir()
	var told bytes.Buffer
	if err := run(t.Context(), &told, options{out: out}); err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	testutil.Golden(t, "story.txt", years.ReplaceAll(told.Bytes(), []byte("${1}YEAR-")))

	for name, head := range map[string]string{
		"quote-hu.pdf": "%PDF-", "quote-en.pdf": "%PDF-", "quote-he.pdf": "%PDF-", "quote-ru.pdf": "%PDF-", "quote-el.pdf": "%PDF-",
		"sales.xlsx": "PK\x03\x04", "rejects.csv": "\uFEFFCRM+ line;",
	} {
		content, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(content, []byte(head)) {
			t.Errorf("%s begins with %q and should begin with %q", name, content[:min(len(content), 10)], head)
		}
	}
}

func TestStoryNamesWhatDoesNotAddUp(t *testing.T) {
	err := same("the order's gross", "100", "127")
	if err == nil || err.Error() != "the order's gross does not add up: it is 100 and should be 127" {
		t.Errorf("the message is %v", err)
	}
}
