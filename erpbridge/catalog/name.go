package catalog

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
)

// maxName is how many characters a name may have, as SQL Server's sysname.
const maxName = 128

// Quote writes a name so that it can be nothing but a name: [Order Details] on SQL Server, "Order Details"
// on SQLite. It is for names that the catalogue gave and for those made here.
func Quote(d Dialect, name string) string {
	if d == MSSQL {
		return "[" + strings.ReplaceAll(name, "]", "]]") + "]"
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// ParseName splits a name as people write it into its parts: Orders, dbo.Orders, [Order Details],
// "dbo"."Orders". A part in brackets or double quotes may hold anything printable, its own closing mark
// doubled; a bare part holds no point, bracket or quote. Names of more than two parts are refused: a table
// of another database needs a synonym or a view here.
func ParseName(text string) ([]string, error) {
	var parts []string
	rest := strings.TrimSpace(text)
	for {
		part, after, err := firstPart(rest)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%s is not the name of a table: %v", shown(text), err)
		}
		parts = append(parts, part)
		if after == "" {
			break
		}
		rest = after[1:]
	}
	if len(parts) > 2 {
		return nil, fault.New(fault.Invalid, "%s names another database; make a synonym or a view for it here and name that", shown(text))
	}
	return parts, nil
}

// firstPart cuts one part off; what is left is empty or begins with the point.
func firstPart(text string) (part, rest string, err error) {
	if text == "" {
		return "", "", fmt.Errorf("a part of it is empty")
	}
	switch text[0] {
	case '[', '"':
		end := quotedEnd(text)
		if end < 0 {
			return "", "", fmt.Errorf("%s is not closed", text[:1])
		}
		mark := text[end-1 : end]
		part, rest = strings.ReplaceAll(text[1:end-1], mark+mark, mark), text[end:]
	default:
		end := strings.IndexAny(text, `.[]"`)
		if end < 0 {
			end = len(text)
		}
		part, rest = strings.TrimSpace(text[:end]), text[end:]
	}
	if rest != "" && rest[0] != '.' {
		return "", "", fmt.Errorf("%s stands where a point or the end is expected; quote the whole name: %s", shown(rest[:1]), Quote(MSSQL, part))
	}
	return part, rest, validName(part)
}

// quotedEnd gives the end of the quoted name or literal that the text begins with, whose closing mark is
// doubled within it; -1 where it is not closed.
func quotedEnd(text string) int {
	mark := text[0]
	if mark == '[' {
		mark = ']'
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] != mark:
		case i+1 < len(text) && text[i+1] == mark:
			i++
		default:
			return i + 1
		}
	}
	return -1
}

func validName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("a part of it is empty")
	case !utf8.ValidString(name):
		return fmt.Errorf("it is not UTF-8")
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("it has more than %d characters", maxName)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("it holds a control character")
	}
	return nil
}

// parseColumn reads the name of a column, bare or quoted. A bare one may hold points: [x.y] and x.y name
// the same column, because a column is always looked for in its table.
func parseColumn(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || text[0] != '[' && text[0] != '"' {
		return text, validName(text)
	}
	part, rest, err := firstPart(text)
	if err == nil && rest != "" {
		err = fmt.Errorf("more follows after it")
	}
	return part, err
}

// shown quotes a text for a message, cut to a length that fits one.
func shown(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
