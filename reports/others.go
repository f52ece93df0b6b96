package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/unhappypath/unhappypath/reports/html"
	"github.com/unhappypath/unhappypath/reports/model"
)

// WriteExploration puts exploration.html and exploration.json into the folder
// and returns the path of the page. The JSON is the results alone, as shards
// are merged from them. Beside them lies the page of the runs that show the
// findings, where there are any.
func WriteExploration(dir string, e html.Exploration) (string, error) {
	page, err := html.BuildExploration(e)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(e.Results, "", " ")
	if err != nil {
		return "", err
	}
	files := map[string][]byte{"exploration.html": page, "exploration.json": append(text, '\n')}
	if runs := e.Runs(); len(runs) > 0 {
		about := model.About{Title: "Findings of the exploration, run by run", Commit: e.Commit, At: e.At}
		if files[html.FindingsPage], err = html.Build(runs, about); err != nil {
			return "", err
		}
	} else if err := os.Remove(filepath.Join(dir, html.FindingsPage)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the findings of an earlier exploration: %w", err)
	}
	return write(dir, "exploration.html", files)
}

// WriteMatrix puts matrix.html and matrix.json into the folder and returns the
// path of the page.
func WriteMatrix(dir string, m html.Matrix) (string, error) {
	page, err := html.BuildMatrix(m)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return "", err
	}
	return write(dir, "matrix.html", map[string][]byte{"matrix.html": page, "matrix.json": append(text, '\n')})
}

// WriteDefects puts defects.html and defects.json into the folder and returns
// the path of the page.
func WriteDefects(dir string, d html.Defects) (string, error) {
	page, err := html.BuildDefects(d)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return "", err
	}
	return write(dir, "defects.html", map[string][]byte{"defects.html": page, "defects.json": append(text, '\n')})
}
