// Package injection says what goes wrong in a story and when, and does it.
//
// An Injection is plain data: on which operation or path, at which trigger, which
// fault, for how long. A Schedule of them prints, parses and replays. An Injector waits
// for their triggers while a story is played, and has each fault in place before anyone
// who saw its trigger goes on.
package injection
