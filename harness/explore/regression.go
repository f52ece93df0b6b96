package explore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/unhappypath/unhappypath/harness/record"
)

// Regression is a finding as it is kept in a file, to be replayed ever after.
type Regression struct {
	Version int `json:"version"`
	record.Replay
	Breaks   string `json:"breaks"`   // the promise that broke
	Sentence string `json:"sentence"` // what happened to the customer then
}

// regressionVersion is the form of the file that this code writes. Version 1, which
// names no operations, is still read.
const regressionVersion = 2

// RegressionOf makes a regression of a finding.
func RegressionOf(f Finding, story string) Regression {
	return Regression{
		Version: regressionVersion, Replay: record.Replay{Story: story, Seed: f.Seed, Injections: f.Injections},
		Breaks: f.Promise, Sentence: f.Sentence,
	}
}

// FileName is one for each story and schedule.
func (r Regression) FileName() string { return fmt.Sprintf("%s-%s.json", r.Story, r.digest()) }

// digest tells one schedule from another, in eight letters.
func (r Regression) digest() string {
	h := fnv.New32a()
	fmt.Fprint(h, r.Replay.String())
	return fmt.Sprintf("%08x", h.Sum32())
}

// Text is the file's.
func (r Regression) Text() []byte {
	var b bytes.Buffer
	write := json.NewEncoder(&b)
	write.SetEscapeHTML(false) // a person reads “customer>checkout”
	write.SetIndent("", "  ")
	if err := write.Encode(r); err != nil {
		panic(err) // strings and numbers
	}
	return b.Bytes()
}

// ParseRegression reads the text of a file. Its error is one line that says
// what is valid.
func ParseRegression(text []byte) (Regression, error) {
	var v struct{ Version int }
	if err := json.Unmarshal(text, &v); err != nil {
		return Regression{}, fmt.Errorf("this is no regression, which is a JSON object with version, story, seed and injections: %w", err)
	}
	if v.Version != 1 && v.Version != regressionVersion {
		return Regression{}, fmt.Errorf("this regression is of version %d, and this suite reads versions 1 and %d: let the exploration find it again", v.Version, regressionVersion)
	}
	var r struct {
		Breaks, Sentence string
	}
	var again record.Replay
	if err := errors.Join(json.Unmarshal(text, &again), json.Unmarshal(text, &r)); err != nil {
		return Regression{}, fmt.Errorf("this regression cannot be read: %w", err)
	}
	return Regression{Version: v.Version, Replay: again, Breaks: r.Breaks, Sentence: r.Sentence}, again.Check()
}
