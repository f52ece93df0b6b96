// Package export writes runs for other tools: JUnit, CTRF, Markdown with mermaid, and
// GitHub's annotations. Recorded text is data in each of them and never its syntax.
package export
