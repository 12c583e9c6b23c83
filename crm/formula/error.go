package formula

import (
	"fmt"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// Error is what is wrong with a formula, or went wrong while it ran. errors.Is tells fault.Invalid from
// fault.Limit.
type Error struct {
	// Source is the formula.
	Source string
	Code   fault.Code
	// Problems are all that were found, in the order of the formula.
	Problems []Problem
}

// Problem is one thing that is wrong with a formula.
type Problem struct {
	// At counts characters from 1; 0 means the whole formula.
	At int
	// Message says what is wrong and what to write instead.
	Message string
}

func (p Problem) String() string {
	if p.At == 0 {
		return p.Message
	}
	return fmt.Sprintf("at character %d: %s", p.At, p.Message)
}

// Error shows the formula and everything that is wrong with it, in one line.
func (e *Error) Error() string {
	source := strings.Join(strings.Fields(e.Source), " ")
	if r := []rune(source); len(r) > 80 {
		source = string(r[:80]) + "…"
	}
	all := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		all[i] = p.String()
	}
	return fmt.Sprintf("formula %s: %s", source, strings.Join(all, "; "))
}

// Is answers errors.Is for the codes of package fault.
func (e *Error) Is(target error) bool {
	code, ok := target.(fault.Code)
	return ok && code == e.Code
}
