package reports

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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

// introduce makes the pages of a folder lead to each other, whichever was
// written first.
func introduce(dir string) error {
	var present []sibling
	for _, s := range siblings() {
		_, err := os.Stat(filepath.Join(dir, s.Name))
		switch {
		case err == nil:
			present = append(present, s)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	for _, s := range present {
		path := filepath.Join(dir, s.Name)
		page, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		linked, err := withLinks(page, s, present)
		if err != nil {
			return err
		}
		if !bytes.Equal(page, linked) {
			if err := replace(path, linked); err != nil {
				return err
			}
		}
	}
	return nil
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
