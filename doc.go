// Package crmplus is the story of CRM+ in one screen; the code is in the folders beside it.
//
// An ERP knows customers and accounting documents. It has no place for the person who left a business
// card, for the deal that may come, for the quote that was declined. CRM+ gives them one, inside the
// host's own database and the host's own transactions, and turns a lead into the host's customer and a
// quote into the host's order, delivery note and invoice, exactly once.
//
//	db := mssql.Use(hostDB)                                  // or sqlite.Open("erp.db")
//	module, err := crm.New(db, crm.Config{Host: host})       // host: your ERP behind the ports of erpbridge
//	err = module.Migrate(ctx)
//	go module.Run(ctx)
//
//	ctx = actor.With(ctx, actor.User{Company: "HU01", ID: "kovacs", Rights: actor.Seller}.Actor())
//	captured, err := module.Leads.Capture(ctx, lead.Draft{Name: "Szabó Éva", Emails: []string{"eva@example.com"}})
//
//	tx, err := hostDB.BeginTx(ctx, nil)                      // the host's own transaction
//	result, err := module.WithTx(tx).Convert.Lead(ctx, captured.Lead, convert.LeadChoice{})
//	err = tx.Commit()                                        // customer, contact and link: all or nothing
//	module.Wake()
//
//	screens, err := web.Handler(module, web.Config{Visitor: visitor, SignIn: "/login", Key: key, Shell: shell})
//	program, err := api.Handler(module, api.Config{Path: "/crm/api"})
//
// A value's way: a lead arrives ([github.com/crmplus/crmplus/crm/lead]), is worked
// ([github.com/crmplus/crmplus/crm/activity]), becomes a possible sale
// ([github.com/crmplus/crmplus/crm/opportunity]) and an offer on paper
// ([github.com/crmplus/crmplus/quote]), and is converted
// ([github.com/crmplus/crmplus/erpbridge/convert]). Everything hangs on one stable party
// ([github.com/crmplus/crmplus/crm/party]) and passes one door to the database
// ([github.com/crmplus/crmplus/crm/store]). People work at it in the host's own pages
// ([github.com/crmplus/crmplus/adapters/web]), programs by JSON
// ([github.com/crmplus/crmplus/adapters/api]).
//
// Start with examples/quickstart, then read the package whose noun you need.
package crmplus
