// Package scenarios stages failure stories as specs.
//
// A story is one file with one Tell. Tell makes one spec for each world that
// the story can be staged in, and one for each complaint: what comes true to
// the letter without the named safeguard. RunStories stages all of them, writes down
// every run, and leaves a report.
//
// The package can be imported by another module that tells its own stories.
package scenarios
