package apihost

import (
	"embed"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/crmplus/crmplus/crm/fault"
)

//go:embed descriptions/*.yaml
var shipped embed.FS

// largest is the longest description that is read.
const largest = 1 << 20

// Parse reads a description. Unknown names are refused with their line, so that a misspelt one does not
// silently do nothing; the rest is judged by [Check].
func Parse(data []byte) (*Description, error) {
	if len(data) > largest {
		return nil, fault.New(fault.Limit, "the description has %d bytes; at most %d are read", len(data), largest)
	}
	var d Description
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		return nil, fault.Wrap(fmt.Errorf("%s", yaml.FormatError(err, false, false)), fault.Invalid, "the description cannot be read")
	}
	return &d, nil
}

// Load reads a description to its end.
func Load(r io.Reader) (*Description, error) {
	data, err := io.ReadAll(io.LimitReader(r, largest+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the description cannot be read")
	}
	return Parse(data)
}

// Shipped names the descriptions that come with the package.
func Shipped() []string {
	entries, _ := shipped.ReadDir("descriptions") // embedded: it is there
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}

// Open reads one that comes with the package: "business-central" or "sap-business-one".
func Open(name string) (*Description, error) {
	data, err := Source(name)
	if err != nil {
		return nil, err
	}
	return Parse(data)
}

// Source gives the text of one that comes with the package, to start an own one from.
func Source(name string) ([]byte, error) {
	data, err := shipped.ReadFile("descriptions/" + name + ".yaml")
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no description %q; there are %s", name, strings.Join(Shipped(), ", "))
	}
	return data, nil
}

// Check gives everything that is wrong with a description at once, nil where nothing is: unknown fields
// and variables, formulas and paths that cannot be understood, writes that nobody could find again by
// their token, secrets in the text.
func Check(d *Description) []fault.Fault {
	_, err := compile(d)
	return fault.Of(err)
}
