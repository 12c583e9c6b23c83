package tabular

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// splitter cuts text into rows and cells after RFC 4180, taken leniently:
//
//   - a quote inside an unquoted cell is a character (5" screen);
//   - a single quote inside a quoted cell is a character as long as the cell has not passed its
//     first line; on a later line it is taken as the opening quote of another row, so the cell is
//     reported as never closed and reading resumes on the line after the one that opened it.
//
// encoding/csv is not used because its LazyQuotes lets one open quote eat the rest of the file, and
// because it cannot bound a row.
//
// It works on bytes, which is right for every encoding in which ASCII bytes mean ASCII, and decodes
// a row after it is cut.
type splitter struct {
	r      io.Reader
	limits Limits
	// buf[start:end] is what was read and not yet handed out; line is the line start is on.
	buf        []byte
	start, end int
	eof        bool
	line       int

	delimiter, newline byte
	encoding           Encoding
	language           locale.Language
	// lazy: nothing but ASCII was seen so far; decided: the encoding has just been found.
	lazy, decided bool

	// scratch and spans hold the row being cut: cells are data[from:to].
	scratch, decoded []byte
	spans            []span
	// wasted counts bytes read in vain for the end of a quote; it is kept in proportion to used, so
	// that a file made of open quotes costs linear time.
	wasted, used int
}

type span struct{ from, to int }

func newSplitter(r io.Reader, limits Limits) *splitter {
	return &splitter{r: r, limits: limits, buf: make([]byte, sampleSize), line: 1, delimiter: ';', newline: '\n', encoding: UTF8}
}

func (s *splitter) close() error { return nil }

