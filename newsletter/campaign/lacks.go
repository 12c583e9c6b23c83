package campaign

import (
	"github.com/crmplus/crmplus/newsletter/content"
)

// Lacks says which fields leave a gap for a reader in what a content says to him: no value, no default, and no condition
// round them.
type Lacks func(content.Reader) []string

// Lacks makes the question of a content of a channel, and names the fields that it needs for an answer. A content that
// cannot be sent is fault.Invalid.
func (p Content) Lacks(ch Channel, fields content.Fields) (Lacks, []string, error) {
	if ch == SMS {
		d, err := ReadTextDesign(p)
		if err != nil {
			return nil, nil, err
		}
		program, err := d.compile(fields)
		if err != nil {
			return nil, nil, err
		}
		return func(r content.Reader) []string {
			r.Language = p.Language
			return program.Missing(r.Append(nil, program.Fields))
		}, program.Fields, nil
	}
	d, err := content.Decode(p.Design, p.Language, p.Subject)
	if err != nil {
		return nil, nil, err
	}
	programs, err := d.Compile(fields)
	if err != nil {
		return nil, nil, err
	}
	return programs.Missing, programs.Fields(), nil
}
