// Package web shows CRM+ to browsers: the screens for the host's own people ([Handler]), the pages behind the
// links of quotes ([QuotePages]), and the forms that bring leads from any web page ([NewForms]).
//
// # Screens
//
//	screens, err := web.Handler(module, web.Config{Visitor: visitor, SignIn: "/login", Key: key, Shell: shell})
//	mux.Handle("/crm/", screens)
//
// The host mounts one handler, at [Config.Path]. It has no login and no users of its own: [Config.Visitor] is
// asked at each request, by the host's own session, who that is, and gives a [Visitor]: the actor with his
// company, rights and visibility, how he reads, and what tells this signing-in from another. Whoever is no user
// of the host is sent to [Config.SignIn].
//
// A request goes this way (frame_route.go): the headers that keep foreign scripts, frames and caches out; a
// write from another origin is refused; the [Visitor], with what he chose for himself (his language, zone,
// colours); for a POST the size of its body and the token of this session's forms; the right that the route
// needs; then the page's own function, which calls verbs of the module in the actor's name. Every verb asks
// for the right once more and sees the actor's company and visibility only, so that a page cannot show too
// much by mistake. The answer is a page in its frame, a part of one, a redirection after something was
// changed, or what went wrong.
//
// The page stands in the host's layout where [Config.Shell] gives one: it writes a whole document around
// [Page].Head and [Page].Body. Otherwise it stands in ours. Its Content-Security-Policy holds for the document
// as a whole: styles and scripts of the shell are files of the same origin, with nothing inline. All rules of
// our style stand below the class crm, and the host sets these variables of it in a stylesheet of its own:
//
//	.crm { --crm-accent: #0b5d57; --crm-accent-ink: #fff; --crm-accent-dark: #6fd3c9;   links and marks
//	       --crm-ground: #fff; --crm-ground-dark: #14181e;                              what everything lies on
//	       --crm-top: 44px; }                                                           the height of the host's own bar
//
// In a frame the screens are shown to the host's own pages, or to those of the origins that [Config.FrameAncestors]
// lists, with "'self'" among them where the host's own shall stay. Whether a browser sends the host's session there is
// a matter of that session's cookie: in a frame of another site it has to be Secure, SameSite=None and Partitioned.
//
// # How a page is made
//
// The files are named after the cluster of pages and the verb: lead_list.go, lead_convert.go; frame_*.go are what
// all pages share. A page has
//
//   - a route in the list of its cluster: its pattern, the right it needs, its function. What changes something
//     is a POST. route_walk_test.go goes to every route as a stranger, without the right, with another
//     company's ids and without a token; an address that it does not know fails it;
//   - a function func(s *screens) name(v *visit) error, which reads the module by v.ctx() and ends in v.show
//     (the page), v.dialog (a page that opens in place), v.fill (a part, for htmx) or v.redirect. What
//     cannot be done it returns: a fault becomes a page, or a toast, in the reader's words;
//   - a file in pages: {{define "content"}}, with what it needs of part*.html; link makes every address, t every
//     word, money, date, ago, phone what the reader's language makes of a value; bdi and dir=auto stand around
//     whatever people have typed;
//   - its words in a catalogue of five languages (lead_texts.go). A test finds a key that has none.
//
// A form is an input (frame_input.go): v.posted() what was typed, v.refuse the faults of a verb at their
// fields; the page is then shown again with 422 and everything that was typed. One whose record others may
// change carries what stood in it when it was opened ({{template "conflict"}}): what only one of two people
// touched is taken over by itself, and of what both did the page shows both values and asks, with 409.
//
// A dialog is a page, too: a link with data-dialog leads to its address, and the script opens that page's part
// "dialog" in place. So each thing has an address, works in another tab and without JavaScript, and is written
// once.
//
// # What the browser gets
//
// Each address gives a whole page; htmx fills parts of it (a list, a cell, the board, a dialog, what a
// search finds), and nothing is needed for the main path but HTML. Scripts, styles and icons are embedded files
// (static, with the licences of those that others wrote) under addresses that change with their content, packed,
// and kept by browsers for ever; nothing is asked of other servers. Pages are never kept, neither by caches nor
// by htmx's history, because persons are in them.
//
// Keys: / searches, n makes new, c takes in a pasted text, j and k walk the rows, x marks one, e edits,
// Enter opens, g and a letter go to a page, Ctrl+Enter sends, Esc closes; ? lists them.
//
// The aim is WCAG 2.2 level AA: landmarks and a link past the menu, a label for each field and its faults
// joined to it (aria-invalid, aria-describedby), focus that is seen and comes back after a dialog, no meaning by
// colour alone, charts with a table behind them (chart.go), what can be dragged also moved by keys and by
// a menu, targets of 24 pixels, no motion for those who want none. Directions are logical, so that Hebrew is
// mirrored and numbers, phones and codes are not.
//
// # Live
//
// GET /live tells by server-sent events which records changed (crm/live): their ids, and no content. One
// connection, in a shared worker, serves all tabs of a browser. A part that waits for a noun
// (hx-trigger="crm:lead from:body") is then fetched anew, with its reader's rights. A connection ends after a quarter
// of an hour and is opened again, so that a right that was taken away ends there too. What stands between must not
// buffer; middleware that wraps the http.ResponseWriter has an Unwrap method; and a server that is stopped
// ends the context of its connections (http.Server.BaseContext), since these would outlast Shutdown.
//
// # Drafts
//
// What is typed into a form with data-draft is kept in this browser (localStorage, by user and form, for seven days)
// until the server took it, and comes back after a crash, a restart or an expired session, with a note that says so
// and a button that discards it. Passwords, files and hidden fields are not kept. Leaving a page with unsaved changes
// asks first. Toasts travel to the next page in a signed cookie; the server keeps no state of a session but the file of
// an import between its preview and its end, in memory: several processes need the same [Config.Key], and a balancer
// that keeps a session at one of them for imports.
//
// # Pages of quotes
//
// [QuotePages] is the handler behind the links in mails. The token in the address is the right to see one sending of one
// version; a GET never answers the quote, because programs that look through mails follow links. There is no script.
//
// # Public forms
//
// [Forms] is the handler behind the forms that bring leads from any web page. A marketer pastes what
// [Snippet] gives; people without JavaScript, and links in mails, get the same form as a page of its
// own. Both need no login and act as actor.Public of the form's company.
//
//	GET  /f/{key}     the form as a page: no script, under 30 KB
//	GET  /f/{key}.js  the script of the snippet
//	POST /f/{key}     urlencoded or multipart (no files) from the page, JSON from the snippet
//
// A post goes this way: the page it comes from (Origin, else Referer) is compared with the form's list;
// the limits of the client and of the form are asked; the body, at most 64 KB, becomes a map of texts;
// the honeypot and the signed token are looked at; every field is checked and all faults are shown at
// once, in the form's language, with everything typed kept; the fields become a lead.Draft, and Capture
// does the rest. The answer never says whether the person was known before.
//
// What keeps robots out, and what people notice of it:
//
//   - The honeypot is a field that nobody sees. Who fills it gets the usual thank-you, and no lead is
//     made: a robot learns nothing.
//   - Each rendering carries a token: its time and a random number, signed. A form sent sooner than a
//     person can type (FormsConfig.MinFill), with a token that is too old, or with none, is shown again
//     with everything typed and asks for one more press; the snippet does that by itself. A person loses
//     nothing, a robot that only posts never gets through.
//   - The token, together with what was typed, makes the post repeatable: pressed twice, sent again by a
//     shaky network or reloaded, it stays one lead. Corrected and sent again it is a new arrival, which
//     Capture joins with the first.
//   - Rates are limited per client address (per /64 for IPv6) and per form.
//
// Logs name the form, the outcome and the kind of error, never what was typed nor who typed it.
package web
