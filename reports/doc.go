// Package reports draws what happened to the runs of stories, for two readers:
// somebody who wants one sentence, the money and the screen, and somebody who
// wants the messages on either side of the broken promise, the cause, and the
// line that stages it again.
//
// Write makes one HTML file that needs nothing beside it: it is read from a disk,
// mailed or printed, also with JavaScript off. WriteFolder makes the same a folder,
// for servers that forbid a page its own style and any script. Further pages tell
// what exploring came to (WriteExploration), who becomes unhappy without which
// safeguard (WriteMatrix), and which known defects are caught (WriteDefects). The
// pages of one folder lead to each other.
//
// What is written is made by packages of their own, all of them pure: model says what
// is to be said, cause why it happened, picture draws, html makes pages, and export
// what other tools read.
//
// What the pages promise:
//
//   - Only what was expected is green. A complaint that came true to the letter
//     is a demonstration: it is listed apart and never counted as a failure. A
//     complaint that did not come true is a failure.
//   - Every fact names its source, and every mark of a picture is a row of the
//     event table under the same id. Polls in a row are one row.
//   - A cause is said only by an explicit rule, with the events that show it.
//   - What failed is there in full. Two thousand stories are an index, and a
//     script unfolds the rest; their lines can be read without. Of some twenty
//     stories all but the pictures can, and the page says what is missing.
//   - Whatever was recorded is shown as text and nothing else: it goes through
//     the contextual escaping of html/template, and a content security policy
//     forbids everything but the page's own style and script, by their hashes.
//   - Anchors are stable: they come from the ids of the runs, "#story" and
//     "#story/e17" lead to a story and to an event of it.
package reports
