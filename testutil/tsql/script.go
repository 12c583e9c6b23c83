package tsql

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type mode int

const (
	replaying mode = iota
	comparing
	recording
)

// errStopped is what a statement gets that differs from the file, and every one after it.
var errStopped = errors.New("tsql: the test has left its golden file; see the first failure")

// script is the golden file while a test runs through it.
type script struct {
	t    testing.TB
	path string
	mode mode

	mu sync.Mutex
	// entries are the file's, or while recording those so far; at is the next one to be sent.
	entries []entry
	at      int
	stopped bool
}

// send passes a request through the script. ask puts it to the server; it is not called while
// replaying.
func (s *script) send(r request, ask func() (answer, error)) (answer, error) {
	i, err := s.advance(r)
	if err != nil {
		return answer{}, err
	}
	if s.mode == replaying {
		return s.entries[i].answer, nil
	}
	a, err := ask()
	if s.mode == recording {
		s.keep(i, a, err)
	}
	return a, err
}

// advance takes the request as the next one and gives its place.
func (s *script) advance(r request) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return 0, errStopped
	}
	for _, fault := range Lint(r.statement) {
		s.t.Errorf("%s: %s\nin: %s", s.path, fault, r.statement)
	}
	for _, a := range r.arguments {
		if fault := lintArgument(a); fault != "" {
			s.t.Errorf("%s: %s\nin: %s\n%s", s.path, fault, r.statement, a)
		}
	}
	if s.mode == recording {
		s.entries = append(s.entries, entry{request: r})
		return len(s.entries) - 1, nil
	}
	if s.at == len(s.entries) {
		return 0, s.stop("%s: the file ends, but the test goes on:\n%s", s.path, r.text())
	}
	want := s.entries[s.at]
	if want.text() != r.text() {
		return 0, s.stop("%s:%d: statement %d differs (-file +sent):\n%s", s.path, want.line, s.at+1, difference(want.request, r))
	}
	s.at++
	return s.at - 1, nil
}

func (s *script) stop(format string, args ...any) error {
	s.stopped = true
	s.t.Errorf(format, args...)
	return errStopped
}

// refuse fails the test for a statement that must not be sent at all.
func (s *script) refuse(format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errStopped
	}
	return s.stop(format, args...)
}

// difference shows two requests clause by clause, because generated SQL is one long line.
func difference(want, got request) string {
	lines := func(r request) []string {
		return strings.Split(strings.TrimSuffix(clauses.Replace(r.text()), "\n"), "\n")
	}
	return cmp.Diff(lines(want), lines(got))
}

var clauses = strings.NewReplacer(
	", ", ",\n    ", " FROM ", "\n  FROM ", " WHERE ", "\n  WHERE ", " AND ", "\n    AND ", " OR ", "\n    OR ",
	" SET ", "\n  SET ", " VALUES ", "\n  VALUES ", " GROUP BY ", "\n  GROUP BY ", " ORDER BY ", "\n  ORDER BY ",
	" OFFSET ", "\n  OFFSET ", " JOIN ", "\n  JOIN ", "; ", ";\n",
)

func (s *script) keep(i int, a answer, failed error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed != nil {
		s.t.Errorf("%s: statement %d got no answer of the server, and only those can be recorded: %v", s.path, i+1, failed)
		return
	}
	if s.entries[i].statement == "SELECT @@VERSION" && len(a.sets) == 1 && len(a.sets[0].rows) == 1 {
		a.sets[0].rows[0][0] = "Microsoft SQL Server - 0.0.0.0" // the server that recorded does not matter
	}
	s.entries[i].answer = a
}

// finish writes the file, or fails the test for what it has not sent.
func (s *script) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	s.stopped = true
	switch {
	case s.t.Failed() || s.t.Skipped():
	case s.mode == recording:
		if err := s.write(); err != nil {
			s.t.Errorf("%s: %v", s.path, err)
		}
	case s.at < len(s.entries):
		e := s.entries[s.at]
		s.t.Errorf("%s:%d: the test ended, but the file has %d more statements, the first is:\n%s", s.path, e.line, len(s.entries)-s.at, e.text())
	}
}

func (s *script) write() error {
	text, err := format(s.entries)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(s.path, []byte(text), 0o644)
}

func (s *script) read() error {
	text, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	s.entries, err = parse(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	return nil
}

// lintArgument is the fault of an argument's type.
func lintArgument(line string) string {
	_, rest, _ := strings.Cut(line, " ")
	if strings.HasPrefix(rest, "datetimeoffset") {
		return "a time.Time travels as datetimeoffset, which converts the column it is compared with; pass what store.Driver.Time makes of it (civil.DateTime)"
	}
	return ""
}
