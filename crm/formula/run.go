package formula

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/crmplus/crmplus/crm/fault"
)

// The limits of every formula. They are far above what a mapping or rule needs and far below what would
// hold up a transaction.
const (
	// MaxSource is the most characters of a formula.
	MaxSource = 4000
	// MaxNodes is the most operators, names and constants in a formula.
	MaxNodes = 400
	// MaxText is the most bytes of a text that a formula makes.
	MaxText = 64 << 10
	// MaxList is the most elements of a list that a formula walks.
	MaxList = 10_000
	// maxSteps bounds the work of one run: a call costs 1, a text one more for each 16 bytes, a list one
	// more for each element.
	maxSteps = 400_000
	// stepsBetweenLooks is how many steps pass between two looks at the context.
	stepsBetweenLooks = 1000
)

// run is one evaluation: it is what the functions of a program get as their first argument.
type run struct {
	ctx   context.Context //nolint:containedctx // lives as long as the call that carries it
	vars  map[string]any
	steps int
	look  int
	vm    vm.VM
}

var runs = sync.Pool{New: func() any { return new(run) }}

// spend counts work and stops a run that has had enough of it.
func (r *run) spend(n int) error {
	r.steps += n
	if r.steps > maxSteps {
		return &fault.Error{Code: fault.Limit, Message: "the formula does too much work; make it or its lists shorter"}
	}
	if r.steps > r.look {
		r.look = r.steps + stepsBetweenLooks
		return r.ctx.Err()
	}
	return nil
}

// text charges for a text and refuses one that is too long.
func (r *run) text(s string) (any, error) {
	if len(s) > MaxText {
		return nil, tooLong()
	}
	return s, r.spend(len(s) / 16)
}

func tooLong() error {
	return &fault.Error{Code: fault.Limit, Message: fmt.Sprintf("the text gets longer than %d bytes", MaxText)}
}

// Run evaluates the program over the values. A variable that vars lacks has no value. It gives nil or the
// Go type that the wanted [Kind] names; for [Any] whichever it is. Errors are an [*Error] (fault.Invalid,
// or fault.Limit where a limit was passed), or that of the context. It is safe for concurrent use as long
// as nobody changes the values meanwhile.
func (p *Program) Run(ctx context.Context, vars map[string]any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.constant != nil {
		return p.constant.value, nil
	}
	r := runs.Get().(*run) //nolint:forcetypeassert // the pool holds nothing else
	r.ctx, r.vars, r.steps, r.look = ctx, vars, 0, stepsBetweenLooks
	out, err := r.vm.Run(p.code, r)
	r.ctx, r.vars = nil, nil
	runs.Put(r)
	if err != nil {
		return nil, p.explain(err)
	}
	out, err = p.result(out)
	if err != nil {
		return nil, p.problem(0, fault.Invalid, err.Error())
	}
	return out, nil
}

// result brings what came out to the wanted kind.
func (p *Program) result(out any) (any, error) {
	if n, ok := out.(int); ok { // counts of expr
		out = int64(n)
	}
	if p.want == Text && out == nil {
		return nil, nil
	}
	return convert(out, p.want)
}

// explain turns an error of the machine into one of ours, with the place in the formula.
func (p *Program) explain(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("formula %s: %w", p.source, err)
	}
	code := fault.Invalid
	if errors.Is(err, fault.Limit) {
		code = fault.Limit
	}
	at, message := 0, err.Error()
	var placed *file.Error
	if errors.As(err, &placed) {
		at, message = placed.From+1, placed.Message
	}
	return p.problem(at, code, message)
}

func (p *Program) problem(at int, code fault.Code, message string) error {
	return &Error{Source: p.source, Code: code, Problems: []Problem{{At: at, Message: message}}}
}
