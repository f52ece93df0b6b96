// Package history reads what everybody saw of a run: which sightings are of one call,
// what happened to each injection and which calls it hit, and whose every entry and
// message is. The judge of a run, an exploration and a report read it here and nowhere
// else.
//
// It says nothing of what ought to be, and knows events alone, by their indices.
package history
