// Package tsql holds the T-SQL that CRM+ sends as golden text, so that it is read in reviews and
// checked on machines that have no SQL Server.
//
// [Open] gives a *sql.DB for mssql.Use; what the test then does goes through one of three modes:
//
//   - recording: a server is set (testutil.MSSQLVariable) and the test runs with -update. Statements
//     go to an empty database on the server; every statement, its arguments and the server's answer
//     are written to testdata/NAME.tsql.
//   - comparing: a server is set, no -update. Statements go to an empty database on the server and
//     are held against the file. The answers are the server's own, so the file that was recorded on
//     one server is checked on another.
//   - replaying: no server. A driver without a database expects the statements of the file in their
//     order with their arguments, and gives the recorded answers.
//
// The first statement that differs fails the test with a diff and its line in the file, and so does
// one of the file that was not sent. In every mode each statement is held to the rules of [Lint],
// and a statement that is sent while the rows of another are open is refused, because SQL Server
// takes one at a time on a connection.
//
// # Writing a golden test
//
// [Env] is Open with everything fixed that would change the text: clock, ids and company.
//
//	func TestCaptureSQL(t *testing.T) {
//		env := tsql.Env(t, "capture") // testdata/capture.tsql
//		leads := lead.New(env.DB)
//		id, err := leads.Capture(env.As("kovacs", actor.Seller, actor.Own), lead.Form{...})
//		...
//	}
//
// Then, once, with the server's DSN in the variable: go test -run TestCaptureSQL -update. Read the
// file before it is committed: it is the point of the test.
//
// The test must send the same statements in every run: one goroutine, no ranging over maps on the
// way to the database, no random values and no time but env.Clock. Assertions about results hold in
// every mode. Tables of a host, rows that should be there before: give Open or Env functions that
// prepare the empty database. They run after the schema was migrated, are not in the file, and are
// not called when the file is replayed. Ids that they use are theirs to fix.
//
// # The file
//
// Each statement stands as it was sent, under a line with its number and how it was sent (query,
// exec, begin, commit, rollback). Lines below give the arguments as T-SQL literals with the types
// they travel by, and the answer: columns with types, one JSON array per row, rows affected, or the
// server's error. In a row []byte is {"hex":"00ff"} (of decimals {"text":"1.50"}), a time is
// {"time":"2026-07-13T08:30:00Z"} and a float {"float":"1.5"}; the rest is JSON's own. Arguments of
// more than 256 bytes are shown by their beginning, length and SHA-256.
package tsql
