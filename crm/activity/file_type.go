package activity

import (
	"bytes"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// family is what a file's first bytes can tell; the extension chooses within it.
type family string

const (
	text    family = "text"
	zip     family = "application/zip"
	ole     family = "application/x-ole-storage" // Office before 2007, Outlook messages
	iso     family = "video/mp4"                 // ISO base media: mp4, m4a, mov, heic
	program family = "program"
)

// declared is what an extension promises.
type declared struct {
	mime string
	// content lists the families or exact types that keep the promise.
	content []family
}

// byExtension are the files that salespeople exchange. Others are taken by their content alone.
var byExtension = map[string]declared{
	".pdf":  {"application/pdf", []family{"application/pdf"}},
	".png":  {"image/png", []family{"image/png"}},
	".jpg":  {"image/jpeg", []family{"image/jpeg"}},
	".jpeg": {"image/jpeg", []family{"image/jpeg"}},
	".gif":  {"image/gif", []family{"image/gif"}},
	".webp": {"image/webp", []family{"image/webp"}},
	".bmp":  {"image/bmp", []family{"image/bmp"}},
	".tif":  {"image/tiff", []family{"image/tiff"}},
	".tiff": {"image/tiff", []family{"image/tiff"}},
	".heic": {"image/heic", []family{iso}},
	".svg":  {"image/svg+xml", []family{text}},

	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []family{zip, ole}}, // encrypted ones are OLE
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []family{zip, ole}},
	".pptx": {"application/vnd.openxmlformats-officedocument.presentationml.presentation", []family{zip, ole}},
	".odt":  {"application/vnd.oasis.opendocument.text", []family{zip}},
	".ods":  {"application/vnd.oasis.opendocument.spreadsheet", []family{zip}},
	".odp":  {"application/vnd.oasis.opendocument.presentation", []family{zip}},
	".doc":  {"application/msword", []family{ole, text}}, // RTF and HTML are often called .doc and .xls
	".xls":  {"application/vnd.ms-excel", []family{ole, text}},
	".ppt":  {"application/vnd.ms-powerpoint", []family{ole}},
	".msg":  {"application/vnd.ms-outlook", []family{ole}},
	".zip":  {"application/zip", []family{zip}},

	".txt":  {"text/plain; charset=utf-8", []family{text}},
	".csv":  {"text/csv; charset=utf-8", []family{text}},
	".md":   {"text/markdown; charset=utf-8", []family{text}},
	".rtf":  {"application/rtf", []family{text}},
	".html": {"text/html; charset=utf-8", []family{text}},
	".htm":  {"text/html; charset=utf-8", []family{text}},
	".xml":  {"application/xml", []family{text}},
	".json": {"application/json", []family{text}},
	".eml":  {"message/rfc822", []family{text}},
	".ics":  {"text/calendar; charset=utf-8", []family{text}},
	".vcf":  {"text/vcard; charset=utf-8", []family{text}},

	".mp3":  {"audio/mpeg", []family{"audio/mpeg"}},
	".wav":  {"audio/wave", []family{"audio/wave"}},
	".ogg":  {"application/ogg", []family{"application/ogg"}},
	".m4a":  {"audio/mp4", []family{iso}},
	".mp4":  {"video/mp4", []family{iso}},
	".mov":  {"video/quicktime", []family{iso}},
	".webm": {"video/webm", []family{"video/webm"}},
}

// inline are the types a browser may show in place: they cannot carry scripts.
var inline = map[string]bool{
	"application/pdf": true, "image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/bmp": true,
	"text/plain; charset=utf-8": true, "audio/mpeg": true, "audio/wave": true, "audio/mp4": true, "video/mp4": true, "video/webm": true,
}

// runs are extensions that Windows runs when they are opened.
var runs = map[string]bool{
	".exe": true, ".com": true, ".bat": true, ".cmd": true, ".scr": true, ".pif": true, ".msi": true, ".msp": true, ".dll": true, ".cpl": true,
	".js": true, ".jse": true, ".vbs": true, ".vbe": true, ".wsf": true, ".wsh": true, ".hta": true, ".ps1": true, ".psm1": true, ".lnk": true,
	".reg": true, ".jar": true, ".scf": true, ".chm": true, ".appx": true, ".msix": true, ".application": true, ".url": true, ".iso": true, ".vhd": true,
}

// signatures are first bytes that net/http does not know or lumps together.
var signatures = []struct {
	prefix string
	family family
}{
	{"MZ", program}, {"\x7fELF", program}, {"#!/", program}, {"#! /", program},
	{"\xfe\xed\xfa\xce", program}, {"\xfe\xed\xfa\xcf", program}, {"\xce\xfa\xed\xfe", program}, {"\xcf\xfa\xed\xfe", program}, {"\xca\xfe\xba\xbe", program},
	{"L\x00\x00\x00\x01\x14\x02\x00", program}, // Windows shortcut
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ole},
	{"II*\x00", "image/tiff"}, {"MM\x00*", "image/tiff"},
	{"PK\x03\x04", zip}, {"PK\x05\x06", zip},
	{"\xff\xfb", "audio/mpeg"}, {"\xff\xf3", "audio/mpeg"}, {"\xff\xf2", "audio/mpeg"}, // MP3 without an ID3 tag
}

// sniff reads the family, or the exact type, from the first bytes (WHATWG MIME Sniffing, by net/http,
// after our own signatures).
func sniff(content []byte) family {
	for _, s := range signatures {
		if !bytes.HasPrefix(content, []byte(s.prefix)) {
			continue
		}
		if s.prefix == "MZ" && http.DetectContentType(content) == "text/plain; charset=utf-8" {
			continue // "MZ/X Motors Kft." is a text
		}
		return s.family
	}
	if len(content) >= 12 && string(content[4:8]) == "ftyp" {
		return iso
	}
	mime := http.DetectContentType(content)
	if strings.HasPrefix(mime, "text/") {
		return text
	}
	return family(mime)
}

// fileType gives the MIME type of a file, or what is wrong with it.
func fileType(name string, content []byte) (mime, wrong string) {
	ext := strings.ToLower(path.Ext(name))
	found := sniff(content)
	if found == program || runs[ext] {
		return "", "is a program, which is never kept; send what it makes instead"
	}
	d, known := byExtension[ext]
	if !known {
		if found == text {
			return "text/plain; charset=utf-8", ""
		}
		return string(found), ""
	}
	for _, f := range d.content {
		if f == found {
			return d.mime, ""
		}
	}
	return "", fmt.Sprintf("is no %s file: its content is %s; give it its right name, or save it anew", strings.ToUpper(ext[1:]), found)
}
