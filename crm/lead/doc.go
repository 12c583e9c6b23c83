// Package lead keeps possible customers before they are customers: it takes them in from wherever they
// come, recognises who was there before, and follows them until they are converted or given up.
//
// A [Lead] is one interest of one party (crm/party), a person or a company; who that is stands in the
// party, which stays the same through merge and conversion. How a value flows:
//
//	leads := lead.New(db, lead.Config{Parties: parties, Host: host})
//	result, err := leads.Capture(ctx, lead.Draft{
//	    Name: "Kovács Anna", Organization: "Minta Kft.", Emails: []string{"anna@minta.hu"},
//	    Interest: "Targonca", Origin: lead.Origin{Source: "google", Medium: "cpc", Campaign: "tavasz"},
//	})
//
// [Prepare] normalises the draft and collects all that is wrong with it. [Leads.Capture] then lets
// captures of the same e-mail, phone or tax id wait for each other, looks for the person or company
// among our parties and the host's customers, and either adds a [Touch] to the open lead of who is
// certainly known, or writes party, company, lead and touch, in one transaction with the event. Each
// arrival is a touch with its origin and consent: the first and the last one, and all between, are
// kept.
//
// [Leads.Import] does the same for files of any size, in chunks that commit one by one: the file is
// read and normalised ahead by several goroutines, one writer looks up and inserts whole chunks.
// [Leads.Preview] proposes the [Plan], [Leads.Rejects] gives bad rows back for correction, and
// [Leads.UndoImport] takes back what nobody touched.
//
// [Leads.List] gives keyset pages of what the actor sees; [Leads.Get] opens one lead. [Leads.Edit],
// [Leads.SetStatus], [Leads.Assign], [Leads.Responded], [Leads.Merge] and [Leads.Unmerge] change it; each
// emits one of the events in this package. A lead is never deleted by hand.
package lead
