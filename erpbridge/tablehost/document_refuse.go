package tablehost

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// refused gives an error of a port that writes: what the database itself refused is fault.Invalid with a
// sentence for people. Other errors of the database stay as they are, for the owner of the transaction;
// he rolls back in any case.
func refused(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	r, ok := refusalOf(err)
	if !ok {
		return err
	}
	return &fault.Error{
		Code: fault.Invalid, Message: "the host's database refuses it; nothing was written",
		Faults: []fault.Fault{{Path: r.path, Code: r.code, Message: r.message}}, Cause: err,
	}
}

// chained finds the errors of one answer of SQL Server in the text that its driver gives.
var chained = regexp.MustCompile(`(?m)mssql: (.*) \((-?\d{1,9})\)$`)

// refusal is why the database does not take a row.
type refusal struct{ path, code, message string }

// refusalOf recognises what people can do something about.
func refusalOf(err error) (refusal, bool) {
	var server interface {
		SQLErrorNumber() int32
		SQLErrorMessage() string
	}
	if errors.As(err, &server) {
		// A trigger that rolls back says why first; what comes last is only that it did.
		for _, line := range chained.FindAllStringSubmatch(err.Error(), -1) {
			number, _ := strconv.ParseInt(line[2], 10, 32)
			if r, ok := serverRefusal(int32(number), line[1]); ok {
				return r, true
			}
		}
		return serverRefusal(server.SQLErrorNumber(), server.SQLErrorMessage())
	}
	var sqlite interface {
		error
		Code() int
	}
	if errors.As(err, &sqlite) {
		return sqliteRefusal(sqlite.Code(), sqlite.Error())
	}
	return refusal{}, false
}

// The sentences for what databases refuse. What a trigger or the database says stands in them word for word.
func reported(code, format, text string) refusal {
	return refusal{"document", code, fmt.Sprintf(format, strings.TrimSuffix(strings.TrimSpace(text), "."))}
}

const (
	byTrigger    = "%s. The host itself forbids it; do there first what it asks for"
	byForeignKey = "a row that it refers to is missing at the host, or others refer to it (%s); add that row first"
	byCheck      = "a value breaks a rule of the host's table (%s); correct the value"
	byNull       = "a column of the host needs a value and gets none (%s); give it one in the mapping"
	byUnique     = "the host has such a row already (%s); the counter is behind or the document was written before, compare the two"
	byRight      = "the database user may not write there (%s); grant it the permission"
	byLength     = "a value is longer than its column (%s); shorten it"
	byRange      = "a number does not fit its column (%s); correct it, or write a smaller one"
	byReadOnly   = "the host's database takes no writes now (%s); try again when it does"
)

// firstOwnNumber is where numbers of errors begin that people raise themselves: RAISERROR and THROW.
const firstOwnNumber = 50000

// serverRefusal recognises the errors of SQL Server by their numbers. Babelfish, which speaks its protocol,
// gives some of them other numbers.
func serverRefusal(number int32, text string) (refusal, bool) {
	switch number {
	case 547:
		if strings.Contains(strings.ToLower(text), "check constraint") {
			return reported("host.check", byCheck, text), true
		}
		return reported("host.reference", byForeignKey, text), true
	case 515:
		return reported("host.null", byNull, text), true
	case 2601, 2627:
		return reported("host.duplicate", byUnique, text), true
	case 229, 230, 262, 300, 916:
		return reported("host.permission", byRight, text), true
	case 2628, 8152:
		return reported("host.length", byLength, text), true
	case 220, 232, 8115:
		return reported("host.range", byRange, text), true
	case 3906:
		return reported("host.read_only", byReadOnly, text), true
	case 1205, 1222, 3960, 41302, 41305, 41325:
		return refusal{}, false // the same again may succeed
	}
	if number == firstOwnNumber || number > firstOwnNumber && number < babelfishNumber {
		return reported("host.refused", byTrigger, text), true
	}
	for _, known := range []struct {
		text   string
		as     string
		format string
	}{
		{"permission denied", "host.permission", byRight},
		{"violates check constraint", "host.check", byCheck},
		{"violates foreign key constraint", "host.reference", byForeignKey},
		{"violates not-null constraint", "host.null", byNull},
		{"value too long", "host.length", byLength},
		{"out of range", "host.range", byRange},
		{"field overflow", "host.range", byRange},
	} {
		if number >= babelfishNumber && strings.Contains(text, known.text) {
			return reported(known.as, known.format, text), true
		}
	}
	return refusal{}, false
}

// babelfishNumber is what Babelfish gives for errors that have no number of SQL Server's.
const babelfishNumber = 33557097

// Extended result codes of SQLite.
const (
	sqliteReadOnly   = 8
	sqliteCheck      = 275
	sqliteForeignKey = 787
	sqliteNotNull    = 1299
	sqlitePrimaryKey = 1555
	sqliteTrigger    = 1811
	sqliteUnique     = 2067
	sqliteDataType   = 3091
)

func sqliteRefusal(code int, text string) (refusal, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "constraint failed: "), fmt.Sprintf("(%d)", code)))
	switch code {
	case sqliteTrigger:
		return reported("host.refused", byTrigger, text), true
	case sqliteForeignKey:
		return reported("host.reference", byForeignKey, text), true
	case sqliteCheck, sqliteDataType:
		return reported("host.check", byCheck, text), true
	case sqliteNotNull:
		return reported("host.null", byNull, text), true
	case sqlitePrimaryKey, sqliteUnique:
		return reported("host.duplicate", byUnique, text), true
	}
	if code&0xff == sqliteReadOnly {
		return reported("host.read_only", byReadOnly, text), true
	}
	return refusal{}, false
}
