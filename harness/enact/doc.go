// Package enact plays a story once in an environment that a world builds for it, and
// judges the run.
package enact
