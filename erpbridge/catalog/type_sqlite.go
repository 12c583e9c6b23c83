package catalog

import (
	"strconv"
	"strings"
)

// affinity is how SQLite derives it from the declared type (section 3.1 of its "Datatypes" page; the
// order of the rules matters).
func affinity(declared string) string {
	t := strings.ToUpper(declared)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(t, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return "INTEGER"
	case has("CHAR", "CLOB", "TEXT"):
		return "TEXT"
	case t == "" || has("BLOB"):
		return "BLOB"
	case has("REAL", "FLOA", "DOUB"):
		return "REAL"
	}
	return "NUMERIC"
}

// sqliteFamilies are the names of types as people declare them; others go by the affinity.
var sqliteFamilies = map[string]Family{
	"decimal": Decimal, "numeric": Decimal, "number": Decimal, "money": Decimal, "smallmoney": Decimal,
	"real": Float, "float": Float, "double": Float, "double precision": Float,
	"bit": Bool, "bool": Bool, "boolean": Bool,
	"date": Date, "datetime": DateTime, "datetime2": DateTime, "smalldatetime": DateTime, "timestamp": DateTime, "time": Time,
	"blob": Binary, "binary": Binary, "varbinary": Binary, "image": Binary,
	"uniqueidentifier": GUID, "uuid": GUID, "guid": GUID, "rowversion": RowVersion,
	"string": Text, "sysname": Text, "json": Text, "xml": Text, "any": Other,
}

// sqliteType reads a declared type: VARCHAR(40), DECIMAL(18,4), DOUBLE PRECISION, or nothing at all.
func sqliteType(declared string) Type {
	name, arguments, _ := strings.Cut(declared, "(")
	t := Type{Name: strings.Join(strings.Fields(strings.ToLower(name)), " "), Affinity: affinity(declared)}
	numbers := make([]int, 0, 2)
	for _, a := range strings.Split(strings.TrimSuffix(strings.TrimSpace(arguments), ")"), ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(a)); err == nil && n >= 0 {
			numbers = append(numbers, n)
		}
	}
	family, known := sqliteFamilies[t.Name]
	switch {
	case known:
		t.Family = family
	case t.Affinity == "INTEGER":
		t.Family = Integer
	case t.Affinity == "TEXT":
		t.Family = Text
	case t.Affinity == "REAL":
		t.Family = Float
	default:
		t.Family = Other
	}
	switch t.Family {
	case Text, Binary:
		t.Length = -1
		if len(numbers) > 0 {
			t.Length = numbers[0]
		}
	case Decimal:
		setDecimal(&t, numbers)
	case DateTime:
		t.Scale = 3
		if len(numbers) > 0 {
			t.Scale = min(numbers[0], 9)
		}
	case Time:
		if len(numbers) > 0 {
			t.Scale = min(numbers[0], 9)
		}
	}
	return t
}

func setDecimal(t *Type, numbers []int) {
	switch {
	case t.Name == "money":
		t.Precision, t.Scale = 19, 4
	case t.Name == "smallmoney":
		t.Precision, t.Scale = 10, 4
	case len(numbers) > 0:
		t.Precision = numbers[0]
		if len(numbers) > 1 {
			t.Scale = numbers[1]
		}
	}
}
