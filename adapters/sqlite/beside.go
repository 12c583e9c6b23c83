package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	sqlite3 "modernc.org/sqlite"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// OpenBeside opens the host's database file with the tables of CRM+ in a file of their own, attached to
// every connection, so that one transaction writes both (Host.Place: erpbridge.SameServer). The file of
// CRM+ is migrated by itself first:
//
//	own, err := sqlite.Open("crm.db"); err = own.Migrate(ctx); err = own.SQL().Close()
//	db, err := sqlite.OpenBeside("erp.db", "crm.db")
//
// Both files work with a rollback journal instead of the write-ahead log: only then does SQLite commit
// several files as one when the machine stops in the middle (https://www.sqlite.org/lang_attach.html).
func OpenBeside(hostFile, crmFile string) (*store.DB, error) {
	var faults fault.List
	faults.Required("host_file", hostFile)
	faults.Required("crm_file", crmFile)
	if hostFile == crmFile && hostFile != "" {
		faults.Add("crm_file", "same", "is the host's own file; open that with Open")
	}
	if err := faults.Err("the databases cannot be opened"); err != nil {
		return nil, err
	}
	db := sql.OpenDB(attaching{driver: &sqlite3.Driver{}, host: hostFile, crm: crmFile})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections) // a new one reads the schema and has prepared nothing
	if err := db.PingContext(context.Background()); err != nil {
		_ = db.Close()
		return nil, fault.Wrap(err, fault.Unavailable, "the databases %s and %s cannot be opened together", hostFile, crmFile)
	}
	return Use(db), nil
}

// attaching makes connections that have the file of CRM+ attached.
type attaching struct {
	driver    *sqlite3.Driver
	host, crm string
}

func (a attaching) Driver() driver.Driver { return a.driver }

func (a attaching) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := a.driver.Open(Options{}.dsn(a.host, "DELETE"))
	if err != nil {
		return nil, err
	}
	exec, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver takes no statements on a new connection"), conn.Close())
	}
	for _, statement := range []struct {
		text string
		args []driver.NamedValue
	}{
		{"ATTACH DATABASE ? AS crm", []driver.NamedValue{{Ordinal: 1, Value: a.crm}}},
		{"PRAGMA crm.journal_mode = DELETE", nil},
		{"PRAGMA crm.synchronous = FULL", nil},
	} {
		if _, err := exec.ExecContext(ctx, statement.text, statement.args); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}
