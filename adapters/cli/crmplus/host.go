package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
)

// mappingFile reads the mapping without judging it.
func (c *call) mappingFile() ([]byte, error) {
	if s, err := os.Stat(c.mapping); err == nil && s.Size() > tablehost.MaxFile {
		return nil, misuse("the mapping %s is longer than %d bytes", c.mapping, tablehost.MaxFile)
	}
	data, err := os.ReadFile(c.mapping)
	if err != nil {
		return nil, misuse("the mapping %s cannot be read: %s", c.mapping, err)
	}
	return data, nil
}

// loadMapping reads the mapping and refuses one that is wrong whatever the database is.
func (c *call) loadMapping() (tablehost.Mapping, error) {
	data, err := c.mappingFile()
	if err != nil {
		return tablehost.Mapping{}, err
	}
	return tablehost.Parse(data)
}

// found is a problem with its place in the file.
type found struct {
	Line int `json:"line,omitempty"`
	tablehost.Problem
}

// checked is the answer of check.
type checked struct {
	OK       bool    `json:"ok"`
	Mapping  string  `json:"mapping"`
	Errors   int     `json:"errors"`
	Warnings int     `json:"warnings"`
	Problems []found `json:"problems"`
}

func check(ctx context.Context, c *call) (int, error) {
	switch {
	case c.procedures != "":
		return checkProcedures(ctx, c)
	case c.api != "":
		return checkAPI(c)
	}
	if err := c.needs("db", "map"); err != nil {
		return misused, err
	}
	data, err := c.mappingFile()
	if err != nil {
		return misused, err
	}
	out := checked{Mapping: filepath.Base(c.mapping), Problems: []found{}}
	m, err := tablehost.Decode(data)
	switch {
	case err != nil && len(fault.Of(err)) == 0:
		return problems, err
	case err != nil: // the database is asked when the keys are right
		for _, f := range fault.Of(err) {
			line := 0
			if rest, ok := strings.CutPrefix(f.Message, "line "); ok { // it stands before the path here
				if number, sentence, ok := strings.Cut(rest, ": "); ok {
					line, _ = strconv.Atoi(number)
					f.Message = sentence
				}
			}
			out.Problems = append(out.Problems, found{line, tablehost.Problem{Severity: tablehost.Error, Path: f.Path, Code: f.Code, Message: f.Message}})
		}
	default:
		if out.Problems, err = c.compare(ctx, data, m); err != nil {
			return problems, err
		}
	}
	return c.report(out, "The mapping fits the database.")
}

// report prints what was found, or that all is well.
func (c *call) report(out checked, fine string) (int, error) {
	for _, p := range out.Problems {
		if p.Severity == tablehost.Error {
			out.Errors++
		} else {
			out.Warnings++
		}
	}
	out.OK = out.Errors == 0
	code := well
	if !out.OK {
		code = problems
	}
	if c.json {
		return code, c.answer(out)
	}
	for _, p := range out.Problems {
		place := out.Mapping
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, p.Line)
		}
		c.say("%s: %s: %s", place, p.Severity, p.Problem)
	}
	c.say("%s", verdict(out, fine))
	return code, nil
}

func verdict(out checked, fine string) string {
	switch {
	case out.Errors == 0 && out.Warnings == 0:
		return fine
	case out.Errors == 0:
		return fmt.Sprintf("%s; %s to think about.", strings.TrimSuffix(fine, "."), counted(out.Warnings, "warning"))
	}
	return fmt.Sprintf("%s, %s.", counted(out.Errors, "error"), counted(out.Warnings, "warning"))
}

func counted[N int | int64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// compare lists what does not fit the database.
func (c *call) compare(ctx context.Context, data []byte, m tablehost.Mapping) ([]found, error) {
	db, err := c.reading(ctx, false) // what the session may do is checked too
	if err != nil {
		return nil, err
	}
	defer db.Close()
	list, err := tablehost.Check(ctx, db, m)
	if err != nil {
		return nil, err
	}
	out := make([]found, 0, len(list))
	for _, p := range list {
		if p.Code == "unsafe_sql" && c.unsafe {
			continue
		}
		line := 0
		if p.Path != "" {
			line = tablehost.Line(data, p.Path)
		}
		out = append(out, found{line, p})
	}
	return append(out, undecided(data)...), nil
}

// undecided tells of questions of scaffold that nobody has answered: the mapping may fit the database and yet
// not mean what the ERP means.
func undecided(mapping []byte) []found {
	n, first := 0, 0
	for i, line := range strings.Split(string(mapping), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "# DECIDE") {
			if n++; n == 1 {
				first = i + 1
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []found{{first, tablehost.Problem{Severity: tablehost.Warning, Code: "undecided",
		Message: fmt.Sprintf("%s marked DECIDE, the first one here; answer each, and take its comment out", stillOpen(n))}}}
}

func stillOpen(n int) string {
	if n == 1 {
		return "1 line is still"
	}
	return fmt.Sprintf("%d lines are still", n)
}

// sketched is the answer of scaffold.
type sketched struct {
	OK        bool                 `json:"ok"`
	Mapping   string               `json:"mapping"`
	Decisions []tablehost.Decision `json:"decisions"`
}

// scaffold prints a first mapping, and on standard error what is left to a person.
func scaffold(ctx context.Context, c *call) (int, error) {
	if err := c.needs("db"); err != nil {
		return misused, err
	}
	db, err := c.reading(ctx, true)
	if err != nil {
		return misused, err
	}
	defer db.Close()
	sketch, err := tablehost.Scaffold(ctx, db)
	if err != nil {
		return problems, err
	}
	if c.json {
		return well, c.answer(sketched{OK: true, Mapping: sketch.YAML, Decisions: append([]tablehost.Decision{}, sketch.Decisions...)})
	}
	if _, err := io.WriteString(c.out, sketch.YAML); err != nil {
		return problems, err
	}
	fmt.Fprintf(c.err, "%s left to you; they are marked DECIDE in the mapping:\n", are(len(sketch.Decisions), "decision"))
	for _, d := range sketch.Decisions {
		fmt.Fprintf(c.err, "  %s: %s\n", d.Path, d.Question)
	}
	return well, nil
}

func explain(_ context.Context, c *call) (int, error) {
	if c.api != "" {
		return explainAPI(c)
	}
	if err := c.needs("map"); err != nil {
		return misused, err
	}
	m, err := c.loadMapping()
	if err != nil {
		return problems, err
	}
	return well, tablehost.Explain(c.out, m)
}

func schema(_ context.Context, c *call) (int, error) {
	_, err := bytes.NewReader(tablehost.Schema()).WriteTo(c.out)
	return well, err
}
