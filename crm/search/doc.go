// Package search finds leads, contacts, customers, opportunities and quotes by anything people remember of
// them: a piece of a name in any order and with or without its accents, a phone number however it is
// written, an e-mail or its domain, the number of a quote.
//
// A record's way into the index: what happened to it is an event; the handler of this package
// ([Searches.Register]) reads the record with its people, writes its words, folded, to one row of crm_search
// and hands them to the engine of the database. What has no event is read from the audit log, and once a
// day the index is held against the records ([Searches.Index], which crm.Module.Run calls). All of it may be
// repeated: a row is written only where its words differ.
//
// A question's way: [Searches.Find] folds the text into words, asks the engine for rows of each kind that have
// a word beginning with each of them, newest first, among those whose owner the actor may see, then reads
// the records themselves through their own guard and compares the words again. So the index may be behind,
// but a hit is never one that does not match any more or that the actor may not open.
//
// There are three engines behind one port: FTS5 on SQLite; on SQL Server a table of words and, for questions of
// nothing but common words, its full text where an administrator has set it up ([FullTextSQL]).
package search
