package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever signs in reads, and waits for nobody: an import, or a clerk whose transaction is open, keeps the
// file's one write lock.
func TestLoginWhileSomebodyWrites(t *testing.T) {
	o := openOffice(t)
	c := o.visitor(t).open("/login")
	tx, err := o.db.SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if c.open("/login"); c.status != http.StatusOK {
		t.Fatalf("the login page says %d", c.status)
	}
	c.submit("/login", "who", "HU01/kovacs")
	if c.open("/erp/customers"); c.status != http.StatusOK || !strings.HasSuffix(c.at, "/erp/customers") {
		t.Errorf("the customers of the ERP: %d at %s", c.status, c.at)
	}
}

// A program that is started again on its file knows the people who had signed in, and the links it sent.
func TestKeysOutliveTheProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "erp.db")
	key := func() string {
		t.Helper()
		s := &shop{}
		if err := s.open(file); err != nil {
			t.Fatal(err)
		}
		if err := s.db.SQL().Close(); err != nil {
			t.Fatal(err)
		}
		return string(s.key("links")) + string(s.key("pages"))
	}
	first := key()
	if again := key(); again != first || strings.Repeat(first[:32], 2) == first {
		t.Error("the second start has other keys, or one key for everything")
	}
	if kept, err := os.Stat(file + ".key"); err != nil || kept.Mode().Perm() != 0o600 {
		t.Errorf("the file of the secret: %v, %v", kept, err)
	}
	if err := os.WriteFile(file+".key", []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&shop{}).open(file); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("half a secret was taken: %v", err)
	}
}
