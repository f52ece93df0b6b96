// Package record writes runs to disk and reads them again: runs.jsonl, one fact a line,
// which docs/runs.schema.json describes, and the tokens that replay a run.
//
// Older forms are read as well. A record that was cut off gives the runs it has.
package record
