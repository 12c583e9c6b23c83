package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
)

func TestFaultsAreCollectedBelowTheirPaths(t *testing.T) {
	var lines, all fault.List
	lines.Add("quantity", "positive", "must be more than zero, not %d", 0)
	lines.Add("[1].name", "required", "is missing")
	lines.Add("", "empty", "nothing is given")
	all.Required("name", " ")
	all.Required("city", "Pécs")
	all.Merge("lines", lines)
	err := all.Err("the quote cannot be saved")
	want := "the quote cannot be saved: name: is missing; it has to be given; lines.quantity: must be more than zero, not 0; lines[1].name: is missing; lines: nothing is given"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if !errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) || fault.CodeOf(err) != fault.Invalid || len(fault.Of(err)) != 4 {
		t.Errorf("%v is not told apart", err)
	}
	if fault.List(nil).Err("x") != nil {
		t.Error("no fault gives an error")
	}
}

func TestWrapKeepsCodeAndCause(t *testing.T) {
	if fault.Wrap(nil, fault.Unavailable, "x") != nil {
		t.Error("a nil cause gives an error")
	}
	outer := fault.Wrap(io.ErrUnexpectedEOF, fault.Unavailable, "the file %s broke off", "a.csv")
	if !errors.Is(outer, io.ErrUnexpectedEOF) || !errors.Is(outer, fault.Unavailable) {
		t.Errorf("%v lost its cause or code", outer)
	}
	inner := fault.New(fault.Conflict, "somebody was faster")
	again := fault.Wrap(fmt.Errorf("saving: %w", inner), fault.Unavailable, "the lead")
	if !errors.Is(again, fault.Conflict) || errors.Is(again, fault.Unavailable) {
		t.Errorf("%v has another code than its cause", again)
	}
}
