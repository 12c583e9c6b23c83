package prochost

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// maxArguments is how many arguments go into a batch; SQL Server takes 2100.
const maxArguments = 2000

// batch is the text of one call with its arguments. Equal arguments are sent once.
type batch struct {
	declare, fill, exec, result strings.Builder
	args                        []any
	seen                        map[any]string
	outs                        []*param
	faults                      fault.List
	// lenient puts NULL where a value does not fit, so that a check can go on.
	lenient bool
}

// rowsOf says what parameters with rows repeat.
type rowsOf struct {
	// name is the variable, each its records.
	name string
	each []map[string]any
	// path is where a fault about a field of our record stands; row is -1 for a parameter without rows.
	path func(field string, row int) string
	// lenient: see batch.
	lenient bool
}

// arg gives the mark of an argument.
func (b *batch) arg(v any) string {
	if bytes, ok := v.([]byte); ok {
		b.args = append(b.args, bytes)
		return "@p" + strconv.Itoa(len(b.args))
	}
	if mark, ok := b.seen[v]; ok {
		return mark
	}
	b.args = append(b.args, v)
	mark := "@p" + strconv.Itoa(len(b.args))
	b.seen[v] = mark
	return mark
}

// bound gives the CAST of a value to the type of a column or parameter; NULL and a fault where it does not fit.
func (b *batch) bound(c *catalog.Column, v any, path string) string {
	sql, arg, err := c.Bind(catalog.MSSQL, v, catalog.Storage{Text: true})
	if err != nil {
		b.faults.Merge("", at(path, err))
		return "NULL"
	}
	return strings.Replace(sql, "?", b.arg(arg), 1)
}

// at puts the faults of err at a path.
func at(path string, err error) fault.List {
	var list fault.List
	for _, f := range fault.Of(err) {
		list.Add(path, f.Code, "%s", f.Message)
	}
	if len(list) == 0 {
		list.Add(path, "value", "%s", err)
	}
	return list
}

// evaluate runs a formula; what means nothing is nil.
func evaluate(ctx context.Context, p *formula.Program, vars map[string]any) (any, error) {
	if p == nil {
		return nil, nil
	}
	v, err := p.Run(ctx, vars)
	if s, ok := v.(string); ok && s == "" {
		v = nil
	}
	return v, err
}

// hosts gives the host's value for ours.
func (p *param) hosts(v any) any {
	if s, ok := v.(string); ok {
		if h, ok := p.values[s]; ok {
			return h
		}
	}
	return v
}

// field names the field of ours that a formula reads first; "" where it reads none.
func field(p *formula.Program) string {
	if p == nil {
		return ""
	}
	for _, n := range p.Names() {
		record, name, ok := strings.Cut(n, ".")
		if ok && record != "out" && record != "row" {
			return name
		}
	}
	return ""
}

// batch writes the call of a procedure.
func (w *work) batch(ctx context.Context, c *call, over rowsOf) (*batch, error) {
	b := &batch{seen: map[any]string{}, lenient: over.lenient}
	if over.path == nil {
		over.path = func(field string, _ int) string { return field }
	}
	b.declare.WriteString("DECLARE @crm_code int, @crm_begun int = @@TRANCOUNT")
	b.exec.WriteString("EXEC @crm_code = " + c.procedure.Quoted())
	b.result.WriteString("SELECT @crm_code AS crm_code, @@TRANCOUNT - @crm_begun AS crm_begun, XACT_STATE() AS crm_state")
	for i, p := range c.params {
		if i > 0 {
			b.exec.WriteString(",")
		}
		variable := "@crm_" + strconv.Itoa(i+1)
		if err := w.parameter(ctx, b, p, parameterAt{variable, over}); err != nil {
			return nil, fmt.Errorf("prochost: %s.%s: %w", c.path, p.Name, err)
		}
		fmt.Fprintf(&b.exec, " @%s = %s", p.Name, variable)
		if p.Output && p.out != "" {
			b.exec.WriteString(" OUTPUT")
			b.outs = append(b.outs, p)
			fmt.Fprintf(&b.result, ", %s AS crm_out%d", variable, len(b.outs))
		}
	}
	if len(b.args) > maxArguments {
		return nil, fault.New(fault.Limit, "%d lines are too many for one call of %s, whose batch takes %d different values; write several documents", len(over.each), c.procedure, maxArguments)
	}
	return b, nil
}

type parameterAt struct {
	variable string
	over     rowsOf
}

