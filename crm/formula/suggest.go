package formula

import (
	"fmt"
	"sort"
	"strings"
)

// suggest gives "; did you mean x?", or the list of what there is where nothing is near.
func suggest(all []string, name string) string {
	if near := nearest(all, name); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	if len(all) == 0 {
		return ""
	}
	sorted := append([]string(nil), all...)
	sort.Strings(sorted)
	if len(sorted) > 30 {
		sorted = append(sorted[:30], "...")
	}
	return "; there are: " + strings.Join(sorted, ", ")
}

// nearest gives the name that differs by the fewest letters, "" where all differ by too many.
func nearest(all []string, name string) string {
	best, fewest := "", len([]rune(name))/3+2
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "") }
	if len(name) > 64 {
		return ""
	}
	for _, candidate := range all {
		if d := distance(plain(candidate), plain(name)); d < fewest {
			best, fewest = candidate, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or change (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			change := diagonal
			if x[i] != y[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
