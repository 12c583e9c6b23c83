package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adrg/strutil/metrics"
)

// suggest gives "; did you mean x?", or the list of what there is where nothing is near.
func suggest(all []string, name string) string {
	if near := nearest(all, name); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	if len(all) == 0 {
		return ""
	}
	const most = 30
	sorted := slices.Sorted(slices.Values(all))
	if len(sorted) > most {
		sorted = append(sorted[:most], "...")
	}
	return "; there are: " + strings.Join(sorted, ", ")
}

// nearest gives the name that differs by the fewest letters, "" where all differ by too many.
func nearest(all []string, name string) string {
	if len(name) > 80 {
		return ""
	}
	best, fewest := "", len([]rune(name))/3+2
	by := metrics.NewLevenshtein()
	by.CaseSensitive = false
	for _, candidate := range all {
		if d := by.Distance(candidate, name); d < fewest {
			best, fewest = candidate, d
		}
	}
	return best
}
