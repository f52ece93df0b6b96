package html

import (
	"time"

	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/reports/model"
)

// Matrix is who becomes unhappy without which safeguard.
type Matrix struct {
	At      time.Time   `json:"at"`
	Commit  string      `json:"commit,omitempty"`
	Stories []string    `json:"stories"` // the columns
	Rows    []MatrixRow `json:"rows"`
}

// MatrixRow is what happened to the stories without one safeguard, or without a
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

// MatrixCell is what happened to one story as it is.
type MatrixCell struct {
	Story    string `json:"story"`
	Breaks   string `json:"breaks,omitempty"` // the promise; "": she stayed happy
	Sentence string `json:"sentence,omitempty"`
}

// MatrixFinding is the shortest schedule that shows what the safeguard is for.
type MatrixFinding struct {
	Story      string   `json:"story"`
	Breaks     string   `json:"breaks"`
	Sentence   string   `json:"sentence"`
	How        string   `json:"how"` // "the story as it is", "explored"
	Injections []string `json:"injections"`
	Replay     string   `json:"replay,omitempty"` // a token
}

// BuildMatrix makes the page of a matrix. It is pure.
func BuildMatrix(m Matrix) ([]byte, error) { return draw("matrix", newMatrixPage(m)) }

// matrixPage is what the template reads.
type matrixPage struct {
	frame
	Matrix
	Title, When string
	Rows        []matrixRow
	Figures     []figure
}

// matrixRow is a row as its cells are drawn.
type matrixRow struct {
	MatrixRow
	Unhappy int // stories that break as they are
	Replay  string
}

// Anchor is the row's place in the page.
func (r matrixRow) Anchor() string { return model.Plain(r.Safeguard) }

func newMatrixPage(m Matrix) matrixPage {
	p := matrixPage{frame: aloneFrame(), Matrix: m, Title: "Safeguards and whom they save", When: stamp(m.At)}
	explained := 0
	for _, r := range m.Rows {
		row := matrixRow{MatrixRow: r}
		for _, c := range r.Cells {
			if c.Breaks != "" {
				row.Unhappy++
			}
		}
		if r.Found != nil && r.Found.Replay != "" {
			row.Replay = settings.Settings{}.Line("UNHAPPY_REPLAY=" + r.Found.Replay)
		}
		if r.Explained() {
			explained++
		}
		p.Rows = append(p.Rows, row)
	}
	p.Figures = []figure{outOf(explained, len(m.Rows), "safeguards without which somebody becomes unhappy")}
	return p
}
