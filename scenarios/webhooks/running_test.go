package webhooks

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// running is the description of a handler that runs already, and counts all purchases
// together. It has one effect of each request that comes.
func running(t *testing.T) *Description {
	t.Helper()
	var effects atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			effects.Add(1)
			return
		}
		fmt.Fprint(w, effects.Load())
	}))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "shop.yaml")
	require.NoError(t, os.WriteFile(path, []byte(fmt.Sprintf(`version: 1
provider: vipps
url: %s/webhooks
secret: corner-shop
events: [CAPTURED]
count: {paid: {get: /total}}
settles: 1s
`, server.URL)), 0o644))
	d, err := Load(path, fakes.Webhooks())
	require.NoError(t, err)
	return d
}

// A total is compared with what it was before, so one sequence runs at a time.
func TestATotalIsCountedAlone(t *testing.T) {
	d := running(t)
	require.True(t, d.total())
	report, err := d.Run(context.Background(), Options{Sequences: 1})
	require.NoError(t, err)
	require.Equal(t, judge.Broken, report.Verdict())
	var found []string
	for _, f := range report.Findings {
		found = append(found, f.Sequence.String())
	}
	require.Contains(t, found, "paid: CAPTURED forged:unsigned")
	require.Contains(t, found, "paid: CAPTURED, CAPTURED")
}

// A kill that cannot be made proves nothing.
func TestAKillWithoutAServiceIsUnproven(t *testing.T) {
	d := running(t)
	for text, says := range map[string]string{
		"paid: CAPTURED killed":           "the handler was not killed",
		"paid: CAPTURED killed-at:50":     "the handler was never killed before its answer",
		"paid: CAPTURED killed-at:effect": "the handler was never killed before its answer",
	} {
		s, err := d.Parse(text)
		require.NoError(t, err)
		report, err := d.Replay(context.Background(), s, Options{})
		require.NoError(t, err)
		require.Equal(t, judge.Unproven, report.Verdict(), text)
		require.Contains(t, report.Doubts[0], says)
	}
}

// So does one that always comes after the answer.
func TestKillsThatAllMissAreUnproven(t *testing.T) {
	d := running(t)
	s := &search{stage: newStage(d, &handler{}), report: &Report{}}
	defer s.counter.close()
	missed := Sent{Delivery: Delivery{"CAPTURED", killedAtPerCent(50)}, reply: reply{Status: 200}}
	s.countKills(&result{Sent: []Sent{missed}})
	s.countKills(&result{Sent: []Sent{missed, {Delivery: Delivery{Notice: "CAPTURED"}}}})
	s.doubtKills(map[string]bool{"CAPTURED": false})
	require.Empty(t, s.report.Doubts, "the handler has nothing to do with it")
	s.doubtKills(map[string]bool{"CAPTURED": true})
	require.Equal(t, []string{"the handler was never killed while it worked on CAPTURED: it answered first in each of 2 sequences"}, s.report.Doubts)
	require.Equal(t, judge.Unproven, s.report.Verdict())

	s.report.Doubts, missed.Killed = nil, true
	s.countKills(&result{Sent: []Sent{missed}})
	s.doubtKills(map[string]bool{"CAPTURED": true})
	require.Empty(t, s.report.Doubts)
}

// What was tried before an interrupt is told, and is never green.
func TestAnInterruptIsUnproven(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := running(t)
	report, err := d.Run(ctx, Options{Sequences: 1, Progress: func(string) { cancel() }})
	require.NoError(t, err)
	require.NotEqual(t, judge.Kept, report.Verdict())
	require.Contains(t, report.Doubts[0], "interrupted")
}

// A handler that is not there, or whose port another program has, is told so.
func TestAnAddressThatIsNotItsOwn(t *testing.T) {
	taken := running(t) // by another program
	taken.Service = &target.Service{Command: []string{"go", "version"}}
	gone := running(t)
	port, err := handlers.Free()
	require.NoError(t, err)
	gone.URL = fmt.Sprintf("http://127.0.0.1:%d/webhooks", port)
	for says, d := range map[string]*Description{
		"another program listens at 127.0.0.1:": taken,
		fmt.Sprintf("nothing listens at 127.0.0.1:%d: start the handler, or say service: {command: […]}", port): gone,
	} {
		report, err := d.Run(context.Background(), Options{Sequences: 1})
		require.NoError(t, err)
		require.Equal(t, judge.Unproven, report.Verdict())
		require.Contains(t, report.Doubts[0], says)
	}
}

// What was found before an interrupt is told, though nobody ran it again.
func TestAFailureBeforeAnInterruptIsTold(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := running(t)
	report, err := d.Run(ctx, Options{Sequences: 1, Progress: func(line string) {
		if strings.HasPrefix(line, "a failure: minimizing") {
			cancel()
		}
	}})
	require.NoError(t, err)
	require.Equal(t, judge.Broken, report.Verdict())
	require.Contains(t, report.Findings[0].wrong.says(report.Findings[0].result), "paid was counted")
	require.Contains(t, report.Doubts[0], "interrupted")
}
