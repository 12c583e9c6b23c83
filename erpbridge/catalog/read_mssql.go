package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// mssqlReader collects what the statements give. Joins by object and column numbers are made here: the
// views of the catalogue are views over views, and joining them costs the server more than it costs us.
type mssqlReader struct {
	*Catalog
	// major is the version of the server: 13 is SQL Server 2016.
	major int
	// page is the code page of the database's collation, which a CAST to varchar leads to.
	page int
	// types are the names of types by user_type_id, with the number of the type below.
	types map[int64]typeName
	// owners find what an object number is of.
	tables     map[int64]int
	procedures map[int64]int
	tableTypes map[int64]int
	// columns name the columns by object and column number.
	columns map[[2]int64]place
	// typeOf finds a table type by user_type_id, for parameters.
	typeOf map[int64]int
}

// place is where a column is kept; the slice may still move while it grows.
type place struct {
	of *[]Column
	at int
}

func (p place) column() *Column { return &(*p.of)[p.at] }

// columnName names a column by object and column number, "" where it was not read.
func (r *mssqlReader) columnName(object, number int64) string {
	if p, ok := r.columns[[2]int64{object, number}]; ok {
		return p.column().Name
	}
	return ""
}

type typeName struct {
	name string
	base int64
}

func readMSSQL(ctx context.Context, q Queryer) (*Catalog, error) {
	r := mssqlReader{
		Catalog: &Catalog{Dialect: MSSQL}, types: map[int64]typeName{}, tables: map[int64]int{}, procedures: map[int64]int{},
		tableTypes: map[int64]int{}, columns: map[[2]int64]place{}, typeOf: map[int64]int{},
	}
	for _, step := range []struct {
		what string
		read func(context.Context, Queryer) error
	}{
		{"session", r.session}, {"types", r.readTypes}, {"tables", r.readTables}, {"table types", r.readTableTypes},
		{"columns", r.readColumns}, {"defaults and computed columns", r.expressions}, {"code pages", r.codePages},
		{"indexes", r.indexes}, {"foreign keys", r.foreignKeys}, {"check constraints", r.checks},
		{"triggers", r.triggers}, {"procedures", r.readProcedures}, {"parameters", r.parameters},
		{"sequences", r.sequences},
	} {
		if err := step.read(ctx, q); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "the %s of the SQL Server database cannot be read", step.what)
		}
	}
	return r.Catalog, nil
}

// The bits of @@OPTIONS, see "Configure the user options" in Microsoft's documentation.
const (
	optionImplicitTransactions = 2
	optionAnsiWarnings         = 8
	optionAnsiPadding          = 16
	optionAnsiNulls            = 32
	optionArithAbort           = 64
	optionQuotedIdentifier     = 256
	optionNoCount              = 512
	optionConcatNull           = 4096
	optionNumericRoundAbort    = 8192
	optionXactAbort            = 16384
)

// isolations are the numbers of sys.dm_exec_sessions.
var isolations = []string{"", "read uncommitted", "read committed", "repeatable read", "serializable", "snapshot"}

func (r *mssqlReader) session(ctx context.Context, q Queryer) error {
	// A login sees its own session whatever its rights.
	const query = `SELECT DB_NAME(), COALESCE(CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)), N''),
	COALESCE(CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(20)), N''),
	COALESCE(SCHEMA_NAME(), N''), COALESCE(USER_NAME(), N''), @@OPTIONS, @@LANGUAGE,
	COALESCE(CAST(SERVERPROPERTY('ProductMajorVersion') AS int), 0),
	s.date_format, s.transaction_isolation_level
FROM (SELECT 1 AS one) AS o LEFT JOIN sys.dm_exec_sessions AS s ON s.session_id = @@SPID`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var updateability string
		var options int
		var format sql.NullString
		var level sql.NullInt64
		if err := rows.Scan(&r.Database, &r.Collation, &updateability, &r.Schema, &r.User, &options, &r.Options.Language, &r.major, &format, &level); err != nil {
			return err
		}
		if level.Int64 > 0 && level.Int64 < int64(len(isolations)) {
			r.Options.Isolation = isolations[level.Int64]
		}
		has := func(bit int) bool { return options&bit != 0 }
		o := &r.Options
		o.NoCount, o.XactAbort, o.ImplicitTransactions = has(optionNoCount), has(optionXactAbort), has(optionImplicitTransactions)
		o.AnsiNulls, o.AnsiPadding, o.AnsiWarnings = has(optionAnsiNulls), has(optionAnsiPadding), has(optionAnsiWarnings)
		o.ArithAbort, o.QuotedIdentifier = has(optionArithAbort), has(optionQuotedIdentifier)
		o.ConcatNullYieldsNull, o.NumericRoundAbort = has(optionConcatNull), has(optionNumericRoundAbort)
		o.DateFormat, o.ForeignKeys, o.ReadOnly = format.String, true, updateability == "READ_ONLY"
		return nil
	})
}

