// Package harness has the nouns of a failure story, and judges it.
//
// A Story says who takes part, what the customers do, which Injections hit them
// and which Promises must hold. A world enacts it on an Environment and writes down what
// everybody saw: the History. Promises judge that History and nothing else, so
// a Run can be judged again from disk. Data flows one way:
//
//	Story → Environment → Run → Promises → Verdict → report
//
// What the package promises:
//
//   - Only Kept is green (and, of a complaint, Broken to the letter). An injection
//     that never took effect makes a Run Unproven, and a world that could not be staged
//     makes it Unfinished.
//   - Money and parcels are counted in the ledgers of provider and carrier,
//     never in what the shop says of itself, and messages are counted on the
//     wire, where silent re-sends of clients show.
//   - No secret leaves the Recorder: what it passes on or tells is masked.
//   - All times in a History are story time: what the customer would have
//     waited, whatever the clock of the world was divided by.
//
// The package needs the standard library only; worlds, fakes and reports stand
// on it.
package harness
