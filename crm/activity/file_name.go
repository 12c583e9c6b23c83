package activity

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxFileName is the longest file name, in UTF-16 code units.
const MaxFileName = 200

// CleanName makes a file name that is safe to show and to save under on any system: no folders, no
// control or direction-changing characters (which can make "Rexe.pdf" out of "Rfdp.exe"), none of the
// characters and device names that Windows forbids, composed letters (NFC), at most [MaxFileName]
// long with its extension kept. What leaves nothing is called "file".
func CleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = strings.ReplaceAll(name, "\\", "/")
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, norm.NFC.String(name))
	name = strings.Trim(name, " .")
	if name == "" {
		return "file"
	}
	stem, _, _ := strings.Cut(name, ".")
	if device(strings.TrimRight(stem, " ")) {
		name = "_" + name
	}
	if utf16Length(name) <= MaxFileName {
		return name
	}
	ext := path.Ext(name)
	if utf16Length(ext) > 20 {
		ext = ""
	}
	return strings.TrimRight(shorten(strings.TrimSuffix(name, ext), MaxFileName-utf16Length(ext)), " .") + ext
}

// device reports whether Windows takes the name for a device, whatever the extension.
func device(stem string) bool {
	switch s := strings.ToUpper(stem); s {
	case "CON", "PRN", "AUX", "NUL":
		return true
	default:
		return len(s) == 4 && (s[:3] == "COM" || s[:3] == "LPT") && s[3] >= '0' && s[3] <= '9'
	}
}

// utf16Length counts UTF-16 code units, as NVARCHAR does.
func utf16Length(text string) int {
	n := utf8.RuneCountInString(text)
	for _, r := range text {
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// shorten cuts a text to n UTF-16 code units.
func shorten(text string, n int) string {
	for i, r := range text {
		n -= utf16Length(string(r))
		if n < 0 {
			return text[:i]
		}
	}
	return text
}
