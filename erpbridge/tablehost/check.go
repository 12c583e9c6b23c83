package tablehost

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// Severity says whether a mapping with the problem can be used.
type Severity string

// The severities.
const (
	// Error: a conversion would fail, or write something else than was meant.
	Error Severity = "error"
	// Warning: conversions work, but not all of them, or not as somebody may expect.
	Warning Severity = "warning"
)

// Problem is one thing that [Check] found.
type Problem struct {
	Severity Severity `json:"severity"`
	// Path is the place in the mapping: "documents.order.lines"; that of a problem of the session is "".
	Path string `json:"path"`
	// Code is stable and names the rule: "column.unmapped".
	Code string `json:"code"`
	// Message is one sentence that names table, column, type and remedy.
	Message string `json:"message"`
}

// String is the path and the sentence.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Check compares a mapping with the database it is for, and names everything that would fail or surprise
// later, all at once and before anything is written: what [New] refuses (names that do not exist, formulas,
// writes to what the database fills itself), columns that need a value and get none, types and lengths,
// constants that a CHECK or a foreign key refuses, keys and counters that are not what the mapping says,
// the order of inserts, triggers, permissions, collations and the options of the session; and whether rows that
// are there already are kept as the mapping says (storage, countries, discounts). It reads the catalogue, for
// constants in foreign keys single rows, and the first rows of what is read; it writes nothing. Errors come first.
//
// The error is not nil only where the database cannot be read. What holds for the session (SET options) is
// that of q's connection.
func Check(ctx context.Context, q catalog.Queryer, m Mapping) ([]Problem, error) {
	dialect, err := catalog.Detect(ctx, q)
	if err != nil {
		return nil, err
	}
	cat, err := catalog.Read(ctx, q, dialect)
	if err != nil {
		return nil, fmt.Errorf("tablehost: reading the catalogue: %w", err)
	}
	return CheckCatalog(ctx, q, cat, m)
}

// CheckCatalog is [Check] with a catalogue that was read before.
func CheckCatalog(ctx context.Context, q catalog.Queryer, cat *catalog.Catalog, m Mapping) ([]Problem, error) {
	k := &checker{ctx: ctx, q: q, cat: cat, mapping: &m, seen: map[Problem]bool{}}
	c := &compiler{mapping: &m, catalog: cat, options: Options{AllowUnsafeSQL: true}}
	k.h, k.compiler = c.compile(), c
	for _, f := range fault.Of(m.validatedDocuments()) {
		k.add(Error, f.Path, f.Code, "%s", f.Message)
	}
	for _, f := range c.faults {
		k.add(Error, f.Path, f.Code, "%s", f.Message)
	}
	k.work = k.rehearsal()
	k.rows = k.collect()
	k.session()
	k.companies()
	for _, r := range k.rows {
		k.row(r)
	}
	k.entities()
	k.counters()
	k.lookups()
	k.documents()
	k.contacts()
	k.held()
	slices.SortStableFunc(k.problems, func(a, b Problem) int { return cmp.Compare(a.Severity, b.Severity) })
	return k.problems, k.err
}

// validatedDocuments is the part of Validate that compiling does not repeat.
func (m Mapping) validatedDocuments() error {
	var faults fault.List
	m.validateDocuments(&faults)
	return faults.Err("the mapping cannot be used")
}

// checker collects problems.
type checker struct {
	ctx     context.Context
	q       catalog.Queryer
	cat     *catalog.Catalog
	mapping *Mapping
	h       *host
	// compiler holds the counters and lookups.
	compiler *compiler
	work     work
	rows     []*entry

	problems []Problem
	seen     map[Problem]bool
	// err is the first error of the database.
	err error
}

// add notes a problem, once.
func (k *checker) add(s Severity, path, code, format string, args ...any) {
	p := Problem{Severity: s, Path: path, Code: code, Message: fmt.Sprintf(format, args...)}
	if !k.seen[p] {
		k.seen[p] = true
		k.problems = append(k.problems, p)
	}
}

// once notes a problem of a table, at the first path at which it is met.
func (k *checker) once(s Severity, path, code, format string, args ...any) {
	p := Problem{Severity: s, Code: code, Message: fmt.Sprintf(format, args...)}
	if k.seen[p] {
		return
	}
	k.seen[p] = true
	p.Path = path
	k.problems = append(k.problems, p)
}

// refused notes an error of Bind at a path.
func (k *checker) refused(s Severity, path string, err error) {
	for _, f := range fault.Of(err) {
		k.add(s, path, f.Code, "%s", f.Message)
	}
}

// session judges the options of the session and the place of the token table.
func (k *checker) session() {
	o := k.cat.Options
	if o.ReadOnly {
		k.add(Error, "", "session.read_only", "the database or this session takes no writes; connect with one that does")
	}
	if k.cat.Dialect == catalog.SQLite {
		if !o.ForeignKeys && slices.ContainsFunc(k.rows, func(r *entry) bool { return len(r.table.ForeignKeys) > 0 }) {
			k.add(Warning, "", "session.foreign_keys", "SQLite does not watch over foreign keys in this session; add _pragma=foreign_keys(1) to the connection string")
		}
		return
	}
	if o.ImplicitTransactions {
		k.add(Error, "", "session.implicit_transactions", "IMPLICIT_TRANSACTIONS is on: each statement begins a transaction that nobody ends; turn it off in the connection string")
	}
	if o.XactAbort {
		k.add(Warning, "", "session.xact_abort", "XACT_ABORT is on: any error of the host, in a trigger too, ends the whole transaction; CRM+ takes every error so and does not go on after one")
	}
	if o.NoCount {
		k.add(Warning, "", "session.nocount", "NOCOUNT is on: the server does not say how many rows a statement changed; CRM+ does not ask, but your own code around it may")
	}
	if o.DateFormat != "" && o.DateFormat != "mdy" && o.DateFormat != "ymd" {
		k.add(Warning, "", "session.dateformat", "DATEFORMAT is %s (language %s): texts such as '2026-07-13 10:00' swap day and month in datetime columns; CRM+ writes 2026-07-13T10:00:00, see that triggers and unsafe_sql do too", o.DateFormat, o.Language)
	}
	k.ansi()
}

