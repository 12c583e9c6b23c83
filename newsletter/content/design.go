package content

import (
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Design is a newsletter in one language, of blocks. Its JSON is what the editor reads and writes. Texts and
// addresses may hold merge fields.
type Design struct {
	Language locale.Language `json:"language"`
	Subject  string          `json:"subject"`
	// Preheader is what lists of mails show behind the subject; "" leaves it to the mail program.
	Preheader string  `json:"preheader,omitempty"`
	Theme     Theme   `json:"theme,omitzero"`
	Blocks    []Block `json:"blocks"`
	// HTML is a whole document that was made elsewhere, as [Import] gives it, in the place of the blocks, which
	// stay for whoever goes back to them; see [Outside]. Preheader and Theme do not touch it.
	HTML string `json:"html,omitempty"`
	// Files go with the letter.
	Files []File `json:"files,omitempty"`
}

// File is a file that goes with each letter, as campaign.Campaigns.KeepFile gives it.
type File struct {
	Name string `json:"name"`
	// Type is the media type: "application/pdf".
	Type string     `json:"type"`
	Size int64      `json:"size"`
	Hash store.Hash `json:"hash"`
}

// Block is one of the kinds below: exactly one of the pointers is set.
type Block struct {
	Heading *Heading `json:"heading,omitempty"`
	Text    *Text    `json:"text,omitempty"`
	Image   *Image   `json:"image,omitempty"`
	Button  *Button  `json:"button,omitempty"`
	Columns *Columns `json:"columns,omitempty"`
	Product *Product `json:"product,omitempty"`
	Divider *Divider `json:"divider,omitempty"`
	HTML    *HTML    `json:"html,omitempty"`
	Footer  *Footer  `json:"footer,omitempty"`

	// If names a field: the block is only for readers who have a value in it. Unless names one that they
	// must not have.
	If     string `json:"if,omitempty"`
	Unless string `json:"unless,omitempty"`
}

// Align is where something stands across the page, by the direction of the language: in Hebrew the start is
// on the right.
type Align string

// The places; "" is Start.
const (
	Start  Align = "start"
	Center Align = "center"
	End    Align = "end"
)

// Heading is a title, of level 1 (the largest) to 3; 0 counts as 2.
type Heading struct {
	Text  string `json:"text"`
	Level int    `json:"level,omitempty"`
	Align Align  `json:"align,omitempty"`
}

// Text is running text. HTML may have paragraphs, line breaks, lists, quotations, bold, italic, underlined,
// struck out, raised and lowered words, and links; all else is cleaned away. Text without any tag is taken
// as it is typed: an empty line ends a paragraph.
type Text struct {
	HTML  string `json:"html"`
	Align Align  `json:"align,omitempty"`
}

// Image is a picture. Alt says what it shows to those who do not see it, "" that it is mere decoration.
type Image struct {
	URL string `json:"url"`
	Alt string `json:"alt,omitempty"`
	// Link is where it leads, "" for nowhere.
	Link string `json:"link,omitempty"`
	// Width in pixels, up to what the place has; 0 takes all of it.
	Width int   `json:"width,omitempty"`
	Align Align `json:"align,omitempty"`
	// Plate puts a light ground under the picture on dark screens, as dark logos on a transparent ground
	// need it.
	Plate bool `json:"plate,omitempty"`
}

// Button leads somewhere.
type Button struct {
	Label string `json:"label"`
	URL   string `json:"url"`
	Align Align  `json:"align,omitempty"`
}

// Columns stand beside each other, below each other on a phone. There are two or three; they cannot hold
// columns or a footer.
type Columns struct {
	Columns []Column `json:"columns"`
}

// Column is one of them.
type Column struct {
	Blocks []Block `json:"blocks"`
}

// Product is something that the host sells. Name, price, picture and address are given as they are to be
// shown; [Design.Priced] asks for the price of those with a Key.
type Product struct {
	// Key is the host's own.
	Key         string `json:"key,omitempty"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Price is a text: "12 990 Ft".
	Price string `json:"price,omitempty"`
	Image string `json:"image,omitempty"`
	URL   string `json:"url,omitempty"`
	// Button is what is pressed to get there; "" says "Details" in the language.
	Button string `json:"button,omitempty"`
}

// Divider is a line across.
type Divider struct{}

// HTML is markup as it is; what mails cannot or must not have is cleaned away.
type HTML struct {
	HTML string `json:"html"`
}

// Footer closes the newsletter: who sends it, the postal address (as the law of many countries asks, in
// the USA 15 U.S.C. 7704(a)(5)), why the reader gets it, and the links to unsubscribe, to the reader's
// settings and to the newsletter as a page. There is exactly one, at the end.
type Footer struct {
	Company string `json:"company"`
	// Address is the postal address; line breaks are kept.
	Address string `json:"address"`
	// Reason says why the reader gets this: "You subscribed on example.com."
	Reason string `json:"reason,omitempty"`
}

// The bounds of a design.
const (
	// MaxBlocks counts those in columns too.
	MaxBlocks = 200
	// MaxLine is of names, labels and titles, MaxWords of a text block, in characters; MaxRaw of HTML in
	// bytes.
	MaxLine  = 400
	MaxWords = 20000
	MaxRaw   = 200 << 10
	// MaxSubject is in characters; what is longer no list of mails shows.
	MaxSubject = 200
	// MaxFiles is how many files go with a letter, MaxFilesSize how many bytes they have together: each reader gets
	// them all, and what is larger is better fetched by a link.
	MaxFiles     = 5
	MaxFilesSize = 3 << 20
)

// The measures of a page in pixels.
const (
	pageWidth = 600
	padding   = 24
)
