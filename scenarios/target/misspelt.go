package target

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const unknownKey = "unknown key "

func unknownName(name string, part map[string]any) string {
	known, _ := part["properties"].(map[string]any)
	names := slices.Sorted(maps.Keys(known))
	text := fmt.Sprintf(unknownKey+"%q: ", name)
	if near := nearest(name, names); len(near) > 0 {
		text += fmt.Sprintf("did you mean %s? ", strings.Join(near, " or "))
	}
	if len(names) == 0 {
		return text + "none is valid here"
	}
	return text + "valid are " + strings.Join(names, ", ")
}

// nearest are the names, in quotation marks, of which this one may be a misspelling.
func nearest(name string, names []string) (near []string) {
	least := 2
	if len(name) < 4 {
		least = 1
	}
	for _, other := range names {
		d := distance(name, other)
		if d < least {
			least, near = d, nil
		}
		if d == least {
			near = append(near, strconv.Quote(other))
		}
	}
	return near
}

// distance is how many letters have to be put in, taken out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
