package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"time"
)

// Matrix is who becomes unhappy without which safeguard.
type Matrix struct {
	At      time.Time   `json:"at"`
	Commit  string      `json:"commit,omitempty"`
	Stories []string    `json:"stories"` // the columns
	Rows    []MatrixRow `json:"rows"`
}

// MatrixRow is what became of the stories without one safeguard, or without a
// pair where one alone changes nothing.
type MatrixRow struct {
	Safeguard string         `json:"safeguard"`
	Side      string         `json:"side"`
	Saves     string         `json:"saves"`          // whom, in one sentence
	With      []string       `json:"with,omitempty"` // what else had to be off
	Cells     []MatrixCell   `json:"cells"`
	Found     *MatrixFinding `json:"found,omitempty"`
}

// Explained says whether the row shows that the safeguard saves somebody.
func (r MatrixRow) Explained() bool { return r.Found != nil }

// MatrixCell is what became of one story as it is.
type MatrixCell struct {
	Story    string `json:"story"`
	Breaks   string `json:"breaks,omitempty"` // the promise; "": she stayed happy
	Sentence string `json:"sentence,omitempty"`
}

// MatrixFinding is the shortest schedule that shows what the safeguard is for.
type MatrixFinding struct {
	Story    string   `json:"story"`
	Breaks   string   `json:"breaks"`
	Sentence string   `json:"sentence"`
	How      string   `json:"how"` // "the story as it is", "explored"
	Strikes  []string `json:"strikes"`
	Replay   string   `json:"replay,omitempty"` // a token
}

// BuildMatrix makes the page of a matrix.
func BuildMatrix(m Matrix) ([]byte, error) {
	var b bytes.Buffer
	err := pages.ExecuteTemplate(&b, "matrix", struct {
		Matrix
		Policy string
		Style  template.CSS // the program's own; never anything recorded
	}{m, policy, template.CSS(style)})
	if err != nil {
		return nil, fmt.Errorf("the matrix could not be drawn: %w", err)
	}
	return b.Bytes(), nil
}

// WriteMatrix puts matrix.html and matrix.json into the folder and returns the
// path of the page.
func WriteMatrix(dir string, m Matrix) (string, error) {
	page, err := BuildMatrix(m)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return "", err
	}
	dir, err = filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return "", fmt.Errorf("the folder of the matrix: %w", err)
	}
	path := filepath.Join(dir, "matrix.html")
	if err := errors.Join(replace(filepath.Join(dir, "matrix.json"), append(text, '\n')), replace(path, page)); err != nil {
		return "", fmt.Errorf("the matrix could not be written: %w", err)
	}
	return path, nil
}