func (r *mssqlReader) readTypes(ctx context.Context, q Queryer) error {
	const query = `SELECT t.user_type_id, t.system_type_id, t.name FROM sys.types AS t`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var id int64
		var t typeName
		err := rows.Scan(&id, &t.base, &t.name)
		r.types[id] = t
		return err
	})
}

// permitted is the expression for a permission on the object o of the schema s. The user dbo is never
// refused anything, so he is not asked about.
func (r *mssqlReader) permitted(permission string) string {
	if r.User == "dbo" {
		return "1"
	}
	return "COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(o.name), 'OBJECT', '" + permission + "'), 0)"
}

func (r *mssqlReader) readTables(ctx context.Context, q Queryer) error {
	query := fmt.Sprintf(`SELECT o.object_id, s.name, o.name, o.type, %s, %s, %s, %s
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name`,
		r.permitted("SELECT"), r.permitted("INSERT"), r.permitted("UPDATE"), r.permitted("DELETE"))
	return each(ctx, q, query, func(rows *sql.Rows) error {
		t := Table{dialect: MSSQL}
		var id int64
		var kind string
		if err := rows.Scan(&id, &t.Schema, &t.Name, &kind, &t.CanSelect, &t.CanInsert, &t.CanUpdate, &t.CanDelete); err != nil {
			return err
		}
		t.View = strings.TrimSpace(kind) == "V"
		r.tables[id] = len(r.Tables)
		r.Tables = append(r.Tables, t)
		return nil
	})
}

func (r *mssqlReader) readTableTypes(ctx context.Context, q Queryer) error {
	const query = `SELECT t.type_table_object_id, t.user_type_id, s.name, t.name
FROM sys.table_types AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id ORDER BY s.name, t.name`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var t TableType
		var object, id int64
		if err := rows.Scan(&object, &id, &t.Schema, &t.Name); err != nil {
			return err
		}
		r.tableTypes[object], r.typeOf[id] = len(r.Types), len(r.Types)
		r.Types = append(r.Types, t)
		return nil
	})
}

func (r *mssqlReader) readColumns(ctx context.Context, q Queryer) error {
	// generated_always_type came with SQL Server 2016.
	generated := "0"
	if r.major >= 13 {
		generated = "c.generated_always_type"
	}
	query := `SELECT c.object_id, c.column_id, c.name, c.system_type_id, c.user_type_id, c.max_length, c.precision, c.scale,
	COALESCE(c.collation_name, N''), c.is_nullable, c.is_identity, c.is_computed, ` + generated + `, c.default_object_id
FROM sys.columns AS c
WHERE c.object_id IN (SELECT o.object_id FROM sys.objects AS o WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0)
	OR c.object_id IN (SELECT t.type_table_object_id FROM sys.table_types AS t)
ORDER BY c.object_id, c.column_id`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		c := Column{dialect: MSSQL}
		var object, number, system, user, defaultID int64
		var length, precision, scale, generatedType int
		err := rows.Scan(&object, &number, &c.Name, &system, &user, &length, &precision, &scale, &c.Collation,
			&c.Nullable, &c.Identity, &c.Computed, &generatedType, &defaultID)
		if err != nil {
			return err
		}
		c.Type = mssqlType(r.baseType(system, user), length, precision, scale)
		c.Generated, c.RowVersion = generatedType != 0, c.Type.Family == RowVersion
		c.HasDefault = !c.Computed && defaultID != 0
		r.addColumn([2]int64{object, number}, c)
		return nil
	})
}

// addColumn puts a column where its object is, and remembers where.
func (r *mssqlReader) addColumn(key [2]int64, c Column) {
	var columns *[]Column
	if i, ok := r.tables[key[0]]; ok {
		c.Table, columns = r.Tables[i].String(), &r.Tables[i].Columns
	} else if i, ok := r.tableTypes[key[0]]; ok {
		c.Table, columns = r.Types[i].String(), &r.Types[i].Columns
	} else {
		return
	}
	r.columns[key] = place{of: columns, at: len(*columns)}
	*columns = append(*columns, c)
}

