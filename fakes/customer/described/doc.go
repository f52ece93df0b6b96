// Package described plays a customer at a front end that somebody described,
// as data, instead of one that runs: which requests load the page, what a click
// sends, how the page asks how the order stands, and what it puts on the screen
// for what came back.
//
// A shop in any language can so be bought from without its page's script. What
// the description says is what is played: its time-outs, its re-sends, and its
// silence where it has no words for an answer. Nothing kinder is added, and every
// request is one message: nothing beneath the page sends it again by itself.
//
// Every click and every screen is told to an observer at its moment, and so is
// each request at the customer's end of the hop.
package described
