// Package cause finds what led to a broken promise, by explicit rules. A cause comes
// with the events that show it; a rule that has no event to show says nothing.
package cause
