package opportunity

import "slices"

// Hangs reports whether discarding an opportunity looks at a table.
func Hangs(table string) bool {
	return slices.ContainsFunc(slices.Concat(hangers, parts), func(h hanger) bool { return h.table == table })
}
