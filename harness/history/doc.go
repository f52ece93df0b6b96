// Package history reads what everybody saw of a run: which sightings are of one
// call, and when an injection was in place. What is judged, explored and reported
// goes by the same reading, so that none of them shows what another denies.
//
// It says nothing of what ought to be, and knows events alone, by their indices.
package history
