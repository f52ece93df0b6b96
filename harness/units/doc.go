// Package units has the units of a story and how a person reads them: story time, which
// a Clock divides, money in minor units, and counts.
package units
