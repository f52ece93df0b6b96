package reports

import (
	"bytes"
)

// sibling is a page that may lie in the same folder as others.
type sibling struct{ Name, Text string }

// siblings are all pages of this package, in the order in which they are named.
func siblings() []sibling {
	return []sibling{
		{"report.html", "Stories"}, {"index.html", "Stories, page by page"}, {"exploration.html", "Exploration"}, {findingsPage, "Findings"},
		{"matrix.html", "Safeguards"}, {"defects.html", "Defects"},
	}
}

// withLinks is the page with links to those that are there. Where they stand is
// markup, and no recorded text is that; a page without the place, which is not
// ours, stays as it is.
func withLinks(page []byte, own sibling, present []sibling) ([]byte, error) {
	before, rest, found := bytes.Cut(page, []byte(`<nav id="pages"`))
	_, after, closed := bytes.Cut(rest, []byte(`</nav>`))
	if !found || !closed {
		return page, nil
	}
	links, err := draw("pages", struct {
		Own   sibling
		Pages []sibling
	}{own, present})
	return bytes.Join([][]byte{before, bytes.TrimSpace(links), after}, nil), err
}