// fill reads more behind end. It makes room by moving and, up to twice the row limit, by growing.
func (s *splitter) fill() error {
	if s.start > 0 && s.end == len(s.buf) {
		s.end = copy(s.buf, s.buf[s.start:s.end])
		s.start = 0
	}
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if errors.Is(err, io.EOF) {
			s.eof = true
			return nil
		}
		if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// peek gives up to n bytes that come next.
func (s *splitter) peek(n int) ([]byte, error) {
	for s.end-s.start < n && !s.eof {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	return s.buf[s.start:min(s.end, s.start+n)], nil
}

var errLong = errors.New("line too long")

// lineAt finds the end of the line that begins off bytes after start: where its text ends and where
// the next line begins, both relative to start. Beyond the row limit it fails with errLong.
func (s *splitter) lineAt(off int) (int, int, error) {
	from := off
	for {
		if i := bytes.IndexByte(s.buf[s.start+from:s.end], s.newline); i >= 0 {
			end := from + i
			if end > s.limits.MaxRow {
				return 0, 0, errLong
			}
			next := end + 1
			if end > off && s.newline == '\n' && s.buf[s.start+end-1] == '\r' {
				end--
			}
			return end, next, nil
		}
		from = s.end - s.start
		if from > s.limits.MaxRow {
			return 0, 0, errLong
		}
		if s.eof {
			return from, from, nil
		}
		if err := s.fill(); err != nil {
			return 0, 0, err
		}
	}
}

// next cuts one row; blank lines are passed over.
func (s *splitter) next() (Row, error) {
	for {
		end, next, err := s.lineAt(0)
		if errors.Is(err, errLong) {
			return s.skipLong()
		}
		if err != nil {
			return Row{}, fault.Wrap(err, fault.Unavailable, "the file cannot be read on from line %d", s.line)
		}
		if next == 0 {
			return Row{}, io.EOF
		}
		if end == 0 {
			s.advance(next, 1)
			continue
		}
		if s.lazy && !isASCII(s.buf[s.start:s.start+end]) {
			if err := s.decide(); err != nil {
				return Row{}, fault.Wrap(err, fault.Unavailable, "the file cannot be read on from line %d", s.line)
			}
		}
		line := s.buf[s.start : s.start+end]
		if bytes.IndexByte(line, '"') < 0 {
			s.cut(line)
			row := s.row(line)
			s.advance(next, 1)
			return row, nil
		}
		return s.quoted(end, next)
	}
}

func (s *splitter) advance(n, lines int) {
	s.start += n
	s.line += lines
	s.used += n
}

// decide chooses the encoding where the first letter beyond ASCII comes late in the file.
func (s *splitter) decide() error {
	sample, err := s.peek(sampleSize)
	if err != nil {
		return err
	}
	s.encoding = detect(sample, s.language)
	if s.encoding == UTF16LE || s.encoding == UTF16BE {
		s.encoding = UTF8
	}
	s.lazy, s.decided = false, true
	return nil
}

// skipLong passes over a line beyond the row limit.
func (s *splitter) skipLong() (Row, error) {
	row := Row{Line: s.line, Err: rowError(s.line, 0, "row.long", s.limits.MaxRow)}
	for {
		if i := bytes.IndexByte(s.buf[s.start:s.end], s.newline); i >= 0 {
			s.advance(i+1, 1)
			return row, nil
		}
		s.advance(s.end-s.start, 0)
		if s.eof {
			return row, nil
		}
		if err := s.fill(); err != nil {
			return Row{}, fault.Wrap(err, fault.Unavailable, "the file cannot be read on from line %d", s.line)
		}
	}
}

// cut divides a line without regard to quotes.
func (s *splitter) cut(line []byte) {
	s.spans = s.spans[:0]
	from := 0
	for len(s.spans) <= s.limits.MaxColumns {
		i := bytes.IndexByte(line[from:], s.delimiter)
		if i < 0 {
			s.spans = append(s.spans, span{from, len(line)})
			return
		}
		s.spans = append(s.spans, span{from, from + i})
		from += i + 1
	}
}

// quoted cuts a row with quotes, which may go over several lines.
func (s *splitter) quoted(end, next int) (Row, error) {
	firstEnd, firstNext := end, next
	s.spans, s.scratch = s.spans[:0], s.scratch[:0]
	lines, pos := 1, 0
	for {
		from := len(s.scratch)
		if pos < end && s.buf[s.start+pos] == '"' {
			q := quote{pos: pos + 1, end: end, next: next}
			closed, err := s.readQuote(&q, lines)
			if err != nil {
				return Row{}, fault.Wrap(err, fault.Unavailable, "the file cannot be read on from line %d", s.line)
			}
			if !closed {
				s.wasted += q.pos - pos
				return s.recover(firstEnd, firstNext), nil
			}
			pos, end, next = q.pos, q.end, q.next
			lines += q.lines
		} else {
			line := s.buf[s.start+pos : s.start+end]
			i := bytes.IndexByte(line, s.delimiter)
			if i < 0 {
				i = len(line)
			}
			s.scratch = append(s.scratch, line[:i]...)
			pos += i
		}
		if len(s.spans) <= s.limits.MaxColumns {
			s.spans = append(s.spans, span{from, len(s.scratch)})
		}
		if pos >= end {
			break
		}
		pos++ // the delimiter
	}
	row := s.row(s.scratch)
	s.advance(next, lines)
	return row, nil
}

// quote is the place inside a quoted cell: pos in the line that goes to end, and the line after it.
type quote struct{ pos, end, next, lines int }

// readQuote reads up to and with the closing quote. False means that there is none.
func (s *splitter) readQuote(q *quote, linesBefore int) (bool, error) {
	for {
		line := s.buf[s.start+q.pos : s.start+q.end]
		i := bytes.IndexByte(line, '"')
		if i < 0 {
			s.scratch = append(append(s.scratch, line...), '\n')
			q.pos = q.end
			if s.wasted > 8*s.used+8*s.limits.MaxRow {
				return false, nil
			}
			// Where the next line begins there must be something, or the file has ended.
			end, next, err := s.lineAt(q.next)
			if errors.Is(err, errLong) || (err == nil && next == q.next) {
				return false, nil
			}
			if err != nil {
				return false, err
			}
			q.pos, q.end, q.next = q.next, end, next
			q.lines++
			continue
		}
		s.scratch = append(s.scratch, line[:i]...)
		q.pos += i + 1
		rest := line[i+1:]
		if len(rest) > 0 && rest[0] == '"' {
			s.scratch = append(s.scratch, '"')
			q.pos++
			continue
		}
		if spaces := leadingSpaces(rest); spaces == len(rest) || rest[spaces] == s.delimiter {
			q.pos += spaces
			return true, nil
		}
		if q.lines > 0 || linesBefore > 1 {
			return false, nil
		}
		s.scratch = append(s.scratch, '"')
	}
}

func leadingSpaces(b []byte) int {
	n := 0
	for n < len(b) && b[n] == ' ' {
		n++
	}
	return n
}

// recover reports the first line of the current row, whose quote is never closed, cut as if quotes
// had no meaning, and resumes on the line after it.
func (s *splitter) recover(end, next int) Row {
	line := s.buf[s.start : s.start+end]
	s.cut(line)
	column := 0
	for i, c := range s.spans {
		if c.to > c.from && line[c.from] == '"' && bytes.Count(line[c.from:c.to], []byte{'"'})%2 == 1 {
			column = i + 1
		}
	}
	row := s.row(line)
	row.Err = rowError(s.line, column, "quote.open")
	s.advance(next, 1)
	return row
}

// row decodes the cells that lie in data and checks their limits.
func (s *splitter) row(data []byte) Row {
	row := Row{Line: s.line}
	if len(s.spans) > s.limits.MaxColumns {
		s.spans = s.spans[:s.limits.MaxColumns]
		row.Err = rowError(s.line, 0, "row.columns", s.limits.MaxColumns)
	}
	for i, c := range s.spans {
		if size := c.to - c.from; size > s.limits.MaxField && row.Err == nil {
			row.Err = rowError(s.line, i+1, "field.long", size, s.limits.MaxField)
		}
	}
	if s.encoding != UTF8 {
		if !isASCII(data) {
			data = s.decode(data)
		}
	} else if !utf8.Valid(data) {
		column := 0
		for i, c := range s.spans {
			if column == 0 && !utf8.Valid(data[c.from:c.to]) {
				column = i + 1
			}
		}
		data = s.decode(data)
		if row.Err == nil {
			row.Err = rowError(s.line, column, "text.encoding", string(UTF8))
		}
	}
	text := string(data)
	row.Cells = make([]string, len(s.spans))
	for i, c := range s.spans {
		row.Cells[i] = text[c.from:c.to]
	}
	return row
}

// decode turns the cells of data into UTF-8 and moves the spans accordingly.
func (s *splitter) decode(data []byte) []byte {
	out := s.decoded[:0]
	for i, c := range s.spans {
		from := len(out)
		out = s.encoding.appendUTF8(out, data[c.from:c.to])
		s.spans[i] = span{from, len(out)}
	}
	s.decoded = out
	return out
}

// isASCII reports whether no byte has its highest bit set.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
