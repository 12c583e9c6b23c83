package prochost

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
)

// answer is what a call gave.
type answer struct {
	code int64
	// missing: the return code says that what was asked for is not there.
	missing bool
	sets    [][]map[string]any
	out     map[string]any
}

// call calls a procedure and judges its answer.
func (w *work) call(ctx context.Context, c *call, over rowsOf) (*answer, error) {
	b, err := w.batch(ctx, c, over)
	if err != nil {
		return nil, err
	}
	if len(b.faults) > 0 && !b.lenient {
		return nil, &misfit{refusal: &fault.Error{Code: fault.Invalid, Message: c.procedure.Name + " cannot be called", Faults: b.faults}}
	}
	sets, err := w.query(ctx, Statement{c.path, b.String(), b.args})
	if err != nil {
		return nil, w.failed(ctx, c, err)
	}
	if len(sets) == 0 || len(sets[len(sets)-1]) != 1 || sets[len(sets)-1][0]["crm_code"] == nil {
		return nil, fmt.Errorf("prochost: %s: %w", c.procedure.Name, errNoResult)
	}
	last := sets[len(sets)-1][0]
	a := &answer{sets: sets[:len(sets)-1], out: map[string]any{}}
	a.code, _ = last["crm_code"].(int64)
	for i, p := range b.outs {
		a.out[p.out] = last[fmt.Sprintf("crm_out%d", i+1)]
	}
	if begun, _ := last["crm_begun"].(int64); begun != 0 || last["crm_state"] != int64(1) {
		return nil, fault.New(fault.Unavailable, "%s ended, doomed or nested the transaction that it was called in; nothing of this unit of work is kept. "+
			"What the procedure begins it has to commit itself, and it may commit or roll back nothing else", c.procedure)
	}
	return a, w.judge(c, a)
}

// misfit is the error for values that the parameters of a call cannot hold: nothing was sent.
type misfit struct{ refusal *fault.Error }

func (m *misfit) Error() string { return m.refusal.Error() }

// Unwrap lets everybody else see the fault.Error.
func (m *misfit) Unwrap() error { return m.refusal }

// unlessMisfit drops the error of a read whose key does not fit its parameter: there is no such thing.
func unlessMisfit(err error) error {
	var m *misfit
	if errors.As(err, &m) {
		return nil
	}
	return err
}

// judge says what the return code means.
func (w *work) judge(c *call, a *answer) error {
	code, known := c.codes[int(a.code)]
	switch {
	case !known && a.code == 0, code.Done != "":
		return nil
	case !known:
		return fault.New(fault.Unavailable, "%s gave the return code %d, which the description does not explain (%s.codes)", c.procedure, a.code, c.path)
	case code.Missing:
		a.missing = true
		return nil
	}
	return refused(c, code.Refusal, fmt.Sprintf("%s refuses (return code %d)", c.procedure.Name, a.code))
}

// refused is a refusal as a fault.
func refused(c *call, r Refusal, sentence string) error {
	if r.Message != "" {
		sentence = r.Message
	}
	code := r.Code
	if code == "" {
		code = "host.refused"
	}
	var faults fault.List
	faults.Add(r.Path, code, "%s", sentence)
	return faults.Err("the host refuses (%s)", c.procedure.Name)
}

// The errors after which the same unit of work can succeed: deadlock victim, lock time-out, and the
// conflicts of snapshot isolation and memory-optimised tables.
var retryable = map[int32]bool{1205: true, 1222: true, 3960: true, 41302: true, 41305: true, 41325: true}

// failed judges an error of the server.
func (w *work) failed(ctx context.Context, c *call, err error) error {
	var server interface {
		error
		SQLErrorNumber() int32
		SQLErrorMessage() string
	}
	if !errors.As(err, &server) {
		return fmt.Errorf("prochost: %s: %w", c.procedure.Name, err)
	}
	number := server.SQLErrorNumber()
	if retryable[number] {
		return fault.Wrap(err, fault.Retryable, "the database gave up on %s", c.procedure.Name)
	}
	ended := w.ended(ctx)
	for _, r := range c.refusals {
		if int64(number) >= r.from && int64(number) <= r.to {
			sentence := server.SQLErrorMessage()
			if r.Message != "" {
				sentence = r.Message
			}
			if ended {
				sentence += " (the host rolled the transaction back; nothing of this unit of work is kept)"
			}
			r.Message = sentence
			return refused(c, r.Refusal, sentence)
		}
	}
	if ended {
		return fault.Wrap(err, fault.Unavailable, "%s failed and the transaction is rolled back", c.procedure.Name)
	}
	return fault.Wrap(err, fault.Unavailable, "%s failed", c.procedure.Name)
}

// ended asks whether an error ended or doomed the transaction. A connection that does not answer any more
// has ended it.
func (w *work) ended(ctx context.Context) bool {
	sets, err := w.query(ctx, Statement{Text: "SELECT CASE WHEN @@TRANCOUNT > 0 THEN XACT_STATE() ELSE 0 END AS crm_state"})
	return err != nil || len(sets) != 1 || len(sets[0]) != 1 || sets[0][0]["crm_state"] != int64(1)
}

// query sends a batch and reads all its result sets.
func (w *work) query(ctx context.Context, s Statement) ([][]map[string]any, error) {
	if w.options.Trace != nil {
		w.options.Trace(s)
	}
	found, err := w.Tx.QueryContext(ctx, s.Text, s.Args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var sets [][]map[string]any
	for {
		set, err := rowsIn(found)
		if err != nil {
			return nil, err
		}
		if set != nil {
			sets = append(sets, set)
		}
		if !found.NextResultSet() {
			break
		}
	}
	return sets, found.Err()
}

// rowsIn reads one result set; nil where it has no columns.
func rowsIn(found *sql.Rows) ([]map[string]any, error) {
	types, err := found.ColumnTypes()
	if err != nil || len(types) == 0 {
		return nil, err
	}
	set := []map[string]any{}
	raw, dest := make([]any, len(types)), make([]any, len(types))
	for i := range raw {
		dest[i] = &raw[i]
	}
	for found.Next() {
		if err := found.Scan(dest...); err != nil {
			return nil, err
		}
		row := make(map[string]any, len(types))
		for i, t := range types {
			if row[t.Name()], err = valueOf(t.DatabaseTypeName(), raw[i]); err != nil {
				return nil, fmt.Errorf("column %s: %w", t.Name(), err)
			}
		}
		set = append(set, row)
	}
	return set, found.Err()
}

// valueOf turns what the driver gave into string, int64, decimal, bool, civil.Date, civil.DateTime, []byte or nil. Texts
// of fixed length lose the blanks that fill them up.
func valueOf(kind string, raw any) (any, error) {
	switch v := raw.(type) {
	case float64:
		return decimal.NewFromFloat(v), nil
	case time.Time:
		if kind == "DATE" {
			return civil.Of(v), nil
		}
		return civil.Wall(v), nil
	case string:
		if kind == "CHAR" || kind == "NCHAR" {
			return strings.TrimRight(v, " "), nil
		}
		return v, nil
	case []byte:
		switch kind {
		case "DECIMAL", "NUMERIC", "MONEY", "SMALLMONEY":
			return decimal.NewFromString(string(v))
		}
	}
	return raw, nil
}
