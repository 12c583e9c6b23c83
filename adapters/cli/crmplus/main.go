// Command crmplus is CRM+ for people at a terminal: it looks at an ERP's database, checks and tries the
// mapping that ties CRM+ to it, keeps the schema of CRM+ up to date, and imports leads.
//
//	crmplus host scaffold -db erp.db > erp.yaml     a first mapping, from what the database says of itself
//	crmplus host check    -db erp.db -map erp.yaml  everything in the mapping that does not fit, at once
//	crmplus host explain  -map erp.yaml             what will be written where, in plain words
//	crmplus host dry-run  -db erp.db -map erp.yaml  a lead and an order through it, then rolled back
//	crmplus host schema                             the JSON schema of mappings, for editors
//	crmplus migrate up|down|status|sql -db erp.db   the tables of CRM+
//	crmplus run -once -db erp.db -map erp.yaml      what waits in the background: the ERP's requests, reminders
//	crmplus search rebuild -db erp.db -map erp.yaml the index that searches go by, built anew
//	crmplus import leads  -db erp.db -map erp.yaml -file leads.csv
//
// Exit codes: 0 everything is well, 1 there are problems (they are listed), 2 the command was not understood
// or could not begin. With -json the answer is one JSON object on standard output. Passwords are never
// printed.
package main

import (
	"context"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], terminal{out: os.Stdout, err: os.Stderr, env: os.Getenv, now: time.Now})
	stop()
	os.Exit(code)
}
