// Package explore finds the failures of a checkout that nobody wrote down.
//
// It enacts a story once as it is, and takes from the history which messages
// there were. Then it lets every fault hit every one of them, at each moment of
// it; then every two of these injections together, where a retry or a later look
// opened messages that the first run did not have; then up to five at once, drawn
// from a seed, with hops of other speeds. Where nothing but the time is limited, the first
// pairs do not wait for the last singles. Lost answers, duplicates, messages that
// overtake each other, fields under another name and a shop that dies and comes
// back are in by default. One schedule in seven ends with an epilogue: the same submit
// again, when all is over.
//
// What it promises:
//
//   - One seed and one kind of budget is one exploration: the same schedules in the same order. Shards
//     split that order, and the merge of all of them is the whole.
//   - Counted as explored are distinct schedules of which every injection took effect.
//     Schedules whose injections never took effect, duplicates, and those left out because
//     the histories show that they cannot differ, or that one of two injections would have
//     nothing to hit, are counted apart, each with its reason. Of those left out, the
//     first ones of every story and one in 20 are run all the same, and one that differs
//     fails the exploration. In real time, nothing is left out.
//   - A finding is enacted again, minimized to the fewest and weakest injections that
//     still break the same promise, and comes with the token that replays it.
//     One that there was no time to minimize is told as it is, and says so.
//     Findings of one cause are one finding with a count.
//   - In real time, what broke is repeated alone before it is a finding, and then the rest of
//     the time is for other schedules.
//
// The package knows no particular shop and no world: anyone who composes one hands
// it a way to try a schedule.
package explore
