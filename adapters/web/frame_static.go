package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// files serves the styles, scripts and icons under addresses that change with their content, so that
// browsers keep them for ever. licences/ holds the licences of those that others wrote.
type files struct {
	prefix string
	byName map[string]*staticFile
	byPath map[string]*staticFile
}

type staticFile struct {
	address, mime string
	plain, packed []byte
}

func newFiles(prefix string) (*files, error) {
	f := &files{prefix: prefix, byName: map[string]*staticFile{}, byPath: map[string]*staticFile{}}
	return f, fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "static/")
		return f.add(name, string(content))
	})
}

func mimeOf(extension string) string {
	switch extension {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if m := mime.TypeByExtension(extension); m != "" {
		return m
	}
	return "application/octet-stream"
}

func pack(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

// add serves a file that is made at the start.
func (f *files) add(name, content string) error {
	sum := sha256.Sum256([]byte(content))
	extension := path.Ext(name)
	one := &staticFile{
		address: f.prefix + "/" + strings.TrimSuffix(name, extension) + "." + hex.EncodeToString(sum[:6]) + extension,
		mime:    mimeOf(extension), plain: []byte(content),
	}
	var err error
	if one.packed, err = pack(one.plain); err == nil {
		f.byName[name], f.byPath[one.address] = one, one
	}
	return err
}

// address is where a file is: address("app.css").
func (f *files) address(name string) string {
	if one := f.byName[name]; one != nil {
		return one.address
	}
	return f.prefix + "/" + name
}

func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	one := f.byPath[r.URL.Path]
	if one == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", one.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	content := one.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && len(one.packed) < len(one.plain) {
		h.Set("Content-Encoding", "gzip")
		content = one.packed
	}
	_, _ = w.Write(content)
}
