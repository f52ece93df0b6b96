// Package target puts a checkout of your own, in any language, on the stage. A
// YAML file says how the service is started, how its front end behaves, and how
// to read what it says; the stories stay what they are, and so do the provider,
// the carrier, the network that fails and the promises.
//
// What it promises:
//
//   - The service is a process like any other, or one that runs already; nothing
//     of ours is in it. No shell is ever involved, it gets the environment that
//     the file names and PATH, and whatever it starts ends with it.
//   - What the file says of the front end is what is played: its time-outs, its
//     re-sends, its silence.
//   - Charges and parcels are counted in the ledgers of the provider and the
//     carrier. The shop's own word is compared with them, never taken for them.
//   - What cannot be staged of a story is said, with the reason.
//   - A wrong file is refused with the line, the column, what is wrong and what
//     to write instead.
package target