// codePages asks for those of the collations that the columns have. A CAST to varchar leads to the code
// page of the database.
func (r *mssqlReader) codePages(ctx context.Context, q Queryer) error {
	pages := map[string]int{r.Collation: 0}
	for _, p := range r.columns {
		if c := p.column(); coded[c.Type.Name] {
			pages[c.Collation] = 0
		}
	}
	var query []string
	var args []any
	for name := range pages {
		args = append(args, name)
		p := fmt.Sprintf("@p%d", len(args))
		query = append(query, "SELECT "+p+", COALESCE(CAST(COLLATIONPROPERTY("+p+", 'CodePage') AS int), 0)")
	}
	err := each(ctx, q, strings.Join(query, " UNION ALL "), func(rows *sql.Rows) error {
		var name string
		var page int
		err := rows.Scan(&name, &page)
		pages[name] = page
		return err
	}, args...)
	r.page = pages[r.Collation]
	for _, p := range r.columns {
		if c := p.column(); coded[c.Type.Name] {
			c.Type.CodePage = pages[c.Collation]
			c.recode = c.Type.CodePage != r.page
		}
	}
	return err
}

// expressions reads those of defaults and computed columns.
func (r *mssqlReader) expressions(ctx context.Context, q Queryer) error {
	const query = `SELECT d.parent_object_id, d.parent_column_id, COALESCE(d.definition, N'') FROM sys.default_constraints AS d
UNION ALL SELECT k.object_id, k.column_id, COALESCE(k.definition, N'') FROM sys.computed_columns AS k`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var object, number int64
		var text string
		if err := rows.Scan(&object, &number, &text); err != nil {
			return err
		}
		if p, ok := r.columns[[2]int64{object, number}]; ok {
			c := p.column()
			c.Default, c.HasDefault = text, !c.Computed
		}
		return nil
	})
}

// baseType names the type that an alias type stands for, in lower case.
func (r *mssqlReader) baseType(system, user int64) string {
	t, ok := r.types[system]
	if !ok || t.base == 0 {
		// Types of the CLR (geography) have no type below; they are Other.
		t = r.types[user]
	}
	return strings.ToLower(t.name)
}

func (r *mssqlReader) indexes(ctx context.Context, q Queryer) error {
	const query = `SELECT i.object_id, i.index_id, i.name, i.is_primary_key, COALESCE(i.filter_definition, N''), c.column_id
FROM sys.indexes AS i JOIN sys.index_columns AS c ON c.object_id = i.object_id AND c.index_id = i.index_id
WHERE i.is_unique = 1 AND i.is_disabled = 0 AND i.is_hypothetical = 0 AND c.key_ordinal > 0
ORDER BY i.object_id, i.index_id, c.key_ordinal`
	var last [2]int64
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var object, index, column int64
		var name, filter string
		var primary bool
		if err := rows.Scan(&object, &index, &name, &primary, &filter, &column); err != nil {
			return err
		}
		i, ok := r.tables[object]
		if !ok {
			return nil
		}
		t := &r.Tables[i]
		if primary {
			t.PrimaryKey = append(t.PrimaryKey, r.columnName(object, column))
			return nil
		}
		if here := [2]int64{object, index}; here != last {
			t.Unique = append(t.Unique, Index{Name: name, Filter: filter})
			last = here
		}
		u := &t.Unique[len(t.Unique)-1]
		u.Columns = append(u.Columns, r.columnName(object, column))
		return nil
	})
}

func (r *mssqlReader) foreignKeys(ctx context.Context, q Queryer) error {
	const query = `SELECT f.object_id, f.name, f.parent_object_id, f.referenced_object_id, f.is_disabled, c.parent_column_id, c.referenced_column_id
FROM sys.foreign_keys AS f JOIN sys.foreign_key_columns AS c ON c.constraint_object_id = f.object_id
ORDER BY f.parent_object_id, f.object_id, c.constraint_column_id`
	var last int64
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var id, parent, target, from, to int64
		var f ForeignKey
		if err := rows.Scan(&id, &f.Name, &parent, &target, &f.Disabled, &from, &to); err != nil {
			return err
		}
		i, ok := r.tables[parent]
		if !ok {
			return nil
		}
		t := &r.Tables[i]
		if id != last {
			if k, ok := r.tables[target]; ok {
				f.Schema, f.Table = r.Tables[k].Schema, r.Tables[k].Name
			}
			t.ForeignKeys = append(t.ForeignKeys, f)
			last = id
		}
		key := &t.ForeignKeys[len(t.ForeignKeys)-1]
		key.Columns = append(key.Columns, r.columnName(parent, from))
		key.Target = append(key.Target, r.columnName(target, to))
		return nil
	})
}