// parameter declares and fills the variable of a parameter.
func (w *work) parameter(ctx context.Context, b *batch, p *param, at parameterAt) error {
	if len(p.rows) > 0 {
		return w.rows(ctx, b, p, at)
	}
	fmt.Fprintf(&b.declare, ", %s %s", at.variable, p.Type)
	v, err := evaluate(ctx, p.value, w.vars)
	if err != nil {
		return err
	}
	if p.value != nil {
		b.declare.WriteString(" = " + b.bound(&p.Column, p.hosts(v), at.over.path(field(p.value), -1)))
	}
	return nil
}

// rows fills a parameter that holds a row for each record.
func (w *work) rows(ctx context.Context, b *batch, p *param, at parameterAt) error {
	if p.as != "table" {
		text, err := w.text(ctx, p, at.over)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b.declare, ", %s %s = %s", at.variable, p.Type, b.bound(&p.Column, text, at.over.path("", -1)))
		return nil
	}
	fmt.Fprintf(&b.fill, "DECLARE %s %s;\n", at.variable, p.kind.Quoted())
	for i, record := range at.over.each {
		if i%rowsPerInsert == 0 {
			b.fill.WriteString(after(i, ";\n"))
			b.fill.WriteString("INSERT INTO " + at.variable + " (")
			for k, r := range p.rows {
				b.fill.WriteString(after(k, ", ") + r.column.Quoted())
			}
			b.fill.WriteString(") VALUES ")
		} else {
			b.fill.WriteString(", ")
		}
		vars := w.with(map[string]any{at.over.name: record}).vars
		b.fill.WriteString("(")
		for k, r := range p.rows {
			v, err := evaluate(ctx, r.value, vars)
			if err != nil {
				return err
			}
			b.fill.WriteString(after(k, ", ") + b.bound(r.column, v, at.over.path(field(r.value), i)))
		}
		b.fill.WriteString(")")
	}
	if len(at.over.each) > 0 {
		b.fill.WriteString(";\n")
	}
	return nil
}

// rowsPerInsert is how many rows an INSERT takes; SQL Server takes 1000.
const rowsPerInsert = 500

// after is what stands before the element i of a list but the first.
func after(i int, separator string) string {
	if i == 0 {
		return ""
	}
	return separator
}

// text writes rows as JSON or XML. Numbers are exact texts of digits, days and moments ISO 8601.
func (w *work) text(ctx context.Context, p *param, over rowsOf) (string, error) {
	var out strings.Builder
	open, closing, separator := "[", "]", ","
	if p.as == "xml" {
		open, closing, separator = "<rows>", "</rows>", ""
	}
	out.WriteString(open)
	for i, record := range over.each {
		out.WriteString(after(i, separator))
		vars := w.with(map[string]any{over.name: record}).vars
		var cells []string
		for _, r := range p.rows {
			v, err := evaluate(ctx, r.value, vars)
			if err != nil {
				return "", err
			}
			cell, err := cellOf(p.as, r.name, v)
			if err != nil {
				return "", err
			}
			if cell != "" {
				cells = append(cells, cell)
			}
		}
		if p.as == "xml" {
			out.WriteString("<row " + strings.Join(cells, " ") + "/>")
		} else {
			out.WriteString("{" + strings.Join(cells, ",") + "}")
		}
	}
	return out.String() + closing, nil
}

// cellOf is one value of a row as JSON or XML; "" for no value.
func cellOf(as, name string, v any) (string, error) {
	var text string
	switch x := v.(type) {
	case nil:
		return "", nil
	case decimal.Decimal:
		text = x.String()
	case int64:
		text = strconv.FormatInt(x, 10)
	case bool:
		text = map[bool]string{true: "1", false: "0"}[x]
	case civil.Date:
		if x.IsZero() {
			return "", nil
		}
		text = x.String()
	case civil.DateTime:
		text = x.String()
	case string:
		text = x
	default:
		return "", fmt.Errorf("a value of the type %T cannot go into %s", v, as)
	}
	if as == "xml" {
		var b strings.Builder
		err := xml.EscapeText(&b, []byte(text))
		return name + `="` + b.String() + `"`, err
	}
	switch v.(type) {
	case decimal.Decimal, int64, bool:
		return jsonText(name) + ":" + text, nil
	}
	return jsonText(name) + ":" + jsonText(text), nil
}

// jsonText quotes a text; what is no UTF-8 becomes the replacement character.
func jsonText(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// String is the whole batch.
func (b *batch) String() string {
	return b.declare.String() + ";\n" + b.fill.String() + b.exec.String() + ";\n" + b.result.String()
}

var errNoResult = errors.New("the batch gave no last row with the return code")
