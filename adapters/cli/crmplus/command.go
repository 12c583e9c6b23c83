package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// The exit codes.
const (
	well     = 0
	problems = 1
	misused  = 2
)

// terminal is what a command talks to.
type terminal struct {
	out, err io.Writer
	env      func(name string) string
	now      func() time.Time
}

// command is one thing the program can do.
type command struct {
	name, usage, about string
	// flags declares what the command takes besides -h.
	flags func(*flag.FlagSet, *settings)
	run   func(context.Context, *call) (int, error)
	// words are what may stand behind the name.
	words []string
}

// settings are the flags of all commands.
type settings struct {
	db, mapping, file string
	json              bool
	unsafe, once      bool
	company, user     string
	customer, product string
	quantity          string
	to                int
	yes               bool
	source, known     string
	rejects           string
	preview, verbose  bool
	beside            string
	procedures, api   string
}

// call is one run of a command.
type call struct {
	terminal
	settings
	words []string
}

// usageError is a command that was not understood.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func misuse(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

var commands = []command{
	{
		name: "host scaffold", usage: "-db DSN", about: "write a first mapping from what the database says of itself, with a list of what a person must decide",
		flags: func(f *flag.FlagSet, s *settings) { dbFlag(f, s); jsonFlag(f, s) }, run: scaffold,
	},
	{
		name: "host check", usage: "-db DSN -map FILE | -db DSN -procedures FILE | -api FILE",
		about: "find everything in the mapping that does not fit the database, at once; or in a description of stored procedures, or of an API",
		flags: func(f *flag.FlagSet, s *settings) {
			dbFlag(f, s)
			mapFlag(f, s)
			jsonFlag(f, s)
			unsafeFlag(f, s)
			f.StringVar(&s.procedures, "procedures", "", "a `file` that describes stored procedures, instead of a mapping")
			apiFlag(f, s)
		}, run: check,
	},
	{
		name: "host explain", usage: "-map FILE | -api FILE", about: "say in plain words what will be written where, or sent where",
		flags: func(f *flag.FlagSet, s *settings) { mapFlag(f, s); apiFlag(f, s) }, run: explain,
	},
	{
		name: "host dry-run", usage: "-db DSN -map FILE [-company KEY] [-user KEY] [-customer KEY] [-product KEY]",
		about: "take a made-up lead and an order through the mapping, show each statement with its values, and roll back",
		flags: func(f *flag.FlagSet, s *settings) {
			dbFlag(f, s)
			mapFlag(f, s)
			jsonFlag(f, s)
			f.StringVar(&s.company, "company", "", "the host's `key` of the company; the first where it is not given")
			f.StringVar(&s.user, "user", "", "the host's `key` of the user who acts; the first where it is not given")
			f.StringVar(&s.customer, "customer", "", "the `key` of a customer who is there already, instead of a made-up one")
			f.StringVar(&s.product, "product", "", "the `key` of the product that is ordered; the first that is sold where it is not given")
			f.StringVar(&s.quantity, "quantity", "2", "the `quantity` that is ordered")
			f.BoolVar(&s.verbose, "reads", false, "show the statements that only read, too")
		}, run: dryRun,
	},
	{name: "host schema", about: "print the JSON schema of mappings, for editors that complete and check", flags: func(*flag.FlagSet, *settings) {}, run: schema},
	{
		name: "migrate", usage: "up|down|status|sql|synonyms -db DSN", about: "bring the tables of CRM+ up to date, take them back, compare them, or print the SQL for an administrator",
		words: []string{"up", "down", "status", "sql", "synonyms"},
		flags: func(f *flag.FlagSet, s *settings) {
			dbFlag(f, s)
			jsonFlag(f, s)
			f.IntVar(&s.to, "to", -1, "down: the `number` of the last step that stays; 0 removes every table of CRM+ with all rows. sql: the number of the last step the database has")
			f.StringVar(&s.beside, "crm", "", "synonyms: the `database` of the same server that holds the tables of CRM+")
			f.BoolVar(&s.yes, "yes", false, "down: really delete the tables with their rows")
		}, run: migrate,
	},
	{
		name: "import", usage: "leads -db DSN -map FILE -file FILE -company KEY -user KEY", about: "take leads in from CSV, Excel or vCard; a file that broke off goes on where it stopped",
		words: []string{"leads"},
		flags: func(f *flag.FlagSet, s *settings) {
			dbFlag(f, s)
			mapFlag(f, s)
			jsonFlag(f, s)
			f.StringVar(&s.file, "file", "", "the `file` with the leads: CSV, Excel workbook or vCard")
			f.StringVar(&s.company, "company", "", "the host's `key` of the company that the leads belong to")
			f.StringVar(&s.user, "user", "", "the host's `key` of the user who imports")
			f.StringVar(&s.source, "source", "", "where the leads come from, for rows that do not say: a fair, a `list`")
			f.StringVar(&s.known, "known", "merge", "what becomes of people who are known already: `merge`, skip or create")
			f.StringVar(&s.rejects, "rejects", "", "the CSV `file` that bad rows are written to")
			f.BoolVar(&s.preview, "preview", false, "only show how the file would be read")
		}, run: importLeads,
	},
	{
		name: "run", usage: "-db DSN -map FILE [-once]", about: "do what waits in the background, as the program that embeds CRM+ does: the ERP's rows in crm_request, reminders, deadlines",
		flags: func(f *flag.FlagSet, s *settings) {
			dbFlag(f, s)
			mapFlag(f, s)
			jsonFlag(f, s)
			unsafeFlag(f, s)
			f.BoolVar(&s.once, "once", false, "do what is due now and end, for a scheduler; without it the command goes on until Ctrl-C")
		}, run: work,
	},
	{
		name: "search", usage: "rebuild -db DSN -map FILE [-company KEY]", about: "build the index that searches go by anew; one that broke off goes on where it stopped, and searches go on meanwhile",
		words: []string{"rebuild"},
		flags: func(f *flag.FlagSet, s *settings) {
			dbFlag(f, s)
			mapFlag(f, s)
			jsonFlag(f, s)
			unsafeFlag(f, s)
			f.StringVar(&s.company, "company", "", "the host's `key` of the company; all where it is not given")
		}, run: searchIndex,
	},
}

