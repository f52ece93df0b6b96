package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"time"

	"github.com/unhappypath/unhappypath/harness"
)

// About is what a report says of itself.
type About struct {
	Title    string         // its heading; "Checkout stories" where empty
	Commit   string         // of what was tested; may be empty
	At       time.Time      // when the runs were over
	Skipped  []Skip         // what was not run
	Baseline []*harness.Run // what these runs are compared with; nil: nothing
}

// Skip is a story that was not run, and why.
type Skip struct{ Name, Reason string }

func (a About) title() string {
	if a.Title == "" {
		return "Checkout stories"
	}
	return a.Title
}

var (
	//go:embed page
	files embed.FS

	pages  = template.Must(template.ParseFS(files, "page/*.html"))
	style  = asset("page/report.css")
	script = asset("page/report.js")
	policy = fmt.Sprintf(
		"default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'",
		hash(style), hash(script))
)

// asset reads a file that is part of the program, so that it can be missing in
// no build that passed its tests.
func asset(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Build draws the report of the runs: one self-contained HTML page. It is
// pure, and leaves the runs as they are.
func Build(runs []*harness.Run, about About) ([]byte, error) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, "page", newPage(runs, about)); err != nil {
		return nil, fmt.Errorf("the report could not be drawn: %w", err)
	}
	return out.Bytes(), nil
}
