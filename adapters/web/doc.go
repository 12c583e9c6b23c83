// Package web shows CRM+ to browsers.
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
