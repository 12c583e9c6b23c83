package mssql

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// plainName is a name of a database or schema that needs no thought to quote.
var plainName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_$# .-]{0,127}$`)

// SynonymSQL is the script that lets the host's database reach the tables of CRM+ in another database of
// the same server under their own names, so that one transaction on the host's connection writes both. It is
// run in the host's database, again after an upgrade of CRM+; running it twice changes nothing. The login
// needs the rights to the tables in both databases. Where the databases have different owners, one of them
// must be trusted by the other (cross-database ownership is not needed: the login's own rights count).
//
//	crmDB, err := mssql.Open(".../?database=CrmPlus"); err = crmDB.Migrate(ctx) // the tables
//	err = mssql.CreateSynonyms(ctx, mssql.Use(hostDB), mssql.Beside{Database: "CrmPlus"})
//	module, err := crm.New(mssql.Use(hostDB), crm.Config{Host: host}) // Host.Place: erpbridge.SameServer
func SynonymSQL(at Beside) (string, error) {
	batches, err := synonymBatches(at)
	if err != nil {
		return "", err
	}
	return strings.Join(batches, "\nGO\n") + "\nGO\n", nil
}

// Beside names the database of CRM+ on the host's server.
type Beside struct {
	Database string
	// Schema of the tables there; dbo where it is empty.
	Schema string
}

func synonymBatches(at Beside) ([]string, error) {
	if at.Schema == "" {
		at.Schema = "dbo"
	}
	var faults fault.List
	for path, name := range map[string]string{"database": at.Database, "schema": at.Schema} {
		if !plainName.MatchString(name) {
			faults.Add(path, "name.form", "%q is no name of a database object; give it as SQL Server lists it, without brackets", name)
		}
	}
	if err := faults.Err("the synonyms cannot be written"); err != nil {
		return nil, err
	}
	var batches []string
	for _, name := range store.Objects(store.MSSQL) {
		batches = append(batches, fmt.Sprintf("IF NOT EXISTS (SELECT 1 FROM sys.synonyms WHERE name = N'%s')\nCREATE SYNONYM [%s] FOR [%s].[%s].[%s];",
			name, name, at.Database, at.Schema, name))
	}
	return batches, nil
}

// CreateSynonyms runs [SynonymSQL] in the host's database, in one transaction.
func CreateSynonyms(ctx context.Context, host *store.DB, at Beside) error {
	batches, err := synonymBatches(at)
	if err != nil {
		return err
	}
	tx, err := host.SQL().BeginTx(ctx, nil)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the host's database does not answer")
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	for _, batch := range batches {
		if _, err := tx.ExecContext(ctx, batch); err != nil {
			return fault.Wrap(err, fault.Unavailable, "a synonym for the tables of CRM+ in %s cannot be made", at.Database)
		}
	}
	return tx.Commit()
}
