// Package reports draws what became of the runs of stories, for two readers:
// somebody who wants one sentence, the money and the screen, and somebody who
// wants the messages on either side of the broken promise.
//
// Build makes one HTML file that needs nothing beside it: it is read from a
// disk, mailed or printed, also with JavaScript off. JUnit makes the same
// verdicts readable for build servers. Both are pure; Write puts them on disk.
//
// What the page promises:
//
//   - Only what was expected is green. A complaint that came true to the letter
//     is a demonstration: it is listed apart and never counted as a failure. A
//     complaint that did not come true is a failure.
//   - Every fact names its source, and every mark of a picture is a row of the
//     event table under the same id.
//   - Whatever was recorded is shown as text and nothing else: it goes through
//     the contextual escaping of html/template, and a content security policy
//     forbids everything but the page's own style and script, by their hashes.
//   - Anchors are stable: they come from the ids of the runs.
package reports
