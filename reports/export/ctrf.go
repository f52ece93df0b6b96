package export

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/model"
)

// The Common Test Report Format, version 0.0.0: https://ctrf.io.
type (
	ctrfReport struct {
		Format      string `json:"reportFormat"`
		Version     string `json:"specVersion"`
		Timestamp   string `json:"timestamp,omitempty"`
		GeneratedBy string `json:"generatedBy"`
		Results     struct {
			Tool        ctrfTool         `json:"tool"`
			Summary     ctrfSummary      `json:"summary"`
			Tests       []ctrfTest       `json:"tests"`
			Environment *ctrfEnvironment `json:"environment,omitempty"`
		} `json:"results"`
	}
	ctrfTool struct {
		Name string `json:"name"`
	}
	ctrfSummary struct {
		Tests   int   `json:"tests"`
		Passed  int   `json:"passed"`
		Failed  int   `json:"failed"`
		Skipped int   `json:"skipped"`
		Pending int   `json:"pending"`
		Other   int   `json:"other"`
		Start   int64 `json:"start"` // milliseconds since 1970
		Stop    int64 `json:"stop"`
	}
	ctrfTest struct {
		ID       string   `json:"testId,omitempty"`
		Name     string   `json:"name"`
		Status   string   `json:"status"`
		Raw      string   `json:"rawStatus,omitempty"`
		Duration int64    `json:"duration"` // milliseconds
		Start    int64    `json:"start,omitempty"`
		Stop     int64    `json:"stop,omitempty"`
		Suite    []string `json:"suite,omitempty"`
		Message  string   `json:"message,omitempty"`
		Trace    string   `json:"trace,omitempty"`
		Tags     []string `json:"tags,omitempty"`
		File     string   `json:"filePath,omitempty"`
		Line     int      `json:"line,omitempty"`
	}
	ctrfEnvironment struct {
		Name   string `json:"reportName"`
		Commit string `json:"commit,omitempty"`
	}
)

// CTRF writes the runs in the Common Test Report Format, in the order in which
// they came. As in JUnit, what is unproven has failed; what is unfinished has, too,
// and its raw status says so. It is pure.
func CTRF(runs []*judge.Run, about model.About) ([]byte, error) {
	report := ctrfReport{Format: "CTRF", Version: "0.0.0", GeneratedBy: "unhappypath"}
	if !about.At.IsZero() {
		report.Timestamp = about.At.UTC().Format(time.RFC3339)
	}
	results := &report.Results
	results.Tool.Name = "unhappypath"
	results.Environment = &ctrfEnvironment{about.Heading(), about.Commit}
	results.Tests = []ctrfTest{}
	sum := &results.Summary
	for _, r := range model.Copies(runs) {
		test := ctrfTestOf(r, about)
		if test.Status == "passed" {
			sum.Passed++
		} else {
			sum.Failed++
		}
		if sum.Start == 0 || test.Start < sum.Start {
			sum.Start = test.Start
		}
		sum.Stop = max(sum.Stop, test.Stop)
		results.Tests = append(results.Tests, test)
	}
	for _, s := range about.Skipped {
		results.Tests = append(results.Tests, ctrfTest{Name: nameOr(s.Name), Status: "skipped", Suite: []string{about.Heading()}, Message: s.Reason})
		sum.Skipped++
	}
	sum.Tests = len(results.Tests)
	text, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		return nil, fmt.Errorf("the CTRF report could not be written: %w", err)
	}
	return append(text, '\n'), nil
}

func ctrfTestOf(r *judge.Run, about model.About) ctrfTest {
	test := ctrfTest{
		ID: r.ID, Name: nameOr(strings.TrimSpace(r.Story + " " + junitName(r))), Status: "passed", Raw: model.StandingOf(r).Word,
		Duration: r.Took.Milliseconds(), Suite: []string{about.Heading(), r.Story}, Message: r.Sentence(), Tags: r.Labels,
	}
	if !r.Began.IsZero() {
		test.Start, test.Stop = r.Began.UnixMilli(), r.Began.Add(r.Took).UnixMilli()
	}
	if !r.Good() {
		test.Status, test.Trace = "failed", r.FailureText()
	}
	if file, line, found := strings.Cut(r.Told, ":"); found {
		test.File = file
		test.Line, _ = strconv.Atoi(line) // 0, which is left out, where it is no number
	}
	return test
}

// nameOr is a name, which the format wants not to be empty.
func nameOr(name string) string {
	if name == "" {
		return "a story without a name"
	}
	return name
}
