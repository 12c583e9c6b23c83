package tsql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	word   tokenKind = iota // a keyword or a bare name, in capitals in upper
	name                    // a quoted name
	text                    // a literal '...'
	utext                   // a literal N'...'
	param                   // @p1, @@ROWCOUNT
	number                  // 1, 0x00ff
	symbol                  // one character
)

type token struct {
	kind tokenKind
	// text is the token as written; of literals the content, quotes undoubled.
	text string
	// upper is text in capitals; of quoted names and literals it is "", so that no keyword is seen there.
	upper string
	// depth is the number of open parentheses before the token.
	depth int
}

// tokens splits T-SQL; comments are dropped. It takes any text.
func tokens(sql string) []token {
	s := scanner{rest: sql}
	for s.rest != "" {
		s.next()
	}
	return s.tokens
}

type scanner struct {
	rest   string
	depth  int
	tokens []token
}

func (s *scanner) next() {
	r, size := utf8.DecodeRuneInString(s.rest)
	switch {
	case unicode.IsSpace(r):
		s.rest = s.rest[size:]
	case strings.HasPrefix(s.rest, "--"):
		_, s.rest, _ = strings.Cut(s.rest, "\n")
	case strings.HasPrefix(s.rest, "/*"):
		_, s.rest, _ = strings.Cut(s.rest[2:], "*/")
	case strings.HasPrefix(s.rest, "N'") || strings.HasPrefix(s.rest, "n'"):
		s.quoted(utext, s.rest[1:], '\'')
	case r == '\'':
		s.quoted(text, s.rest, '\'')
	case r == '"':
		s.quoted(name, s.rest, '"')
	case r == '[':
		s.quoted(name, s.rest, ']')
	case r == '@':
		s.run(param)
	case r >= '0' && r <= '9':
		s.run(number)
	case wordRune(r):
		s.run(word)
	default:
		if r == ')' && s.depth > 0 {
			s.depth--
		}
		s.add(token{kind: symbol, text: s.rest[:size], upper: s.rest[:size]}, s.rest[size:])
		if r == '(' {
			s.depth++
		}
	}
}

func (s *scanner) add(t token, rest string) {
	t.depth = s.depth
	s.tokens = append(s.tokens, t)
	s.rest = rest
}

// quoted reads up to the closing quote; a doubled one stands for itself.
func (s *scanner) quoted(k tokenKind, from string, quote byte) {
	var b strings.Builder
	i := 1
	for i < len(from) {
		if from[i] != quote {
			b.WriteByte(from[i])
			i++
			continue
		}
		if i+1 == len(from) || from[i+1] != quote {
			break
		}
		b.WriteByte(quote)
		i += 2
	}
	s.add(token{kind: k, text: b.String()}, from[min(i+1, len(from)):])
}

func (s *scanner) run(k tokenKind) {
	end := strings.IndexFunc(s.rest, func(r rune) bool { return !wordRune(r) && r != '@' })
	if end < 0 {
		end = len(s.rest)
	}
	s.add(token{kind: k, text: s.rest[:end], upper: strings.ToUpper(s.rest[:end])}, s.rest[end:])
}

func wordRune(r rune) bool {
	return r == '_' || r == '$' || r == '#' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
