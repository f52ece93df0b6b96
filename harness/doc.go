// Package harness has the words in which a failure story is written.
//
// A Story says who takes part, what the customers do, which Injections hit them and
// which Promises must hold. A world plays it in an environment and writes down what
// everybody saw, the history. Promises judge that history and nothing else:
//
//	Story → environment → history → Promises → verdict → report
//
// Names that stand here for a type of another package, such as Schedule and Promise,
// are documented there. Package enact plays a story once; packages virtual and wire are
// the worlds.
package harness
