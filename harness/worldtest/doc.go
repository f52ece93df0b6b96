// Package worldtest is the one table that every world must pass: a purchase for
// each fault, hop and message, and what comes of it.
//
// It promises that two worlds which agree on it differ in nothing that a story
// can see: of each case, the callers of the hit message saw the same kinds of
// failure in the same order, the same messages were on the wire, the ledgers
// have the same entries, the screen ends up saying the same, the injection took effect, and
// the hit call took no less time on the wire, within a tolerance. It may take longer:
// how busy a machine is, is no difference between worlds.
//
// What only one world can stage is listed in OnlyOn, with the reason.
//
// Of a world in which one seed gives one history, Unlike finds the seeds of
// which that is not true.
package worldtest
