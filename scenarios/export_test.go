package scenarios

import "github.com/unhappypath/unhappypath/harness"

// Line is what the terminal says of a run.
var Line = line

// Told are the stories of this suite.
func Told() []harness.Story { return told }
