package tsql

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"
)

// kind is how a statement reaches the driver.
type kind string

const (
	query    kind = "query"
	exec     kind = "exec"
	begin    kind = "begin"
	commit   kind = "commit"
	rollback kind = "rollback"
)

// request is what the program sends; with the same text, two requests are the same.
type request struct {
	kind      kind
	statement string
	// arguments are lines as argument writes them.
	arguments []string
}

// answer is what the server gave back. An error after sets came while rows were read.
type answer struct {
	sets     []resultSet
	affected int64
	err      *mssql.Error
}

type resultSet struct {
	columns []column
	rows    [][]driver.Value
}

type column struct{ name, kind string }

func (c column) holdsDecimals() bool {
	return strings.Contains(c.kind, "DECIMAL") || strings.Contains(c.kind, "NUMERIC") || strings.Contains(c.kind, "MONEY")
}

// entry is a request with its answer and its line in the file.
type entry struct {
	request
	answer
	line int
}

// problem is an error of the server in the file.
type problem struct {
	Number  int32  `json:"number"`
	State   uint8  `json:"state,omitempty"`
	Class   uint8  `json:"class,omitempty"`
	Message string `json:"message"`
}

const preamble = "-- What this test sends to SQL Server, and what the server answers. Written by the test with -update;\n" +
	"-- package testutil/tsql says how to read it.\n"

// format writes the file. A statement may hold any text, lines that look like ours too, so its
// number of lines stands above it.
func format(entries []entry) (string, error) {
	var b strings.Builder
	b.WriteString(preamble)
	for i, e := range entries {
		fmt.Fprintf(&b, "\n-- %d %s", i+1, e.request.text())
		if err := e.answer.format(&b, e.kind); err != nil {
			return "", fmt.Errorf("the answer to statement %d cannot be recorded: %w", i+1, err)
		}
	}
	return b.String(), nil
}

func (r request) text() string {
	var b strings.Builder
	b.WriteString(string(r.kind))
	if r.kind == query || r.kind == exec {
		if n := strings.Count(r.statement, "\n"); n > 0 {
			fmt.Fprintf(&b, ", %d lines", n+1)
		}
		b.WriteString("\n" + r.statement)
	} else if r.statement != "" {
		b.WriteString(" " + r.statement)
	}
	b.WriteByte('\n')
	for _, a := range r.arguments {
		b.WriteString("-- " + a + "\n")
	}
	return b.String()
}

func (a answer) format(b *strings.Builder, k kind) error {
	for _, set := range a.sets {
		names := make([]string, len(set.columns))
		for i, c := range set.columns {
			names[i] = c.name + " " + c.kind
		}
		line, err := encodeJSON(names)
		if err != nil {
			return err
		}
		b.WriteString("-- columns: " + line + "\n")
		for _, row := range set.rows {
			if line, err = encodeRow(row, set.columns); err != nil {
				return err
			}
			b.WriteString("-- row: " + line + "\n")
		}
	}
	switch {
	case a.err != nil:
		line, err := encodeJSON(problem{a.err.Number, a.err.State, a.err.Class, a.err.Message})
		if err != nil {
			return err
		}
		b.WriteString("-- error: " + line + "\n")
	case k == exec:
		fmt.Fprintf(b, "-- affected: %d\n", a.affected)
	}
	return nil
}

// parse reads a file that format wrote.
func parse(text string) ([]entry, error) {
	p := parser{lines: strings.Split(text, "\n")}
	for p.at < len(p.lines) && p.lines[p.at] != "" {
		p.at++ // the preamble
	}
	var entries []entry
	for {
		for p.at < len(p.lines) && p.lines[p.at] == "" {
			p.at++
		}
		if p.at == len(p.lines) {
			return entries, nil
		}
		e, err := p.entry(len(entries) + 1)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", p.at+1, err)
		}
		entries = append(entries, e)
	}
}

type parser struct {
	lines []string
	at    int
}

func (p *parser) entry(number int) (entry, error) {
	e := entry{line: p.at + 1}
	head, ok := strings.CutPrefix(p.lines[p.at], fmt.Sprintf("-- %d ", number))
	if !ok {
		return e, fmt.Errorf("statement %d should begin here: %.80q", number, p.lines[p.at])
	}
	p.at++
	if err := p.request(&e.request, head); err != nil {
		return e, err
	}
	for p.at < len(p.lines) && p.lines[p.at] != "" {
		if err := e.answer.read(p.lines[p.at]); err != nil {
			return e, err
		}
		p.at++
	}
	return e, nil
}

func (p *parser) request(r *request, head string) error {
	name, rest, _ := strings.Cut(head, " ")
	name, several := strings.CutSuffix(name, ",")
	switch r.kind = kind(name); r.kind {
	case begin, commit, rollback:
		r.statement = rest
		return nil
	case query, exec:
	default:
		return fmt.Errorf("%.80q is not query, exec, begin, commit or rollback", head)
	}
	n := 1
	if several {
		var err error
		if n, err = strconv.Atoi(strings.TrimSuffix(rest, " lines")); err != nil || n < 1 {
			return fmt.Errorf("%.80q is no number of lines", rest)
		}
	}
	if n > len(p.lines)-p.at {
		return fmt.Errorf("a statement of %d lines is cut off", n)
	}
	r.statement = strings.Join(p.lines[p.at:p.at+n], "\n")
	p.at += n
	for p.at < len(p.lines) && strings.HasPrefix(p.lines[p.at], "-- @") {
		r.arguments = append(r.arguments, strings.TrimPrefix(p.lines[p.at], "-- "))
		p.at++
	}
	return nil
}

func (a *answer) read(line string) error {
	label, rest, _ := strings.Cut(strings.TrimPrefix(line, "-- "), ": ")
	switch label {
	case "columns":
		var names []string
		if err := json.Unmarshal([]byte(rest), &names); err != nil {
			return fmt.Errorf("the columns are no JSON array: %w", err)
		}
		set := resultSet{columns: make([]column, len(names))}
		for i, n := range names {
			cut := max(strings.LastIndexByte(n, ' '), 0)
			set.columns[i] = column{n[:cut], strings.TrimPrefix(n[cut:], " ")}
		}
		a.sets = append(a.sets, set)
	case "row":
		if len(a.sets) == 0 {
			return fmt.Errorf("a row without columns")
		}
		set := &a.sets[len(a.sets)-1]
		row, err := decodeRow(rest, len(set.columns))
		if err != nil {
			return fmt.Errorf("the row %w", err)
		}
		set.rows = append(set.rows, row)
	case "affected":
		n, err := strconv.ParseInt(rest, 10, 64)
		if err != nil {
			return fmt.Errorf("%.80q is no number of rows", rest)
		}
		a.affected = n
	case "error":
		var pr problem
		if err := json.Unmarshal([]byte(rest), &pr); err != nil {
			return fmt.Errorf("the error is no JSON object: %w", err)
		}
		a.err = &mssql.Error{Number: pr.Number, State: pr.State, Class: pr.Class, Message: pr.Message}
	default:
		return fmt.Errorf("%.80q is not columns, row, affected or error", line)
	}
	return nil
}
