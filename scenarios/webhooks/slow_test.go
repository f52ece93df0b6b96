package webhooks

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// A handler that answers nothing is known after the first event, and not after minutes.
func TestAHandlerThatNeverAnswersIsUnproven(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for the answers: make handlers runs it")
	}
	t.Parallel()
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			<-ended
		}
		_, _ = w.Write([]byte("0"))
	}))
	defer server.Close()
	defer close(ended)
	path := filepath.Join(t.TempDir(), "shop.yaml")
	require.NoError(t, os.WriteFile(path, []byte("version: 1\nprovider: vipps\nurl: "+server.URL+`/webhooks
secret: corner-shop
count: {paid: {get: "/orders/${reference}"}}
`), 0o644))
	d, err := Load(path, fakes.Webhooks())
	require.NoError(t, err)
	var told []string
	report, err := d.Run(context.Background(), Options{Sequences: 1, Progress: func(line string) { told = append(told, line) }})
	require.NoError(t, err)
	require.Equal(t, judge.Unproven, report.Verdict())
	require.Equal(t, []string{"the handler did not answer CREATED within 10s, as long as the provider waits: let it answer with 2xx when the event is safe, and do what takes long afterwards"}, report.Doubts)
	require.Less(t, report.Took, 2*answerWithin)
	require.Contains(t, strings.Join(told, "\n"), "control run: a purchase that is paid")
}

// An answer that comes too late is told with its event, whatever else is found.
func TestALateAnswerIsTold(t *testing.T) {
	s := &stage{}
	s.tell([]Sent{
		{Delivery: Delivery{Notice: "CREATED"}, reply: reply{Status: 200, Took: 2 * time.Second}},
		{Delivery: Delivery{Notice: "CAPTURED"}, reply: reply{Late: true, Took: answerWithin}},
		{Delivery: Delivery{Notice: "CAPTURED"}, reply: reply{Status: 500, Took: time.Second}},
		{Delivery: Delivery{Notice: "CAPTURED", Manner: Cut}, reply: reply{Err: "the connection was ended"}},
	})
	require.Equal(t, "4 events sent, 1 answered with 2xx, 1 with another status, 1 not within 10s", s.tally.String())
	require.Equal(t, 1500*time.Millisecond, s.tally.mean())
	require.NoError(t, s.silent([]Sent{{reply: reply{Late: true}}}), "it has answered another one")

	r := &Report{Description: &Description{}, Tally: s.tally}
	var out bytes.Buffer
	r.Write(&out, "")
	require.Contains(t, out.String(), "the handler took longer than 10s to answer CAPTURED, once: the provider stops waiting then, and sends the event again")
}

// What takes long is told with how long, and at which sequence it is.
func TestHowLongItTakesIsTold(t *testing.T) {
	var told []string
	s := &search{stage: &stage{handler: &handler{startup: 3 * time.Second}}, Options: Options{AtOnce: 8, Progress: func(line string) { told = append(told, line) }}}
	s.tell([]Sent{{Delivery: Delivery{Notice: "CAPTURED"}, reply: reply{Status: 200, Took: 9 * time.Second}}})
	one := inOrder("paid", []string{"CREATED", "CAPTURED"})
	s.expects(append(slices.Repeat([]Sequence{one}, 60), one.with(1, true, Delivery{"CAPTURED", Killed})))
	s.expects([]Sequence{one}) // it does not take long
	s.tried(50, 51)
	require.Equal(t, []string{
		"the handler takes 9s for an event and 3s to start: 122 events and 1 start take 2m0s or more; Ctrl-C ends it, and what was found until then is told",
		"50 of 51 sequences: 1 event sent, 1 answered with 2xx, 0 with another status",
	}, told)
}
