// Command sidecar is CRM+ for an ERP that is not written in Go: one program beside the ERP, on the ERP's own
// database, with the screens, the JSON API and the background work. README.md is for who installs it.
//
//	sidecar check   -config crm.yaml    what is wrong with the configuration, the database or the mapping
//	sidecar migrate -config crm.yaml    bring the tables of CRM+ up to date
//	sidecar run     -config crm.yaml    serve until SIGTERM, Ctrl-C, or the end of the Windows service
//	sidecar token   -config crm.yaml -company HU01 -user kovacs -name "Kovács Anna" -role seller
//	sidecar ready   -config crm.yaml    ask the running service whether it is ready, for container engines
//
// The files: config.go and config_decode.go read the configuration, open.go the database and the ERP, mount.go
// puts the screens and the API in, login.go and session.go let people in, health.go and metrics.go tell how it
// is, server.go is around all of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/crmplus/crmplus/crm/fault"
)

// The exit codes.
const (
	well     = 0
	problems = 1
	misused  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command(ctx, os.Args[1:], surroundings{out: os.Stdout, err: os.Stderr, env: os.LookupEnv})
	stop()
	os.Exit(code)
}

// surroundings are what a command talks to.
type surroundings struct {
	out, err io.Writer
	env      func(name string) (string, bool)
}

// call is one run of a command.
type call struct {
	surroundings
	config config
	claims claimFlags
}

// commands are what the program can do, by name.
var commands = map[string]func(context.Context, *call) error{
	"run": runService, "check": check, "migrate": migrate, "token": token, "ready": askReady,
}

func command(ctx context.Context, args []string, s surroundings) int {
	name := "run"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	do, known := commands[name]
	if !known {
		fmt.Fprintf(s.err, "sidecar: there is no command %q; there are check, migrate, run, token and ready\n", name)
		return misused
	}
	c := &call{surroundings: s}
	flags := flag.NewFlagSet("sidecar "+name, flag.ContinueOnError)
	flags.SetOutput(s.err)
	file := flags.String("config", "crm.yaml", "the configuration `file`")
	if name == "token" {
		c.claims.declare(flags)
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return well
	} else if err != nil {
		return misused
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(s.err, "sidecar: %q is too much; write sidecar %s -config FILE\n", flags.Arg(0), name)
		return misused
	}
	var err error
	if c.config, err = load(*file, s.env); err == nil {
		err = do(ctx, c)
	}
	if err != nil {
		c.complain(err)
		return problems
	}
	return well
}

// complain prints an error with its faults under each other, and no secret.
func (c *call) complain(err error) {
	hide := c.config.hide()
	var e *fault.Error
	if !errors.As(err, &e) || len(e.Faults) == 0 {
		fmt.Fprintf(c.err, "sidecar: %s\n", hide.Replace(err.Error()))
		return
	}
	fmt.Fprintf(c.err, "sidecar: %s:\n", hide.Replace(e.Message))
	faults := slices.Clone(e.Faults)
	slices.SortStableFunc(faults, func(a, b fault.Fault) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range faults {
		fmt.Fprintf(c.err, "  %s\n", hide.Replace(f.String()))
	}
}
