// Package content is what a newsletter says and how it looks.
//
// A newsletter is either a [Design], blocks that an editor puts one below the other, or an [Outside]
// template, HTML that was made elsewhere. Both become [Programs]: subject, HTML and plain text with places
// for what differs from reader to reader (see package merge). The way of a design:
//
//	Design ──Check──▶ all faults, each with the path of its field: blocks[2].button.url
//	   │ Priced         asks the host what products cost today
//	   ▼
//	Compile ──▶ Programs ──▶ Preview(reader)   for the one who writes
//	                    └──▶ Missing(reader)   before sending
//	                    └──▶ package message   for everybody
//
// The HTML is built for mail programs: tables, styles in the elements, 600 pixels that become one column on
// a phone, colours for dark screens beside the light ones, right to left where the language is. What people
// paste is cleaned: no script, no form, nothing that loads anything but images. The plain text is made from
// the same HTML, so that both always say the same.
//
// # Merge fields
//
// A text may name the fields that [Catalogue] lists, in braces, with words that stand where a reader has no
// value, and conditions:
//
//	{{salutation}}                  Tisztelt Kovács Úr! Dear Mr Berg, Уважаемый Иван Петрович! formal, never a gap
//	{{salutation_familiar}}         Kedves Anna! Dear John, Здравствуйте, Анна! for people one knows
//	{{first_name|Reader}}           the given name, or "Reader"
//	{{last_name}} {{full_name}}     full_name in the order of the language, with titles
//	{{email}} {{company}} {{job_title}} {{city}} {{country}} {{customer_number}}
//	{{owner_name}} {{owner_email}} {{owner_phone}}   who looks after the reader
//	{{today}}                       the day, as the language writes it
//	{{unsubscribe_url}} {{preference_url}} {{view_url}}   the reader's own pages, for links
//	{{#if company}}…{{else}}…{{/if}}
//
// A host adds its own fields, and the company's custom ones, to the catalogue and gives their values in
// [Reader].More.
package content
