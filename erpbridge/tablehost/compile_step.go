package tablehost

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// key is a compiled [Key].
type key struct {
	column *column
	path   string
	// way is how a new row gets its key.
	way keyWay
	// sequence is the quoted name of one.
	sequence string
	// counter numbers the rows; with highest only its format counts.
	counter  *numbering
	template *formula.Program
}

// keyWay is how a new row gets its key.
type keyWay int

const (
	keyGiven keyWay = iota
	keyIdentity
	keySequence
	keyCounter
	keyTemplate
	keyGUID
	keyNumber
	keyHighest
)

func (c *compiler) key(at spot, t *table, def Key) *key {
	k := &key{column: c.column(t, at.path, def.Column), path: at.path}
	if k.column == nil {
		return nil
	}
	set := func(given bool, way keyWay) {
		switch {
		case !given:
		case k.way != keyGiven:
			c.problem(at.path, "key.ways", "a key comes about in one way only; leave one of identity, sequence, counter, template, guid, number and highest")
		default:
			k.way = way
		}
	}
	set(def.Identity, keyIdentity)
	set(def.Sequence != "", keySequence)
	set(def.Counter != nil && !def.Highest, keyCounter)
	set(def.Template != "", keyTemplate)
	set(def.GUID, keyGUID)
	set(def.Number, keyNumber)
	set(def.Highest, keyHighest)
	if k.way == keySequence {
		k.sequence = c.sequence(at.path+".sequence", def.Sequence)
	}
	if def.Counter != nil {
		k.counter = c.numbering(at.at("counter"), def.Counter)
	}
	k.template = c.formula(at.at("template"), def.Template, formula.Text)
	return k
}

// sequence is the quoted name of a sequence, always with its schema.
func (c *compiler) sequence(path, name string) string {
	parts, err := catalog.ParseName(name)
	if c.refuse(path, "name", err) {
		return ""
	}
	if schema := cmp.Or(c.mapping.Company.Schemas[c.company], c.catalog.Schema); len(parts) == 1 && schema != "" {
		parts = []string{schema, parts[0]}
	}
	for i, p := range parts {
		parts[i] = catalog.Quote(c.catalog.Dialect, p)
	}
	if database := c.mapping.Company.Databases[c.company]; database != "" {
		parts = append([]string{catalog.Quote(c.catalog.Dialect, database)}, parts...)
	}
	return strings.Join(parts, ".")
}

// counter is a compiled [Counter].
type counter struct {
	*table
	where []*setting
	// last holds the last number given, or the next one.
	last   *column
	next   bool
	create bool
	set    []*setting
}

// numbering is a compiled [Numbering]; counter is nil where only the format counts.
type numbering struct {
	path           string
	counter        *counter
	series, format *formula.Program
}

func (c *compiler) numbering(at spot, def *Numbering) *numbering {
	if def == nil {
		return nil
	}
	n := &numbering{path: at.path}
	if def.Counter != "" {
		n.counter = c.counter(at.path, def.Counter)
	}
	n.series = c.formula(at.at("series"), def.Series, formula.Text)
	n.format = c.formula(spot{at.path + ".format", c.environments().format(at.env)}, def.Format, formula.Any)
	return n
}

// counter gives a number table by its name.
func (c *compiler) counter(path, name string) *counter {
	if found, ok := c.counters[name]; ok {
		return found
	}
	def, ok := c.mapping.Counters[name]
	if !ok {
		c.problem(path+".counter", "counter.unknown", "there is no counter %q%s", name, catalog.Nearest(name, sorted(c.mapping.Counters)))
		return nil
	}
	at := spot{"counters." + name, c.environments().counter}
	n := &counter{table: c.table(tableNamed{at.path, def.Table, def.Company, "t"}), next: def.Next, create: def.Create}
	c.counters[name] = n
	if n.table == nil {
		return n
	}
	n.where = c.settings(n.table, at.at("where"), def.Where)
	n.set = c.settings(n.table, at.at("set"), def.Set)
	if n.last = c.column(n.table, at.path+".column", def.Column); n.last != nil {
		switch n.last.Type.Family {
		case catalog.Integer, catalog.Decimal:
		default:
			c.problem(at.path+".column", "column.type", "%s.%s is %s; a counter needs a number", n.last.Table, n.last.Name, n.last.Type)
		}
	}
	return n
}

// lookup is a compiled [Lookup].
type lookup struct {
	*table
	name       string
	where      []*condition
	parameters []string
	column     *column
	missing    string
	preset     *formula.Program
	message    string
}

// lookup gives a lookup by its name.
func (c *compiler) lookup(at spot, name string) *lookup {
	if found, ok := c.lookups[name]; ok {
		return found
	}
	def, ok := c.mapping.Lookups[name]
	if !ok {
		c.problem(at.path, "lookup.unknown", "there is no lookup %q%s", name, catalog.Nearest(name, sorted(c.mapping.Lookups)))
		return nil
	}
	in := spot{"lookups." + name, c.environments().lookup(def)}
	l := &lookup{
		name: name, parameters: def.Parameters, missing: def.Missing, message: def.Message,
		table: c.table(tableNamed{in.path, def.Table, def.Company, "t"}),
	}
	c.lookups[name] = l
	if l.table == nil {
		return l
	}
	l.where = c.conditions(in.at("where"), def.Where, c.of(l.table))
	l.column = c.column(l.table, in.path+".column", def.Column)
	switch def.Missing {
	case "", "refuse", "empty":
	default:
		l.preset = c.formula(in.at("missing"), def.Missing, formula.Any)
	}
	return l
}