// ansi: writes to tables with filtered indexes or computed columns fail where these options are off.
func (k *checker) ansi() {
	o := k.cat.Options
	var off []string
	for name, on := range map[string]bool{
		"QUOTED_IDENTIFIER": o.QuotedIdentifier, "ANSI_NULLS": o.AnsiNulls, "ANSI_PADDING": o.AnsiPadding, "ANSI_WARNINGS": o.AnsiWarnings,
		"CONCAT_NULL_YIELDS_NULL": o.ConcatNullYieldsNull, "ARITHABORT": o.ArithAbort || o.AnsiWarnings, "NUMERIC_ROUNDABORT (has to be off)": !o.NumericRoundAbort,
	} {
		if !on {
			off = append(off, name)
		}
	}
	slices.Sort(off)
	if len(off) == 0 {
		return
	}
	for _, r := range k.rows {
		needs := slices.ContainsFunc(r.table.Unique, func(i catalog.Index) bool { return i.Filter != "" }) ||
			slices.ContainsFunc(r.table.Columns, func(c catalog.Column) bool { return c.Computed })
		if needs {
			k.once(Error, r.path, "session.ansi", "%s has a filtered index or a computed column, and writes to it fail with these SET options: %s; set them in the connection string or for the login", r.table.Table, strings.Join(off, ", "))
		}
	}
}

// companies looks for the schemas and databases that companies have of their own.
func (k *checker) companies() {
	scope := k.mapping.Company
	if scope.Column != "" && (len(scope.Schemas) > 0 || len(scope.Databases) > 0) || len(scope.Schemas) > 0 && len(scope.Databases) > 0 {
		k.add(Error, "company", "company.ways", "companies are kept apart in one way only; leave one of column, schemas and databases")
	}
	for _, company := range sorted(scope.Schemas) {
		for _, t := range k.tables() {
			name := catalog.Quote(k.cat.Dialect, scope.Schemas[company]) + "." + catalog.Quote(k.cat.Dialect, t.Name)
			if _, err := k.cat.Table(name); err != nil {
				k.add(Error, "company.schemas."+company, "table.unknown", "%v", err)
			}
		}
	}
	for _, company := range sorted(scope.Databases) {
		if k.cat.Dialect != catalog.MSSQL {
			k.add(Error, "company.databases."+company, "company.database", "SQLite has one database a file; keep companies apart by a column")
			continue
		}
		var id any
		err := k.ask("SELECT DB_ID(@p1)", func(raw any) { id = raw }, scope.Databases[company])
		if err == nil && id == nil {
			k.add(Error, "company.databases."+company, "company.database", "there is no database %q on this server, or the login may not see it", scope.Databases[company])
		}
	}
}

// ask reads the first column of the rows of a statement.
func (k *checker) ask(query string, take func(raw any), args ...any) error {
	rows, err := k.q.QueryContext(k.ctx, query, args...)
	if err == nil {
		defer rows.Close()
		for rows.Next() && err == nil {
			var raw any
			if err = rows.Scan(&raw); err == nil {
				take(raw)
			}
		}
		if err == nil {
			err = rows.Err()
		}
	}
	if err != nil && k.err == nil {
		k.err = fmt.Errorf("tablehost: checking: %w", err)
	}
	return err
}

// tables are those of the mapping, each once.
func (k *checker) tables() []*catalog.Table {
	var list []*catalog.Table
	add := func(t *table) {
		if t != nil && t.Table != nil && t.Name != "" && !slices.Contains(list, t.Table) {
			list = append(list, t.Table)
		}
	}
	for _, r := range k.rows {
		add(r.table)
	}
	for _, e := range k.h.entitiesRead() {
		add(e.table)
		for _, j := range e.joins {
			add(j.table)
		}
	}
	for _, name := range sorted(k.mapping.Lookups) {
		if t, err := k.cat.Table(k.mapping.Lookups[name].Table); err == nil && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

// kinds are those of the mapping's documents, in the order in which they follow each other.
func (h *host) kinds() []erpbridge.Kind {
	return slices.DeleteFunc(slices.Clone(documentKinds), func(kind erpbridge.Kind) bool { return h.papers[kind] == nil })
}

// entitiesRead are the compiled entities.
func (h *host) entitiesRead() []*entity {
	list := []*entity{h.company, h.users, h.groups, h.products, h.openItems, h.payments}
	if h.prices != nil {
		list = append(list, h.prices.entity, h.prices.lists)
	}
	if h.vat != nil {
		list = append(list, h.vat.entity)
	}
	if h.customers != nil {
		list = append(list, h.customers.entity)
	}
	if h.contacts != nil {
		list = append(list, h.contacts.entity)
	}
	for _, kind := range h.kinds() {
		p := h.papers[kind]
		list = append(list, p.head)
		if p.lines != nil {
			list = append(list, p.lines.entity)
		}
		if p.taxes != nil {
			list = append(list, p.taxes.entity)
		}
	}
	return slices.DeleteFunc(list, func(e *entity) bool { return e == nil || e.table == nil || e.constant })
}