func dbFlag(f *flag.FlagSet, s *settings) {
	f.StringVar(&s.db, "db", "", "the database: a SQLite file, sqlite:FILE, or sqlserver://user:password@server?database=name; $CRMPLUS_DB where it is not given, so that a password need not stand on the command line (`DSN`)")
}

func mapFlag(f *flag.FlagSet, s *settings) {
	f.StringVar(&s.mapping, "map", "", "the mapping `file` (YAML)")
}

func apiFlag(f *flag.FlagSet, s *settings) {
	f.StringVar(&s.api, "api", "", "a `file` that describes an HTTP API, instead of a mapping")
}

func jsonFlag(f *flag.FlagSet, s *settings) {
	f.BoolVar(&s.json, "json", false, "answer with one JSON object")
}

func unsafeFlag(f *flag.FlagSet, s *settings) {
	f.BoolVar(&s.unsafe, "allow-unsafe-sql", false, "take steps with unsafe_sql, as the program that embeds CRM+ does")
}

// run carries out a command line and gives the exit code.
func run(ctx context.Context, args []string, t terminal) int {
	c := &call{terminal: t}
	code, err := c.dispatch(ctx, args)
	if err == nil {
		return code
	}
	text := c.hide(err)
	var u usageError
	switch {
	case errors.Is(err, flag.ErrHelp):
		return well
	case errors.As(err, &u):
		fmt.Fprintf(t.err, "crmplus: %s\n", text)
		return misused
	case c.json:
		_ = c.answer(map[string]any{"ok": false, "error": text, "code": fault.CodeOf(err), "faults": c.hidden(fault.Of(err))})
		return max(code, problems)
	}
	c.complain(err)
	return max(code, problems)
}

// complain prints an error, its faults under each other.
func (c *call) complain(err error) {
	var e *fault.Error
	if !errors.As(err, &e) || len(e.Faults) == 0 {
		fmt.Fprintf(c.err, "crmplus: %s\n", c.hide(err))
		return
	}
	fmt.Fprintf(c.err, "crmplus: %s:\n", c.hideText(e.Message))
	for _, f := range e.Faults {
		fmt.Fprintf(c.err, "  %s\n", c.hideText(f.String()))
	}
}

func (c *call) hidden(faults []fault.Fault) []fault.Fault {
	faults = slices.Clone(faults)
	for i := range faults {
		faults[i].Message = c.hideText(faults[i].Message)
	}
	return faults
}

func (c *call) dispatch(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 {
		overview(c.err)
		return misused, nil
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		overview(c.out)
		return well, nil
	}
	cmd, rest := lookUp(args)
	if cmd == nil {
		return misused, misuse("there is no command %q; there are: %s. `crmplus help` says what they do", strings.Join(args[:min(2, len(args))], " "), strings.Join(commandNames(), ", "))
	}
	if len(cmd.words) > 0 {
		if len(rest) == 0 || !slices.Contains(cmd.words, rest[0]) && !strings.HasPrefix(rest[0], "-h") && rest[0] != "--help" {
			return misused, misuse("write crmplus %s %s", cmd.name, cmd.usage)
		}
		if slices.Contains(cmd.words, rest[0]) {
			c.words, rest = rest[:1], rest[1:]
		}
	}
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	cmd.flags(flags, &c.settings)
	err := flags.Parse(rest)
	if c.db == "" && c.env != nil {
		c.db = c.env("CRMPLUS_DB")
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		cmd.help(c.out, flags)
		return well, err
	case err != nil:
		return misused, misuse("%s: %s; `crmplus %s -h` shows what it takes", cmd.name, err, cmd.name)
	case flags.NArg() > 0:
		return misused, misuse("%s: %q is too much; every value belongs behind a flag, as in crmplus %s %s", cmd.name, flags.Arg(0), cmd.name, cmd.usage)
	}
	return cmd.run(ctx, c)
}

func lookUp(args []string) (*command, []string) {
	for i := range commands {
		words := strings.Fields(commands[i].name)
		if len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return &commands[i], args[len(words):]
		}
	}
	return nil, nil
}

func commandNames() []string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.name
	}
	return names
}

func overview(w io.Writer) {
	fmt.Fprintln(w, "crmplus ties CRM+ to an ERP's database and keeps it running.")
	fmt.Fprintln(w)
	for _, c := range commands {
		fmt.Fprintf(w, "  %s\n      %s\n", strings.TrimSpace("crmplus "+c.name+" "+c.usage), c.about)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "Exit codes: 0 well, 1 problems found, 2 not understood. `crmplus COMMAND -h` shows the flags.")
}

func (c *command) help(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprintf(w, "crmplus %s %s\n%s\n\n", c.name, c.usage, c.about)
	flags.VisitAll(func(f *flag.Flag) {
		name, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  -%s %s\n      %s\n", f.Name, name, usage)
	})
}

// answer writes one JSON object.
func (c *call) answer(v any) error {
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (c *call) say(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }
