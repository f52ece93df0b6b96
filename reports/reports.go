package reports

import (
	"github.com/unhappypath/unhappypath/reports/html"
	"github.com/unhappypath/unhappypath/reports/model"
)

// What the writers take.
type (
	// About is what a report says of itself.
	About = model.About
	// Skip is a story that was not run, and why.
	Skip = model.Skip
	// Exploration is what exploring the stories came to.
	Exploration = html.Exploration
	// Matrix is who becomes unhappy without which safeguard.
	Matrix        = html.Matrix
	MatrixRow     = html.MatrixRow
	MatrixCell    = html.MatrixCell
	MatrixFinding = html.MatrixFinding
	// Defects is the track record of the harness.
	Defects = html.Defects
	Defect  = html.Defect
)
