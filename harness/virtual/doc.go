// Package virtual enacts stories in virtual time: the shop in this process, an
// in-memory network that pushes every byte through Toxiproxy's own toxics, and
// the clock of a testing/synctest bubble, in which 45 seconds of a story take
// about a millisecond.
//
// What it promises:
//
//   - The story, the shop, the fakes, the page's script and the customer are
//     the same code as on the wire; only listener, dialer, database and
//     randomness are handed to them.
//   - One seed is one history, byte for byte. Every chunk on a hop takes a
//     small time that is derived from the seed, the hop and the chunk's place,
//     so that no two events meet by accident.
//   - A crash is sudden: the listener is gone, connections are reset, and not
//     a byte more reaches the database.
//   - What is stuck at the end is a finding, with the stacks of the bubble.
//
// Rules for code that lives in a bubble: no mutex held across I/O or a sleep,
// no global client or pool, and time is package time.
package virtual
