// Package fault is the catalogue of what can go wrong: one Spec for each kind of fault.
//
// A Spec says all that there is to know of its kind: which parameters it takes and
// within which ranges, how it is dealt, how a run proves that it took effect, by which
// word a story asks for it, what an exploration tries of it, and its rows in the table
// that every world must pass. TestEveryKindIsWhole holds each Spec to that, and
// docs/adding-a-fault.md has the steps.
package fault
