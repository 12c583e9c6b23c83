package rule

import "maps"

// All gives the condition that holds where each of the conditions does, and everywhere where there are none. What
// [Condition.Load] reads for it serves each of them, so that many conditions about one record cost one reading. They
// are conditions of this environment.
func (e *Environment) All(conditions ...*Condition) *Condition {
	all := &Condition{env: e, node: Node{Op: And}, root: &cond{op: And}, uses: newUses()}
	for _, c := range conditions {
		all.node.Nodes = append(all.node.Nodes, c.Node())
		all.root.parts = append(all.root.parts, c.root)
		maps.Copy(all.uses.fields, c.uses.fields)
		for name, fields := range c.uses.lists {
			maps.Copy(all.uses.list(name), fields)
		}
	}
	return all
}
