package html

import (
	"bytes"
)

// Sibling is a page that may lie in the same folder as others.
type Sibling struct{ Name, Text string }

// Siblings are all pages of this package, in the order in which they are named.
func Siblings() []Sibling {
	return []Sibling{
		{"report.html", "Stories"}, {"index.html", "Stories, page by page"}, {"exploration.html", "Exploration"}, {FindingsPage, "Findings"},
		{"matrix.html", "Safeguards"}, {"defects.html", "Defects"},
	}
}

// WithLinks is the page with links to those that are there. Where they stand is
// markup, and no recorded text is that; a page without the place, which is not
// ours, stays as it is.
func WithLinks(page []byte, own Sibling, present []Sibling) ([]byte, error) {
	before, rest, found := bytes.Cut(page, []byte(`<nav id="pages"`))
	_, after, closed := bytes.Cut(rest, []byte(`</nav>`))
	if !found || !closed {
		return page, nil
	}
	links, err := draw("pages", struct {
		Own   Sibling
		Pages []Sibling
	}{own, present})
	return bytes.Join([][]byte{before, bytes.TrimSpace(links), after}, nil), err
}
