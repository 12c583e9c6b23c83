// Package hosttest is the conformance suite for hosts: a vendor runs it against the erpbridge.Host
// that he has written or mapped, and what it accepts CRM+ can convert into.
//
//	func TestHost(t *testing.T) {
//		hosttest.Run(t, hosttest.Subject{
//			Host:    acme.Host(db),
//			Begin:   func(ctx context.Context) (*sql.Tx, error) { return db.BeginTx(ctx, nil) },
//			Company: "01", UserID: "ADMIN", Customer: "C000001", Products: []string{"P-100", "P-200"}, VATCode: "27", Currency: "HUF",
//			Lacks:   []hosttest.Feature{hosttest.Contacts},
//		})
//	}
//
// Every port that the host has is called as CRM+ calls it: in a transaction that is committed or
// rolled back, with a token, alone and by several at once. The suite asserts what the doc comments of
// erpbridge promise: the same token gives the same record, a rollback leaves nothing and no hole in
// a series, all faults are named at once and nothing is written with them, companies do not see each
// other. It leaves customers and documents behind: run it on a test database.
//
// A host that is Elsewhere has no Begin: it commits for itself, may lose answers (fault.Unknown), and is
// then asked again with Session.Attempt, under which it must find what it did.
//
// Not every host keeps everything: [Subject.Drops] names fields that it does not have, [Subject.Lengths]
// how short its texts are, [Subject.SameProduct] what becomes of two lines of one product. What cannot be
// kept must be refused or declared, never lost. [Subject.Clerk] lends the suite the hands of people at
// the host, to post and pay invoices and to block customers.
//
// A port or an optional interface that is missing fails the suite unless [Subject.Lacks] names it, so
// that nothing is skipped by mistake.
package hosttest
