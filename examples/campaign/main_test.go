package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestMain lets the test's own program be the worker that the story starts.
func TestMain(m *testing.M) {
	if os.Getenv(workerVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestStory(t *testing.T) {
	var told bytes.Buffer
	if err := run(t.Context(), &told, 600); err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	for _, want := range []string{"Imported 600 subscribers", "Killed a worker", "Of 601 recipients", "In the end 595 have got theirs once, and 6 have no mailbox.", "readers clicked", "readers unsubscribed"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("%q is not told:\n%s", want, told.String())
		}
	}
	t.Log(told.String())
}
