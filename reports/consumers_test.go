package reports_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/export"
)

// consumers is where those lie who read what we write.
var consumers = filepath.Join("testdata", "consumers")

// needs skips where a consumer is missing, and says what to do; with CI=true that
// is a failure.
func needs(t *testing.T) {
	t.Helper()
	missing := ""
	if _, err := exec.LookPath("node"); err != nil {
		missing = "node is missing: install Node.js and npm, then run .ci/deps"
	} else if _, err := os.Stat(filepath.Join(consumers, "node_modules")); err != nil {
		missing = "the consumers are missing: run .ci/deps"
	}
	switch {
	case missing == "":
	case os.Getenv("CI") == "true":
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
}

// read lets a consumer read the texts, and returns what it says against each.
func read(t *testing.T, consumer string, texts ...string) []string {
	t.Helper()
	needs(t)
	in, err := json.Marshal(texts)
	require.NoError(t, err)
	node := exec.CommandContext(t.Context(), "node", filepath.Join(consumers, "check.mjs"), consumer)
	var errs bytes.Buffer
	node.Stdin, node.Stderr = bytes.NewReader(in), &errs
	out, err := node.Output()
	require.NoError(t, err, errs.String())
	var said []string
	require.NoError(t, json.Unmarshal(out, &said), string(out))
	require.Len(t, said, len(texts))
	return said
}

func accepted(t *testing.T, consumer string, texts ...string) {
	t.Helper()
	for i, said := range read(t, consumer, texts...) {
		require.Empty(t, said, texts[i])
	}
}

func TestJUnitKeepsToThePublishedSchema(t *testing.T) {
	var texts []string
	for _, runs := range [][]*judge.Run{allRuns(), hostileRuns(), nil} {
		text, err := export.JUnit(runs, hostileAbout())
		require.NoError(t, err)
		texts = append(texts, string(text))
	}
	accepted(t, "junit", texts...)
	for _, broken := range []string{
		strings.Replace(texts[0], " name=", " nom=", 1),
		strings.Replace(texts[0], "<skipped>", `<skipped message="no">`, 1),
		texts[0][:len(texts[0])/2],
	} {
		require.NotEmpty(t, read(t, "junit", broken)[0], "the schema must see what is wrong")
	}
}

// traps are texts that mean something in mermaid or in Markdown.
var traps = []string{
	"end", "end\nalt x", "x; y", "a->>b: c", "%%{init: {'theme':'dark'}}%%", "%% comment", "note over a: b", "#quot; #59; #", "wrap: x",
	"participant a as b", "loop every minute", "+-()", "as as as", "::icon(fa)", "click a href \"javascript:x\"", "\\n<br/>", "```\n# out\n```", "~~~",
	"| a | b |", "|--|", "[x](javascript:alert(1))", "![x](http://evil/x.png)", "<img src=x onerror=alert(1)>", "</details>", "@everyone #1",
	"http://evil.example www.evil.example", ":boom: **bold** _it_ `code`", "---", "- item", "1. item", "> quote", "\u202e\u2066\x00\x1b[31m\xff", "",
}

// trapped are runs with each trap in all of their words.
func trapped() (runs []*judge.Run) {
	for _, trap := range traps {
		runs = append(runs, withWords(trap))
	}
	return runs
}

// withWords is a broken run that says nothing else than this.
func withWords(trap string) *judge.Run {
	r := brokenRun()
	r.Story, r.Replay, r.ID = trap, trap, "trap "+trap
	for i := range r.Rulings {
		r.Rulings[i].Because = trap
	}
	for i, e := range r.History {
		switch {
		case e.Act != nil:
			act := *e.Act
			act.Does += observe.Verb(trap)
			r.History[i].Act = &act
		case e.View != nil:
			view := *e.View
			view.Says = observe.Status(trap)
			r.History[i].View = &view
		case e.Entry != nil:
			entry := *e.Entry
			entry.Op, entry.Key, entry.Currency = observe.EntryOp(trap), trap, trap
			r.History[i].Entry = &entry
		case e.Message != nil:
			m := *e.Message
			m.Method, m.Path, m.Hop = trap, trap, observe.Hop(trap+">"+trap)
			r.History[i].Message = &m
		}
		r.History[i].Actor = trap
	}
	return r
}

func TestMermaidReadsEverySequence(t *testing.T) {
	var texts []string
	for _, r := range append(append(allRuns(), hostileRuns()...), trapped()...) {
		texts = append(texts, export.Sequence(r))
	}
	empty := &judge.Run{ID: "empty"}
	accepted(t, "mermaid", append(texts, export.Sequence(empty))...)
	said := read(t, "mermaid", "sequenceDiagram\n  a->>b: x\n  loop\n", "sequenceDiagram\n  a-->>>b hello\n", "pie\n  \"a\": 1\n")
	for _, text := range said {
		require.NotEmpty(t, text, "the parser must see what is wrong")
	}
}

func TestCTRFKeepsToThePublishedSchema(t *testing.T) {
	needs(t)
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(consumers, "node_modules", "ctrf", "dist", "ctrf-schema-0.0.json"))
	require.NoError(t, err)
	validate := func(text []byte) error {
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		return schema.Validate(instance)
	}
	for _, runs := range [][]*judge.Run{allRuns(), hostileRuns(), nil, {{}}} {
		text, err := export.CTRF(runs, hostileAbout())
		require.NoError(t, err)
		require.NoError(t, validate(text))
	}
	text, err := export.CTRF(allRuns(), reports.About{})
	require.NoError(t, err)
	require.NoError(t, validate(text))
	require.Error(t, validate(bytes.ReplaceAll(text, []byte(`"failed"`), []byte(`"red"`))), "the schema must see what is wrong")
}
