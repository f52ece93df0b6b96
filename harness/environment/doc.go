// Package environment says what a story is played in: the Environment that a world
// builds, the Parts of it that a composer brings, and what both need, a Recorder of
// everything that is seen and the Quiescence in which a story ends.
//
// No secret leaves the Recorder: what it passes on or tells is masked.
package environment