// step is a compiled [Step].
type step struct {
	// name is how formulas know its key, path how errors call it.
	name, path string
	verb       verb
	table      *table
	where      []*condition
	when       *formula.Program
	// each is "", line or tax.
	each           string
	key            *key
	set, add, undo []*setting
	optional, gone bool
	// place and message are those of the fault of a guard.
	place, message string
	unsafe         *unsafe
}

// verb is what a step does.
type verb string

const (
	insertVerb verb = "insert"
	updateVerb verb = "update"
	ensureVerb verb = "ensure"
	guardVerb  verb = "guard"
	refuseVerb verb = "refuse"
	unsafeVerb verb = "unsafe_sql"
)

// unsafe is a statement of the host's own: text with a "?" for each of the programs.
type unsafe struct {
	text string
	with []*formula.Program
}

// steps compiles a list of steps; at.env is what their formulas see but the line or the tax of those that
// are repeated, and the keys of the steps before.
func (c *compiler) steps(at spot, defs []Step) []*step {
	var list []*step
	for i, def := range defs {
		if s := c.step(spot{at.path + "[" + strconv.Itoa(i) + "]", at.env}, def); s != nil {
			list = append(list, s)
		}
	}
	return list
}

func (c *compiler) step(at spot, def Step) *step {
	s := &step{
		name: def.Name, path: at.path, each: def.Each, optional: def.Optional, gone: def.Delete, place: def.Path, message: def.Message,
	}
	table := ""
	for verb, name := range map[verb]string{
		insertVerb: def.Insert, updateVerb: def.Update, ensureVerb: def.Ensure, guardVerb: def.Guard, refuseVerb: def.Refuse, unsafeVerb: def.UnsafeSQL,
	} {
		switch {
		case name == "":
		case s.verb != "":
			c.problem(at.path, "step.verbs", "the step does two things; make two steps of it")
			return nil
		default:
			s.verb, table = verb, name
		}
	}
	switch def.Each {
	case "":
	case "line", "tax":
		at.env = c.environments().each(at.env, def.Each)
	default:
		c.problem(at.path+".each", "step.each", "%q is nothing that a step can be repeated for; there are line and tax", def.Each)
	}
	s.when = c.formula(at.at("when"), def.When, formula.Bool)
	switch s.verb {
	case "":
		c.problem(at.path, "step.verbs", "the step does nothing; give it one of insert, update, ensure, guard, refuse and unsafe_sql")
		return nil
	case unsafeVerb:
		s.unsafe = c.unsafeSQL(at, def)
		return s
	}
	if s.table = c.table(tableNamed{at.path, table, def.Company, "t"}); s.table == nil {
		return s
	}
	s.where = c.conditions(at.at("where"), def.Where, c.of(s.table))
	if def.Key != nil {
		s.key = c.key(at.at("key"), s.table, *def.Key)
	}
	s.set = c.settings(s.table, at.at("set"), def.Set)
	s.add = c.settings(s.table, at.at("add"), def.Add)
	s.undo = c.settings(s.table, at.at("undo"), def.Undo)
	c.checkStep(s, def)
	return s
}

// checkStep names what a step lacks or cannot have.
func (c *compiler) checkStep(s *step, def Step) {
	reads := s.verb == guardVerb || s.verb == refuseVerb
	changes := s.verb == updateVerb
	if len(def.Where) == 0 && s.verb != insertVerb {
		c.problem(s.path+".where", "step.where", "nothing says which rows of %s are meant; the step would be about all of them", s.table)
	}
	if reads && len(def.Set)+len(def.Add) > 0 {
		c.problem(s.path, "step.set", "a guard changes nothing; make a step of its own of set and add")
	}
	if len(def.Add) > 0 && !changes {
		c.problem(s.path+".add", "step.add", "only an update adds to columns")
	}
	if changes && len(def.Set)+len(def.Add) == 0 {
		c.problem(s.path, "step.set", "the update sets nothing; give it set or add")
	}
	if s.gone && len(def.Where) == 0 {
		c.problem(s.path+".where", "step.where", "where has to say which rows are deleted when the document is taken back")
	}
}

var parameterName = regexp.MustCompile(`:[A-Za-z_][A-Za-z0-9_]*`)

// unsafeSQL turns :names into parameters.
func (c *compiler) unsafeSQL(at spot, def Step) *unsafe {
	if !c.options.AllowUnsafeSQL {
		c.problem(at.path+".unsafe_sql", "unsafe_sql", "statements of your own are not allowed here; set Options.AllowUnsafeSQL in the program, or write the step without one")
		return nil
	}
	u := &unsafe{}
	used := map[string]bool{}
	u.text = parameterName.ReplaceAllStringFunc(def.UnsafeSQL, func(name string) string {
		name = name[1:]
		source, ok := def.With[name]
		if !ok {
			c.problem(at.path+".with", "unsafe_sql.with", "nothing is given for :%s", name)
			return "?"
		}
		used[name] = true
		u.with = append(u.with, c.formula(at.at("with."+name), source, formula.Any))
		return "?"
	})
	for _, name := range sorted(def.With) {
		if !used[name] {
			c.problem(at.path+".with."+name, "unsafe_sql.with", "the statement has no :%s", name)
		}
	}
	return u
}
