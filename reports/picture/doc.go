// Package picture lays out a run's two pictures: the strip, which is to scale, and
// the lanes of messages, a row an event. It computes places and paths; the page's
// templates write the SVG.
package picture
