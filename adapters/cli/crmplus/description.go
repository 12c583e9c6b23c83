package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/prochost"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
)

// description reads a description of procedures or of an API.
func description(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, misuse("the description %s cannot be read: %s", file, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, tablehost.MaxFile+1))
	if err != nil || len(data) > tablehost.MaxFile {
		return nil, misuse("the description %s is longer than %d bytes, or cannot be read", file, tablehost.MaxFile)
	}
	return data, nil
}

// checkProcedures compares a description of stored procedures with those of the database.
func checkProcedures(ctx context.Context, c *call) (int, error) {
	if err := c.needs("db"); err != nil {
		return misused, err
	}
	data, err := description(c.procedures)
	if err != nil {
		return misused, err
	}
	d, err := prochost.Parse(data)
	if err != nil {
		return c.judged(c.procedures, nil, err)
	}
	db, err := c.reading(ctx, false) // what the session may do is checked too
	if err != nil {
		return problems, err
	}
	defer db.Close()
	dialect, err := catalog.Detect(ctx, db)
	if err != nil {
		return problems, err
	}
	if dialect != catalog.MSSQL {
		return problems, fault.New(fault.Invalid, "SQLite has no stored procedures; give a database of SQL Server, or a mapping of tables")
	}
	cat, err := catalog.Read(ctx, db, dialect)
	if err != nil {
		return problems, err
	}
	return c.judged(c.procedures, prochost.Check(cat, d), nil)
}

// checkAPI judges a description of an HTTP API, for which no database is needed.
func checkAPI(c *call) (int, error) {
	data, err := description(c.api)
	if err != nil {
		return misused, err
	}
	d, err := apihost.Parse(data)
	if err != nil {
		return c.judged(c.api, nil, err)
	}
	return c.judged(c.api, apihost.Check(d), nil)
}

// judged prints what is wrong with a description.
func (c *call) judged(file string, faults []fault.Fault, err error) (int, error) {
	if err != nil {
		if faults = fault.Of(err); len(faults) == 0 {
			return problems, err
		}
	}
	out := checked{Mapping: filepath.Base(file), Problems: []found{}}
	for _, f := range faults {
		out.Problems = append(out.Problems, found{0, tablehost.Problem{Severity: tablehost.Error, Path: f.Path, Code: f.Code, Message: f.Message}})
	}
	return c.report(out, "The description is in order.")
}

// explainAPI says in plain words what will be sent where.
func explainAPI(c *call) (int, error) {
	data, err := description(c.api)
	if err != nil {
		return misused, err
	}
	d, err := apihost.Parse(data)
	if err != nil {
		return problems, err
	}
	_, err = io.WriteString(c.out, apihost.Explain(d))
	return well, err
}
