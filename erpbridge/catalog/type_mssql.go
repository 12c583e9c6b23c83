package catalog

// mssqlFamilies are the types of SQL Server; others (geography, hierarchyid, sql_variant) are Other.
var mssqlFamilies = map[string]Family{
	"char": Text, "varchar": Text, "text": Text, "nchar": Text, "nvarchar": Text, "ntext": Text, "xml": Text, "json": Text, "sysname": Text,
	"tinyint": Integer, "smallint": Integer, "int": Integer, "bigint": Integer,
	"decimal": Decimal, "numeric": Decimal, "money": Decimal, "smallmoney": Decimal,
	"float": Float, "real": Float, "bit": Bool,
	"date": Date, "datetime": DateTime, "datetime2": DateTime, "smalldatetime": DateTime, "datetimeoffset": DateTime, "time": Time,
	"binary": Binary, "varbinary": Binary, "image": Binary,
	"uniqueidentifier": GUID, "timestamp": RowVersion, "rowversion": RowVersion,
}

// coded are the texts that SQL Server keeps in a code page.
var coded = map[string]bool{"char": true, "varchar": true, "text": true}

// wide are the texts of two bytes a character.
var wide = map[string]bool{"nchar": true, "nvarchar": true, "sysname": true}

// mssqlType makes a type of a row of sys.columns, whose max_length is in bytes.
func mssqlType(name string, length, precision, scale int) Type {
	t := Type{Name: name, Family: mssqlFamilies[name]}
	switch {
	case t.Family == "":
		t.Family = Other
	case unlimited[name]:
		t.Length = -1
	case t.Family == Text || t.Family == Binary:
		t.Length = length
		if wide[name] && length > 0 {
			t.Length = length / 2
		}
	case t.Family == Decimal:
		t.Precision, t.Scale = precision, scale
	case t.Family == Float:
		t.Precision = precision
	case name == "datetime":
		t.Scale = 3
	case fractional[name]:
		t.Scale = scale
	}
	if fixedDecimal[name] {
		t.Scale = 4
		t.Precision = 19
		if name == "smallmoney" {
			t.Precision = 10
		}
	}
	return t
}

// setDefaults finds the parameters that have a default. The catalogue keeps that only for procedures in
// the CLR, so it is read from the text: @name type = value, up to the AS.
func setDefaults(p *Procedure) {
	list := tokens(p.definition)
	for i, depth := 0, 0; i < len(list); i++ {
		text := list[i].text
		switch {
		case text == "(":
			depth++
		case text == ")":
			depth--
		case depth <= 1 && isParameter(text):
			setDefault(p, list, i)
		case depth == 0 && isAs(list, i):
			return
		}
	}
}

func isParameter(text string) bool { return len(text) > 1 && text[0] == '@' }

// isAs reports whether the AS at i begins the body: "@name AS type" is allowed too.
func isAs(list []token, i int) bool {
	t := list[i].text
	return len(t) == 2 && (t[0] == 'A' || t[0] == 'a') && (t[1] == 'S' || t[1] == 's') && (i == 0 || !isParameter(list[i-1].text))
}

// setDefault looks for the "=" between the parameter at i and the next one.
func setDefault(p *Procedure, list []token, i int) {
	parameter, err := p.Parameter(list[i].text)
	if err != nil {
		return
	}
	depth := 0
	for k := i + 1; k < len(list); k++ {
		switch text := list[k].text; {
		case text == "(":
			depth++
		case text == ")":
			if depth--; depth < 0 {
				return
			}
		case depth == 0 && text == "=":
			parameter.HasDefault = true
			if k+1 < len(list) {
				parameter.Default = list[k+1].text
			}
			return
		case depth == 0 && (text == "," || isParameter(text) || isAs(list, k)):
			return
		}
	}
}
