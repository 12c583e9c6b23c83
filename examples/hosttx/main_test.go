package main

import (
	"bytes"
	"testing"
)

// Customers are numbered without gaps, so the number of the customer that was rolled back is given
// out again.
const told = `The host rolls back:
  inside:  customer C000071 Tűzliliom Építésziroda Kft., 1 contact, lead converted
  after:   lead is new, rows of the host 0, customers 0, contacts 0, conversions 0, links 0, events 0
The host commits:
  inside:  customer C000071 Tűzliliom Építésziroda Kft., 1 contact, lead converted
  after:   lead is converted, rows of the host 1, customers 1, contacts 1, conversions 1, links 2, events 1
`

func TestHostRollsBackThenCommits(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out, ""); err != nil {
		t.Fatal(err)
	}
	if out.String() != told {
		t.Errorf("the example tells\n%s\nand should tell\n%s", out.String(), told)
	}
}
