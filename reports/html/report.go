package html

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/model"
)

var (
	//go:embed page
	files embed.FS

	pages  = template.Must(template.ParseFS(files, "page/*.html"))
	style  = asset("page/report.css")
	script = asset("page/report.js")
	policy = fmt.Sprintf(
		"default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
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

// frame is what every page has around what it says. A page of its own brings
// style and script along; one in a folder finds them beside it.
type frame struct {
	Policy string
	Style  template.CSS // the program's own; never anything recorded
	Script template.JS  // likewise
	Root   string       // of a page in a folder: the way to its files
	Whole  bool         // it needs nothing beside it
}

func aloneFrame() frame {
	return frame{Policy: policy, Style: template.CSS(style), Script: template.JS(script), Whole: true}
}

func draw(name string, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, data); err != nil {
		return nil, fmt.Errorf("the page could not be drawn: %w", err)
	}
	return out.Bytes(), nil
}

// Build draws the report of the runs: one self-contained HTML page. It is
// pure, and leaves the runs as they are.
//
// What is broken, unproven, unfinished or flaky is there in full. Where that
// would make the page slow, the others are compressed, and a script unfolds
// each when it is opened; their lines in the index can be read without, and of a
// few stories all that is no picture.
func Build(runs []*judge.Run, about model.About) ([]byte, error) {
	c := model.NewSuite(runs, about)
	bodies, err := bodiesOf(c, site{
		index: "#index",
		page:  func(t *model.Told) string { return "#" + t.Anchor },
		address: func(t *model.Told) model.Address {
			if len(c.Told) > mostStories && !t.Loud() {
				return model.Address{Packed: true}
			}
			return model.Address{Prefix: t.Short + "/"}
		},
		album: inline,
	})
	if err != nil {
		return nil, err
	}
	p := newPage(c, about, aloneFrame())
	if err := p.stow(c, bodies); err != nil {
		return nil, err
	}
	return p.bind()
}
