package tablehost

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
)

// serverError is what a driver gives for errors of SQL Server: the last one, with the text of all.
type serverError struct {
	number int32
	text   string
	chain  string
}

func (a serverError) Error() string {
	if a.chain != "" {
		return a.chain
	}
	return fmt.Sprintf("mssql: %s (%d)", a.text, a.number)
}
func (a serverError) SQLErrorNumber() int32   { return a.number }
func (a serverError) SQLErrorMessage() string { return a.text }

// fileError is what a driver gives for errors of SQLite.
type fileError struct {
	number int
	text   string
}

func (c fileError) Error() string { return fmt.Sprintf("%s (%d)", c.text, c.number) }
func (c fileError) Code() int     { return c.number }

func TestWhatTheDatabaseRefusesIsSaid(t *testing.T) {
	cases := []struct {
		name string
		err  error
		// code is that of the fault, "" where the error stays as it is; says a part of its sentence.
		code, says string
	}{
		{"RAISERROR", serverError{number: 50000, text: "A bizonylat lezárt."}, "host.refused", "A bizonylat lezárt. The host itself forbids it"},
		{"THROW", serverError{number: 51002, text: "Η περίοδος έκλεισε"}, "host.refused", "Η περίοδος έκλεισε. The host itself"},
		{
			"a trigger that rolls back", serverError{
				number: 3609, text: "The transaction ended in the trigger. The batch has been aborted.",
				chain: "mssql: Документ проведён (50000)\nmssql: The transaction ended in the trigger. The batch has been aborted. (3609)",
			}, "host.refused", "Документ проведён. The host itself",
		},
		{"foreign key", serverError{number: 547, text: "The INSERT statement conflicted with the FOREIGN KEY constraint \"FK_X\"."}, "host.reference", "FK_X"},
		{"check", serverError{number: 547, text: "The INSERT statement conflicted with the CHECK constraint \"CK_X\"."}, "host.check", "correct the value"},
		{"no value", serverError{number: 515, text: "Cannot insert the value NULL into column 'X'"}, "host.null", "column 'X'"},
		{"unique index", serverError{number: 2601, text: "Cannot insert duplicate key row"}, "host.duplicate", "counter is behind"},
		{"no right", serverError{number: 229, text: "The INSERT permission was denied on the object 'ORDLIN'"}, "host.permission", "grant it"},
		{"no right on Babelfish", serverError{number: 33557097, text: "permission denied for table ordlin"}, "host.permission", "grant it"},
		{"too long", serverError{number: 2628, text: "String or binary data would be truncated"}, "host.length", "shorten it"},
		{"overflow", serverError{number: 8115, text: "Arithmetic overflow error"}, "host.range", "smaller one"},
		{"read only", serverError{number: 3906, text: "Failed to update database because the database is read-only."}, "host.read_only", "try again"},
		{"deadlock", serverError{number: 1205, text: "was deadlocked"}, "", ""},
		{"syntax", serverError{number: 102, text: "Incorrect syntax near"}, "", ""},
		{"something else on Babelfish", serverError{number: 33557097, text: "canceling statement due to user request"}, "", ""},
		{"RAISE", fileError{sqliteTrigger, "constraint failed: המסמך נעול"}, "host.refused", "המסמך נעול. The host itself"},
		{"NOT NULL on SQLite", fileError{sqliteNotNull, "constraint failed: NOT NULL constraint failed: o.x"}, "host.null", "o.x"},
		{"foreign key on SQLite", fileError{sqliteForeignKey, "constraint failed: FOREIGN KEY constraint failed"}, "host.reference", "add that row first"},
		{"read-only file", fileError{1032, "attempt to write a readonly database"}, "host.read_only", "try again"},
		{"busy", fileError{5, "database is locked"}, "", ""},
		{"no database", errors.New("connection refused"), "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := refused(fmt.Errorf("tablehost: documents.order: INSERT INTO: %w", c.err))
			if !errors.Is(err, c.err) {
				t.Errorf("the driver's error is lost: %v", err)
			}
			found := fault.Of(err)
			switch {
			case c.code == "":
				if len(found) > 0 || fault.CodeOf(err) != "" {
					t.Errorf("got %v, want the error as it is, for the owner of the transaction", err)
				}
			case fault.CodeOf(err) != fault.Invalid || len(found) != 1 || found[0].Code != c.code || !strings.Contains(found[0].Message, c.says):
				t.Errorf("got %v, want %s that says %q", err, c.code, c.says)
			}
		})
	}
	known := fault.New(fault.Conflict, "somebody was first")
	if got := refused(known); !errors.Is(got, fault.Conflict) {
		t.Errorf("an error of ours became %v", got)
	}
}
