// Package quote makes quotes for leads and customers, from the host's price lists, and follows them
// until they are answered.
//
//	quotes := quote.New(db, quote.Config{Host: host, Parties: parties, Activities: activities, Locales: localeOf})
//	card, err := quotes.Draft(ctx, quote.DraftInput{Party: minta.ID, Lines: []quote.DraftLine{{Product: "LAMP-40", Quantity: ten}}})
//	card, err = quotes.Issue(ctx, card.Quote.ID)             // number, frozen document, PDF
//	file, err := quotes.PDF(ctx, card.Quote.ID)              // the same bytes ever after
//	decision, err := quotes.Accept(ctx, card.Quote.ID, quote.Answer{By: "Szabó Éva"})
//
// A value's way: Draft follows the party through merges, asks the host for products and prices,
// computes nets and totals (pure functions in totals.go) and writes header and lines. Edit, SetLines
// and Reprice change a draft. Issue checks everything at once, takes the next number of the series,
// freezes addressee, lines and totals into a [Document] whose hash is kept, draws the PDF once and
// keeps it as a file. From then on nothing of it changes but the state:
//
//	draft -> issued -> accepted | declined | expired | superseded | withdrawn
//
// What the reader should get instead is a new version: a draft with the next revision, whose issue
// supersedes the version before. All versions stay readable with their PDFs.
//
// The texts above and below the lines may name what the quote is about, the company's own fields too, in braces:
// {reader.greeting}, {quote.custom.site}; see [TextPurpose]. They are filled where the document is drawn, and for good
// when it is issued.
//
// Quotes go out by mail: [Quotes.Send] queues a letter with the PDF, annexes and a link of its own for exactly the
// frozen version ([Sending]); it leaves after the commit, once. The link's token is signed, and is the right to
// open that version without a login ([Quotes.Open]) and to accept, decline or ask ([Quotes.AcceptByLink] and its
// like). What was opened, by which letter, when, from which address and under which name it was answered is kept
// as evidence. The seller is told at once, and every answer and question gives him a task.
//
// Lines are items, optional items, comments and headings. Lines that name the same alternative group
// exclude each other: exactly the first one of a group counts in the totals; see [Card.Chosen].
//
// A quote belongs to an opportunity by its id only. What happens there is told by events, which
// [Quotes.Register] hands to [Config.Advancer] and to the seller.
package quote
