package api_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTypeScriptClient makes types of the document with openapi-typescript, checks a client against them
// with the TypeScript compiler, and runs it. What it needs comes from npm: it runs where CRMPLUS_BROWSER=1
// says that node and npm are installed.
func TestTypeScriptClient(t *testing.T) {
	if os.Getenv("CRMPLUS_BROWSER") != "1" {
		t.Skip("NOT RUN in TypeScript: make browser does")
	}
	w := newWorld(t)
	dir := t.TempDir()
	for _, name := range []string{"package.json", "tsconfig.json", "client.ts"} {
		b, err := os.ReadFile(filepath.Join("testdata", "client", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "openapi.json"), w.must(200, "", "GET", "/openapi.json", "").body, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(program string, args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		t.Fatalf("npm install: %v\n%s", err, out)
	}
	for _, step := range [][]string{
		{filepath.Join("node_modules", ".bin", "openapi-typescript"), "openapi.json", "--output", "schema.d.ts"},
		{filepath.Join("node_modules", ".bin", "tsc"), "--project", "."},
	} {
		if out, err := run(filepath.Join(dir, step[0]), step[1:]...); err != nil {
			t.Fatalf("%s: %v\n%s", step[0], err, out)
		}
	}
	out, err := run("node", filepath.Join("out", "client.js"), w.server.URL+base, w.seller)
	if err != nil || !strings.Contains(out, "client ok") {
		t.Fatalf("%v\n%s", err, out)
	}
}