func (r *mssqlReader) checks(ctx context.Context, q Queryer) error {
	const query = `SELECT c.parent_object_id, c.parent_column_id, c.name, COALESCE(c.definition, N''), c.is_disabled
FROM sys.check_constraints AS c ORDER BY c.parent_object_id, c.name`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var object, column int64
		var c Check
		if err := rows.Scan(&object, &column, &c.Name, &c.Expression, &c.Disabled); err != nil {
			return err
		}
		if i, ok := r.tables[object]; ok {
			c.Column = r.columnName(object, column)
			r.Tables[i].Checks = append(r.Tables[i].Checks, c)
		}
		return nil
	})
}

func (r *mssqlReader) triggers(ctx context.Context, q Queryer) error {
	const query = `SELECT t.object_id, t.parent_id, t.name, t.is_disabled, t.is_instead_of_trigger, e.type, m.definition
FROM sys.triggers AS t JOIN sys.trigger_events AS e ON e.object_id = t.object_id
LEFT JOIN sys.sql_modules AS m ON m.object_id = t.object_id
WHERE t.parent_class = 1 ORDER BY t.parent_id, t.object_id, e.type`
	var last int64
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var id, parent int64
		var event int
		var trigger Trigger
		var body sql.NullString
		if err := rows.Scan(&id, &parent, &trigger.Name, &trigger.Disabled, &trigger.InsteadOf, &event, &body); err != nil {
			return err
		}
		i, ok := r.tables[parent]
		if !ok {
			return nil
		}
		t := &r.Tables[i]
		if id != last {
			trigger.Body = body.String
			t.Triggers = append(t.Triggers, trigger)
			last = id
		}
		tr := &t.Triggers[len(t.Triggers)-1]
		switch event {
		case 1:
			tr.Insert = true
		case 2:
			tr.Update = true
		case 3:
			tr.Delete = true
		}
		return nil
	})
}

// definitionLength is how much of a procedure's text is read: the list of its parameters stands at its
// beginning, and the texts of all procedures of an ERP can be megabytes.
const definitionLength = 4000

func (r *mssqlReader) readProcedures(ctx context.Context, q Queryer) error {
	query := fmt.Sprintf(`SELECT o.object_id, s.name, o.name, %s, COALESCE(SUBSTRING(m.definition, 1, %d), N'')
FROM sys.procedures AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
WHERE o.is_ms_shipped = 0 ORDER BY s.name, o.name`, r.permitted("EXECUTE"), definitionLength)
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var p Procedure
		var id int64
		if err := rows.Scan(&id, &p.Schema, &p.Name, &p.CanExecute, &p.definition); err != nil {
			return err
		}
		r.procedures[id] = len(r.Procedures)
		r.Procedures = append(r.Procedures, p)
		return nil
	})
}

func (r *mssqlReader) parameters(ctx context.Context, q Queryer) error {
	// sys.all_parameters has the rows of sys.parameters and those of the system's own procedures.
	const query = `SELECT p.object_id, p.name, p.system_type_id, p.user_type_id, p.max_length, p.precision, p.scale, p.is_output
FROM sys.all_parameters AS p WHERE p.parameter_id > 0
	AND p.object_id IN (SELECT o.object_id FROM sys.procedures AS o WHERE o.is_ms_shipped = 0)
ORDER BY p.object_id, p.parameter_id`
	err := each(ctx, q, query, func(rows *sql.Rows) error {
		p := Parameter{Column: Column{Nullable: true, dialect: MSSQL}}
		var object, system, user int64
		var length, precision, scale int
		if err := rows.Scan(&object, &p.Name, &system, &user, &length, &precision, &scale, &p.Output); err != nil {
			return err
		}
		i, ok := r.procedures[object]
		if !ok {
			return nil
		}
		p.Name = strings.TrimPrefix(p.Name, "@")
		p.Table = r.Procedures[i].String()
		if k, ok := r.typeOf[user]; ok {
			p.Schema, p.TableType = r.Types[k].Schema, r.Types[k].Name
			p.Type = Type{Name: strings.ToLower(p.TableType), Family: Other}
		} else {
			p.Type = mssqlType(r.baseType(system, user), length, precision, scale)
			if coded[p.Type.Name] {
				p.Type.CodePage = r.page
			}
		}
		r.Procedures[i].Parameters = append(r.Procedures[i].Parameters, p)
		return nil
	})
	for i := range r.Procedures {
		setDefaults(&r.Procedures[i])
	}
	return err
}

func (r *mssqlReader) sequences(ctx context.Context, q Queryer) error {
	const query = `SELECT s.name, o.name FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE o.type = 'SO' ORDER BY s.name, o.name`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var x Sequence
		err := rows.Scan(&x.Schema, &x.Name)
		r.Sequences = append(r.Sequences, x)
		return err
	})
}
