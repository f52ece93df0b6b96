// Package html makes the pages of a report: the runs in one file or in a folder, what
// exploring came to, the matrix of safeguards, the track record. It is pure: package
// reports puts pages on disk.
//
// Recorded text goes through the escaping of html/template, and a content security
// policy allows the page's own style and script alone. Runs that would make a page
// slow are packed, and its script unfolds them.
package html
