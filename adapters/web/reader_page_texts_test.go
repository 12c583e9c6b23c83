package web

import "testing"

func TestReaderPagesHaveAllWords(t *testing.T) {
	if missing := readerTexts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
}
