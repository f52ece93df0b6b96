// Package history reads what everybody saw of a run: which sightings are of one
// call, and when an injection was in place, for the judge of a run and its report.
//
// It says nothing of what ought to be, and knows events alone, by their indices.
package history
