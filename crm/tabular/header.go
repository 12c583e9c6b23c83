package tabular

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// headerRows is how far down the header is looked for.
const headerRows = 10

// readHeader finds the header among the first rows that are not blank, drops the title above it and
// queues the rows below it.
func (t *Table) readHeader() error {
	var head []Row
	for len(head) < headerRows {
		row, err := t.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		head = append(head, row)
	}
	at := findHeader(head)
	if at < 0 {
		return fault.New(fault.Invalid, "the file has no row that can be read; choose a file with a header and rows")
	}
	width := 0
	for _, row := range head {
		if row.Err == nil && (t.Kind == Workbook || looksLikeData(head[at].Cells)) {
			width = max(width, len(row.Cells))
		}
	}
	var names []string
	if looksLikeData(head[at].Cells) {
		names = make([]string, width)
		head = head[at:]
	} else {
		names = make([]string, max(width, len(head[at].Cells)))
		copy(names, head[at].Cells)
		t.HeaderLine = head[at].Line
		head = head[at+1:]
	}
	if t.ours = findOurs(names); t.ours != nil {
		names = withoutOurs(names, t.ours)
	}
	t.Header = uniqueNames(names)
	for _, row := range head {
		t.queue = append(t.queue, t.fit(row))
	}
	return nil
}

// findHeader gives the index of the header row, -1 where every row is bad. The row with the most
// names that are known as names of columns wins; where none is known, the first row that is at least
// half as wide as the widest.
func findHeader(head []Row) int {
	best, most, widest := -1, 1, 0
	for i, row := range head {
		if row.Err != nil {
			continue
		}
		if n := knownNames(row.Cells); n > most {
			best, most = i, n
		}
		widest = max(widest, filled(row.Cells))
	}
	if best >= 0 {
		return best
	}
	for i, row := range head {
		if row.Err == nil && 2*filled(row.Cells) >= widest {
			return i
		}
	}
	return -1
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// knownNames counts the cells that are names of columns in one of the languages.
func knownNames(cells []string) int {
	n := 0
	for _, c := range cells {
		if f := lookUp(c); len(c) <= 100 && len(f.meanings) > 0 && !f.part {
			n++
		}
	}
	return n
}

// looksLikeData reports whether a row that should be the header holds values: an e-mail address, or
// mostly numbers and dates.
func looksLikeData(cells []string) bool {
	values, texts := 0, 0
	for _, c := range cells {
		c = strings.TrimSpace(c)
		switch {
		case c == "":
		case isEmail(c):
			return knownNames(cells) < 2
		case isNumeric(c):
			values++
		default:
			texts++
		}
	}
	return values > texts && knownNames(cells) == 0
}

// uniqueNames trims the names, numbers those that come again and makes up those that are missing.
func uniqueNames(names []string) []string {
	given := make(map[string]bool, len(names))
	for _, n := range names {
		given[cleanName(n)] = true
	}
	seen := make(map[string]bool, len(names))
	out := make([]string, len(names))
	for i, n := range names {
		name := cleanName(n)
		base, number := name, 2
		if name == "" {
			name = columnName(i + 1)
			base = name
		}
		// A made-up name must not take one that is really in the header further on.
		for seen[name] || (name != cleanName(n) && given[name]) {
			name = fmt.Sprintf("%s (%d)", base, number)
			number++
		}
		seen[name] = true
		out[i] = name
	}
	return out
}

// cleanName makes one line without double spaces of a name.
func cleanName(name string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(name, "\uFEFF", "")), " ")
}
