package html

import (
	"html/template"
	"slices"
	"strings"
	"sync"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/model"
)

// folderPolicy is for pages whose style, script and pictures lie beside them.
const folderPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

// storyPage is a page of one run.
type storyPage struct {
	frame
	Title string
}

// BuildFolder draws the report as a folder, for servers that forbid a page its
// own style and any script: name → contents, with index.html, a page a run, and
// their style, script and pictures as files. Everything can be read without the
// script. It is pure, and leaves the runs as they are.
func BuildFolder(runs []*judge.Run, about model.About) (map[string][]byte, error) {
	c := model.NewSuite(runs, about)
	names := fileNames(c)
	files := map[string][]byte{"report.css": []byte(style), "report.js": []byte(script)}
	var mu sync.Mutex // runs are drawn at once, each with its pictures
	bodies, err := bodiesOf(c, site{
		index:   "../index.html",
		page:    func(t *model.Told) string { return names[t] },
		address: func(*model.Told) model.Address { return model.Address{} },
		album: album{func(name string, p photo) template.URL {
			mu.Lock()
			defer mu.Unlock()
			files["shots/"+name] = p.data
			return template.URL("../shots/" + name)
		}},
	})
	if err != nil {
		return nil, err
	}
	p := newPage(c, about, frame{Policy: folderPolicy})
	for _, f := range c.Forms {
		p.line(indexRow{Form: f, Href: "stories/" + names[f.Told], Plot: f.Run.Plot})
	}
	if files["index.html"], err = p.bind(); err != nil {
		return nil, err
	}
	for i, t := range c.Told {
		page := storyPage{frame{Policy: folderPolicy, Root: "../"}, t.Run.Story + " · " + about.Heading()}
		top, err := draw("storytop", page)
		if err != nil {
			return nil, err
		}
		end, err := draw("storyend", page)
		if err != nil {
			return nil, err
		}
		files["stories/"+names[t]] = slices.Concat(append(append([][]byte{top}, bodies[i]...), end)...)
	}
	return files, nil
}

// longestName is how much of a run's id a file's name has.
const longestName = 120

// fileNames are those of the runs' pages: readable, and different on systems
// that do not tell large letters from small ones.
func fileNames(c *model.Suite) map[*model.Told]string {
	names, taken := map[*model.Told]string{}, map[string]bool{}
	for _, t := range c.Told {
		name := strings.ToLower(strings.ReplaceAll(t.Anchor, "/", "~"))
		if len(name) > longestName || taken[name] {
			name = name[:min(len(name), longestName)] + "~" + t.Short
		}
		taken[name] = true
		names[t] = name + ".html"
	}
	return names
}
