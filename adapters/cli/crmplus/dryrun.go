package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
)

// played is the answer of dry-run.
type played struct {
	OK   bool    `json:"ok"`
	Acts []acted `json:"acts"`
}

// acted is one thing that was done and taken back.
type acted struct {
	Title      string        `json:"title"`
	Statements []sent        `json:"statements"`
	Result     any           `json:"result,omitempty"`
	Error      string        `json:"error,omitempty"`
	Faults     []fault.Fault `json:"faults,omitempty"`
}

// sent is a statement with its values.
type sent struct {
	Path   string      `json:"path"`
	SQL    string      `json:"sql"`
	Values []sentValue `json:"values"`
}

type sentValue struct {
	Column string `json:"column,omitempty"`
	Value  any    `json:"value"`
}

func dryRun(ctx context.Context, c *call) (int, error) {
	if err := c.needs("db", "map"); err != nil {
		return misused, err
	}
	quantity, err := money.ParseQuantity(c.quantity)
	if err != nil {
		return misused, misuse("-quantity: %s", err)
	}
	m, err := c.loadMapping()
	if err != nil {
		return problems, err
	}
	db, err := c.reading(ctx, false)
	if err != nil {
		return misused, err
	}
	defer db.Close()
	acts, err := tablehost.DryRun(ctx, db, m, tablehost.Trial{
		Company: c.company, User: c.user, Customer: c.customer, Product: c.product, Quantity: quantity, Now: c.now(),
	})
	if err != nil {
		return problems, err
	}
	out := played{OK: true}
	for _, a := range acts {
		out.Acts = append(out.Acts, c.acted(a))
		out.OK = out.OK && a.Err == nil
	}
	code := well
	if !out.OK {
		code = problems
	}
	if c.json {
		return code, c.answer(out)
	}
	for _, a := range out.Acts {
		c.show(a)
	}
	if out.OK {
		c.say("Everything went well and was rolled back; the database is as it was.")
	} else {
		c.say("The host refused, and everything was rolled back; the database is as it was.")
	}
	return code, nil
}

func (c *call) acted(a tablehost.Act) acted {
	out := acted{Title: a.Title, Result: summary(a.Result), Statements: []sent{}}
	for _, s := range a.Statements {
		one := sent{Path: s.Path, SQL: s.Text, Values: []sentValue{}}
		for i, v := range s.Args {
			value := sentValue{Value: plain(v)}
			if i < len(s.Columns) {
				value.Column = s.Columns[i][strings.LastIndexByte(s.Columns[i], '.')+1:] // the statement names the table
			}
			one.Values = append(one.Values, value)
		}
		out.Statements = append(out.Statements, one)
	}
	if a.Err != nil {
		out.Result = nil
		out.Error, out.Faults = c.hide(a.Err), c.hidden(fault.Of(a.Err))
	}
	return out
}

// plain is a value as JSON and people take it.
func plain(v any) any {
	switch x := v.(type) {
	case []byte:
		return "0x" + hex.EncodeToString(x)
	case time.Time:
		return x.Format("2006-01-02T15:04:05.000")
	case decimal.Decimal:
		return x.String()
	case nil, string, int64, bool, float64:
		return x
	}
	return fmt.Sprint(v)
}

// literal is a value as SQL writes it.
func literal(v any) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case string:
		if strings.HasPrefix(x, "0x") {
			return x
		}
		return "'" + strings.ReplaceAll(x, "'", "''") + "'"
	}
	return fmt.Sprint(v)
}

// read reports whether a statement changes nothing.
func (s sent) read() bool {
	return strings.HasPrefix(strings.ToUpper(strings.TrimSpace(s.SQL)), "SELECT")
}

func (c *call) show(a acted) {
	c.say("%s", strings.ToUpper(a.Title))
	hidden := 0
	for _, s := range a.Statements {
		if s.read() && !c.verbose {
			hidden++
			continue
		}
		c.say("  -- %s", s.Path)
		c.say("  %s", strings.Join(strings.Fields(s.SQL), " "))
		width := 0
		for _, v := range s.Values {
			width = max(width, len([]rune(v.Column)))
		}
		for i, v := range s.Values {
			name := v.Column
			if name == "" {
				name = fmt.Sprintf("(value %d)", i+1)
			}
			c.say("      %-*s = %s", width, name, literal(v.Value))
		}
	}
	if hidden > 0 {
		c.say("  -- and %s that only read; -reads shows them", counted(hidden, "statement"))
	}
	switch {
	case a.Error == "":
		if s, ok := a.Result.(fmt.Stringer); ok {
			c.say("  => %s", s)
		}
	case len(a.Faults) > 0:
		c.say("  => refused:")
		for _, f := range a.Faults {
			c.say("     %s", f)
		}
	default:
		c.say("  => refused: %s", a.Error)
	}
	c.say("")
}

// result is what the host keeps of a customer, contact, product or document.
type result struct {
	Kind   string `json:"kind"`
	Key    string `json:"key"`
	Number string `json:"number,omitempty"`
	Name   string `json:"name,omitempty"`
	Net    string `json:"net,omitempty"`
	Gross  string `json:"gross,omitempty"`
	Lines  int    `json:"lines,omitempty"`
	State  string `json:"state,omitempty"`
}

func (r result) String() string {
	text := r.Kind + " " + r.Key
	if r.Number != "" && r.Number != r.Key {
		text += ", number " + r.Number
	}
	if r.Name != "" {
		text += ", " + r.Name
	}
	if r.Lines > 0 {
		text += fmt.Sprintf(", %s, net %s, gross %s, %s", counted(r.Lines, "line"), r.Net, r.Gross, r.State)
	}
	return text
}

func summary(v any) any {
	switch x := v.(type) {
	case erpbridge.Customer:
		return result{Kind: "customer", Key: x.Key, Name: x.Name}
	case erpbridge.Contact:
		return result{Kind: "contact person", Key: x.Key, Name: x.Name}
	case erpbridge.Product:
		return result{Kind: "product", Key: x.Key, Name: x.Name}
	case erpbridge.Document:
		return result{
			Kind: string(x.Kind), Key: x.Key, Number: x.Number, Net: x.Net.String(), Gross: x.Gross.String(), Lines: len(x.Lines), State: string(x.State),
		}
	}
	return nil
}
