package reports_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/export"
	"github.com/unhappypath/unhappypath/reports/html"
	"github.com/unhappypath/unhappypath/reports/model"
)

// FuzzWhatOtherToolsRead: whatever stands in a record, nothing panics, JUnit is
// XML, CTRF is JSON, the summary is not too long, an annotation is one line, a
// sequence has no line that is not ours, and a record is what it was when it is
// merged or compared with itself.
func FuzzWhatOtherToolsRead(f *testing.F) {
	for _, runs := range [][]*judge.Run{allRuns(), hostileRuns(), trapped()} {
		for _, r := range runs {
			var b bytes.Buffer
			sink := record.NewWriter(&b)
			sink.From(record.Origin{Suite: "Stories", Shards: []int{2}, Of: 3})
			sink.Write(r)
			f.Add(b.String())
			f.Add(b.String()[:b.Len()*2/3])
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		origin, runs, err := record.ReadWhole(strings.NewReader(text))
		if err != nil {
			return
		}
		about := reports.About{Title: origin.Title(), Commit: origin.Commit, Baseline: runs}
		_, err = html.Build(runs, about)
		require.NoError(t, err)
		junit, err := export.JUnit(runs, about)
		require.NoError(t, err)
		for d := xml.NewDecoder(bytes.NewReader(junit)); err == nil; {
			_, err = d.Token()
		}
		require.True(t, errors.Is(err, io.EOF), err)
		ctrf, err := export.CTRF(runs, about)
		require.NoError(t, err)
		require.True(t, json.Valid(ctrf))
		require.LessOrEqual(t, len(export.Summary(runs, about)), 900<<10)
		for _, line := range export.Annotations(runs) {
			require.NotContains(t, line, "\n")
		}
		for _, r := range runs {
			for line := range strings.Lines(export.Sequence(r)) {
				require.Regexp(t, `^(sequenceDiagram|  participant p\d+ as .*|  Note over p\d+: .*|  p\d+(->>|-->>|--x)p\d+: .*)\n$`, line)
			}
		}
		part := model.Part{Name: "one", Origin: origin, Runs: runs}
		if merged, same, err := model.Merge([]model.Part{part}); err == nil {
			require.Equal(t, origin.Missing(), merged.Missing())
			require.Len(t, same, len(runs))
			changes := model.Compare(runs, same)
			require.Empty(t, append(append(changes.New, changes.Gone...), changes.Broken...))
		}
	})
}
