// Package model says what is to be said of runs, whatever form it takes: where a run
// stands against what was expected of it, what the customers saw, the money, the
// injections and the calls, in words and with the events that show it; how a run
// differs from one that was good; and what happened to one record since another.
//
// Everything is pure. NewSuite copies the runs it is given, so that several can draw
// at once.
package model
