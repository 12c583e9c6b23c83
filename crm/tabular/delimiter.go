package tabular

import "bytes"

// delimiters in the order in which a tie is decided: a tab is hardly ever typed into a value, a
// comma often.
var delimiters = []byte{'\t', ';', '|', ','}

// declaredDelimiter reads the line "sep=;" that Excel writes and understands: the delimiter and how
// many bytes the line has. 0 means there is none.
func declaredDelimiter(head []byte, newline byte) (byte, int) {
	i := bytes.IndexByte(head, newline)
	if i < 0 {
		return 0, 0
	}
	line := bytes.Trim(bytes.TrimRight(head[:i], "\r"), `"`)
	if len(line) != 5 || !bytes.EqualFold(line[:4], []byte("sep=")) || line[4] >= 0x80 || line[4] == '"' {
		return 0, 0
	}
	return line[4], i + 1
}

// detectDelimiter takes the character that cuts the first lines most evenly into the most cells.
// Semicolon where none cuts at all.
func detectDelimiter(head []byte, newline byte) byte {
	best, bestScore := byte(';'), 0.0
	for _, d := range delimiters {
		if score := evenness(countCells(head, newline, d)); score > bestScore {
			best, bestScore = d, score
		}
	}
	return best
}

// evenness of the numbers of cells a row: how many rows agree, times the delimiters in each.
func evenness(counts []int) float64 {
	rows := map[int]int{}
	for _, c := range counts {
		rows[c]++
	}
	best := 0.0
	for cells, n := range rows {
		share := float64(n) / float64(len(counts))
		best = max(best, share*share*float64(cells-1))
	}
	return best
}

// countCells cuts up to 30 rows by one delimiter, quotes considered.
func countCells(head []byte, newline, delimiter byte) []int {
	var counts []int
	cells, inQuote, cellStart, empty := 1, false, true, true
	for i := 0; i < len(head) && len(counts) < 30; i++ {
		b := head[i]
		switch {
		case b == '"' && inQuote:
			if i+1 < len(head) && head[i+1] == '"' {
				i++
			} else {
				inQuote = false
			}
		case inQuote:
		case b == '"' && cellStart:
			inQuote, cellStart, empty = true, false, false
		case b == delimiter:
			cells, cellStart, empty = cells+1, true, false
		case b == newline:
			if !empty {
				counts = append(counts, cells)
			}
			cells, cellStart, empty = 1, true, true
		case b != '\r':
			cellStart, empty = false, empty && b == ' '
		}
	}
	if len(counts) == 0 && !empty {
		counts = append(counts, cells)
	}
	return counts
}
