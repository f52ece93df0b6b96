// Package process runs a program that is killed for real and never outlives us.
//
// A crash in a failure story has to be a crash: no deferred call, no recovered
// panic, no flushed buffer. So a program is started directly, without a shell
// between it and us, leads a process group of its own, and Kill is SIGKILL to
// that whole group. Stop is the polite way out, with Kill behind it.
//
// # When we die first
//
// A test run is killed too, by a time-out or by an impatient hand, and nothing
// can be tidied up then. Two ropes hold the program to us:
//
//   - On Linux the kernel kills it when we end (a parent-death signal).
//   - Everywhere its standard input is a pipe whose other end only we hold. It
//     never carries a byte; it ends when we end. A program that is told to stop
//     at the end of its input (by a variable in Command.Env that it knows)
//     stops, on every system.
//
// Neither rope reaches the children of the program: while we live they die with
// its group, but when we are killed they must notice for themselves. Therefore
// start the program itself, never through "sh -c" or "go run". A child that
// leaves the group (setsid) is out of reach, unless Command.Everybody is set.
//
// # Systems
//
// Windows knows neither process groups nor SIGTERM: Kill ends the program
// alone, Stop ends its input and kills after the grace, and Pause, Resume and
// Credential are errors that wrap errors.ErrUnsupported.
package process
