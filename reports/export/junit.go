package export

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/model"
)

type (
	junitSuites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Time     string   `xml:"time,attr"`
		Suite    junitSuite
	}
	junitSuite struct {
		XMLName    xml.Name        `xml:"testsuite"`
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property,omitempty"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure,omitempty"`
		Error   *junitFailure `xml:"error,omitempty"`
		Skipped *junitSkipped `xml:"skipped,omitempty"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Reason string `xml:",chardata"`
	}
)

// JUnit writes the runs for build servers, in the order in which they came:
// one test case a run, of the class of its story, named after its world and
// what was expected of it. An unproven run is a failure: its fault had no effect, so
// the pass proves nothing; an unfinished one is an error. It keeps to the schema
// that Jenkins publishes, which knows no message of what was skipped, only its text.
// It is pure.
func JUnit(runs []*judge.Run, about model.About) ([]byte, error) {
	suite := junitSuite{Name: about.Heading()}
	if !about.At.IsZero() {
		suite.Timestamp = about.At.UTC().Format("2006-01-02T15:04:05")
	}
	if about.Commit != "" {
		suite.Properties = []junitProperty{{"commit", about.Commit}}
	}
	took := time.Duration(0)
	used := map[string]int{}
	for _, r := range model.Copies(runs) {
		took += r.Took
		suite.add(junitCaseOf(r, used))
	}
	for _, s := range about.Skipped {
		suite.add(junitCase{Class: s.Name, Name: "skipped", Time: "0.000", Skipped: &junitSkipped{s.Reason}})
	}
	suite.Time = model.Exact(took)
	all := junitSuites{
		Name: suite.Name, Tests: suite.Tests, Failures: suite.Failures,
		Errors: suite.Errors, Time: suite.Time, Suite: suite,
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("the JUnit report could not be written: %w", err)
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func junitCaseOf(r *judge.Run, used map[string]int) junitCase {
	c := junitCase{Class: r.Story, Name: junitName(r), Time: model.Exact(r.Took)}
	used[c.Class+"\x00"+c.Name]++
	if n := used[c.Class+"\x00"+c.Name]; n > 1 {
		c.Name = fmt.Sprintf("%s %d", c.Name, n)
	}
	stands := model.StandingOf(r)
	if stands == model.Kept || stands == model.Reproduced {
		return c
	}
	why := &junitFailure{Type: strings.ToLower(stands.Word), Message: r.Sentence(), Text: r.FailureText()}
	if stands == model.Unfinished {
		c.Error = why
	} else {
		c.Failure = why
	}
	return c
}

// junitName is the run's world and what was expected of it. It has nothing
// that changes from one time to the next, so that build servers can follow it.
func junitName(r *judge.Run) string {
	world := r.World
	if r.Clock > 1 {
		world += "-" + r.Clock.String()
	}
	return strings.Join(strings.Fields(world+" "+r.Database+" "+r.Provider+" "+r.Expects), " ")
}
