package rule

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/crmplus/crmplus/crm/fault"
)

// Op is what a [Node] asks.
type Op string

// The ops.
const (
	// And holds where all Nodes do, and always where there are none; Or where one does; Not where the one in
	// Nodes is false.
	And Op = "and"
	Or  Op = "or"
	Not Op = "not"
	// Any, All and None ask for the rows of List for which Where holds.
	Any  Op = "any"
	All  Op = "all"
	None Op = "none"
	// Yes holds where the YesNo of Left does.
	Yes Op = "yes"
	// Empty holds where Left has no value.
	Empty Op = "empty"
	// In holds where Left is one of Values.
	In Op = "in"
	// The others compare Left and Right; Matches is for a regular expression (RE2).
	Equal       Op = "=="
	Unequal     Op = "!="
	Less        Op = "<"
	AtMost      Op = "<="
	More        Op = ">"
	AtLeast     Op = ">="
	Contains    Op = "contains"
	StartsWith  Op = "startsWith"
	EndsWith    Op = "endsWith"
	MatchesText Op = "matches"
)

// Node is a condition as a tree, as forms build it and JSON carries it.
type Node struct {
	Op     Op        `json:"op"`
	Nodes  []Node    `json:"nodes,omitempty"`
	List   string    `json:"list,omitempty"`
	Where  *Node     `json:"where,omitempty"`
	Left   *Operand  `json:"left,omitempty"`
	Right  *Operand  `json:"right,omitempty"`
	Values []Operand `json:"values,omitempty"`

	at place
}

// Operand is a value in a [Node]: exactly one of Field, Text, Number and Call is given.
type Operand struct {
	// Field is "party.city", or ".status" for the row of a list.
	Field string `json:"field,omitempty"`
	// Text and Number are constants; a number is written as 1234.56.
	Text   *string `json:"text,omitempty"`
	Number string  `json:"number,omitempty"`
	// Call is a function with its Args, or count, sum, min or max of the rows of List for which Where holds
	// (nil for all), the last three of the field Of: ".revenue".
	Call  string    `json:"call,omitempty"`
	Args  []Operand `json:"args,omitempty"`
	List  string    `json:"list,omitempty"`
	Where *Node     `json:"where,omitempty"`
	Of    string    `json:"of,omitempty"`

	at place
}

// place is where something stands: after a character of an expression, or below a path of a tree.
type place struct {
	// character counts from 1, 0 for a tree.
	character int
	path      string
}

// DecodeNode reads a tree from JSON, at most [MaxSource] times four bytes of it.
func DecodeNode(text []byte) (Node, error) {
	if len(text) > 4*MaxSource {
		return Node{}, fault.New(fault.Limit, "the condition has %d bytes; at most %d are taken", len(text), 4*MaxSource)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var n Node
	if err := d.Decode(&n); err != nil {
		return Node{}, fault.Wrap(err, fault.Invalid, "the condition is no tree of a form")
	}
	if _, err := d.Token(); err != io.EOF {
		return Node{}, fault.New(fault.Invalid, "the condition is followed by something else")
	}
	return n, nil
}

// normal gives the tree in the one form in which [Environment.Parse] makes it too: what is nested without
// need is flat.
func (n Node) normal(depth int) Node {
	if depth > maxDepth {
		return n // the checker refuses it
	}
	switch {
	case n.Where != nil:
		w := n.Where.normal(depth + 1)
		n.Where = &w
	case n.Op == Any || n.Op == All || n.Op == None:
		n.Where = &Node{Op: And, at: n.at}
	}
	n.Left, n.Right = n.Left.normal(depth+1), n.Right.normal(depth+1)
	if len(n.Nodes) == 0 {
		return n
	}
	var flat []Node
	for _, part := range n.Nodes {
		part = part.normal(depth + 1)
		if part.Op == n.Op && (n.Op == And || n.Op == Or) && len(part.Nodes) > 0 {
			flat = append(flat, part.Nodes...)
		} else {
			flat = append(flat, part)
		}
	}
	if len(flat) == 1 && (n.Op == And || n.Op == Or) {
		return flat[0]
	}
	n.Nodes = flat
	return n
}

func (o *Operand) normal(depth int) *Operand {
	if o == nil || depth > maxDepth || o.Where == nil && len(o.Args) == 0 {
		return o
	}
	c := *o
	if o.Where != nil {
		w := o.Where.normal(depth + 1)
		c.Where = &w
	}
	c.Args = nil
	for i := range o.Args {
		c.Args = append(c.Args, *o.Args[i].normal(depth + 1))
	}
	return &c
}
