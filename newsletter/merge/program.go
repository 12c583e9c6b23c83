// Package merge is a text with places in it for what differs from reader to reader: fields with defaults,
// links that are counted, parts that stand only where a field has a value. A text is parsed once into a
// [Program]; each reader costs a copy of its literals and an escape of his values. Values are data: they
// cannot bring markup, headers or links of their own.
//
//	{{first_name}}                          the value of a field
//	{{first_name|Reader}}                   or words that stand where the reader has none
//	{{#if city}}In {{city}}{{/if}}          a part for readers who have a value
//	{{#if city}}…{{else}}…{{/if}}           and one for those who have none
//	{{#unless customer_number}}…{{/unless}} a part for readers without a value
//	\{{                                     two braces that are no field
//
// A value's way: [Parse] reads the text as what it is ([Text], [Line], [Markup]), decides for each field
// from where it stands how it is to be written ([Escape]), and refuses places where no escaping makes a
// stranger's value harmless: scripts, styles, the name of a tag, the host of an address. Everything that is
// wrong is found at once, with line and column. Whoever sends gives [Program.Append] the values of one
// reader, in the order of Program.Fields, and gets the finished text. Nothing is searched then: a value that
// says "{{email}}" or "https://" stays the words it is.
package merge

// Kind says what an [Op] does.
type Kind uint8

// The kinds.
const (
	// Literal copies Text, which is escaped already.
	Literal Kind = iota
	// Field writes the value of Field, or Default where the reader has none, by Escape.
	Field
	// Link writes the address of the counted link Link; Escape is HTML or Plain.
	Link
	// If jumps to the op Jump where the value of Field is empty.
	If
	// Unless jumps to the op Jump where the value of Field is not empty.
	Unless
)

// Escape says into what a value is written.
type Escape uint8

// The contexts.
const (
	// Plain is text/plain: control characters go, nothing else is changed.
	Plain Escape = iota
	// HTML is text between tags, or an attribute's value in quotes.
	HTML
	// Query is one value in the query or path of an address.
	Query
	// Header is a header of a mail: one line, no control characters.
	Header
	// Address is a whole address in text/plain: http or https, else nothing is written.
	Address
	// HTMLAddress is a whole address in an attribute's value in quotes, or in text between tags.
	HTMLAddress
)

// Op is one step of a program.
type Op struct {
	Kind Kind
	// Text is what a Literal copies.
	Text string
	// Field counts Program.Fields.
	Field int
	// Escape is how a Field or a Link is written; [Escape.Append] does it.
	Escape Escape
	// Default is written, by Escape too, where the reader has no value.
	Default string
	// Link counts Program.Links.
	Link int
	// Jump is the op that follows; it always lies behind.
	Jump int
}

// Program is a parsed text. It is not changed by anything here and serves any number of goroutines.
type Program struct {
	Ops []Op
	// Fields are the names that Op.Field counts, each once; values come to Append in this order.
	Fields []string
	// Links are the addresses as they were written, in the order of Op.Link. The parts of one mail share
	// them (see [Source].Links), so that a number means the same address in each.
	Links []string
}
