package scenarios

// Line is what the terminal says of a run.
var Line = line
