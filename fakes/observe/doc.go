// Package observe is the seam between those who take part in a story and
// those who watch it: the vocabulary of what can be seen, and nothing else.
//
// The fakes, the customer's front end and the taps tell what they saw or did
// as Events, through an Observer that the world hands them. They leave At and
// Seq empty; anyone who records stamps them. An Observer is called synchronously:
// it may block until a fault that waits for this very observation is in place,
// so call it outside of locks.
//
// Every hop of the story has two ends, and each end tells what it saw:
//
//	caller:  sent ............................. received | failed
//	callee:        arrived ....... answered
//
// Server and Client tell all five for an http.Handler and an
// http.RoundTripper. The caller's sighting and the callee's are matched by the
// Call that the caller gave, which travels in the header CallHeader; a client
// that silently re-sends gives two arrivals of one call.
//
// The package uses the standard library only, so that everybody may import it.
package observe
