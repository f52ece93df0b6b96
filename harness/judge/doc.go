// Package judge says from what everybody saw of a run whether its promises were kept.
//
//   - Promises read the history and nothing else, so a Run can be judged again from
//     disk.
//   - Only Kept is green (and, of a complaint, Broken to the letter). An injection that
//     never took effect makes a Run Unproven, and a run that could not be staged or
//     ended is Unfinished.
//   - Money and parcels are counted in the ledgers of provider and carrier, never in
//     what the shop says of itself. Messages are counted on the wire, where the silent
//     re-sends of clients show.
//   - All times of a History are story time: what the customer would have waited,
//     whatever the clock of the world was divided by.
package judge
