package described_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// pack packs a text, and flushes it so that it can be read while it comes.
func pack(how, text string) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "bare deflate":
		w, _ = flate.NewWriter(&b, 6)
	default:
		return []byte(text)
	}
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}

func TestPackedAnswersAreRead(t *testing.T) {
	for _, how := range []string{"gzip", "br", "deflate", "bare deflate"} {
		t.Run(how, func(t *testing.T) {
			s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
				body := `{"status":"sent"}`
				if strings.HasPrefix(r.URL.Path, "/cart") {
					body = cart
					w.Header().Set("X-Token", "t-1")
					http.SetCookie(w, &http.Cookie{Name: "session", Value: "s-1", Path: "/"})
				}
				w.Header().Set("Content-Encoding", strings.TrimPrefix(how, "bare "))
				_, _ = w.Write(pack(how, body))
			})
			tab := s.tab(page())
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
		})
	}
}

func TestAPackThatCannotBeReadIsSaid(t *testing.T) {
	for coding, want := range map[string]string{
		"zstd":                         `the answer is packed with "zstd": a page here reads gzip, br and deflate`,
		"gzip, gzip, gzip, gzip, gzip": "the answer is packed 5 times",
		"gzip":                         "the answer cannot be unpacked: ",
		"br":                           "brotli: ",
	} {
		s := newStreet(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", coding)
			_, _ = io.WriteString(w, cart)
		})
		s.patience = 100 * time.Millisecond
		require.ErrorContains(t, s.tab(page()).Open(t.Context(), "b-ana"), want)
	}
}

// A bomb is read as far as a page takes in an answer.
func TestABombIsReadInPart(t *testing.T) {
	bomb := pack("gzip", cart+strings.Repeat(" ", 64<<20))
	s := newStreet(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Token", "t-1")
		w.Header().Set("Set-Cookie", "session=1")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	})
	require.NoError(t, s.tab(page()).Open(t.Context(), "b-ana"))
}

// streaming is a shop that tells by a stream how the order stands, and keeps it
// open; part is what it writes of it.
func streaming(t *testing.T, kind, coding string, parts ...string) *street {
	return newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/cart"):
			serveCart(w)
		case strings.HasPrefix(r.URL.Path, "/buy"):
			w.WriteHeader(http.StatusAccepted)
		default:
			w.Header().Set("Content-Type", kind)
			if coding != "" {
				w.Header().Set("Content-Encoding", coding)
			}
			out := io.Writer(w)
			flush := func() {}
			if coding == "gzip" {
				packed := gzip.NewWriter(w)
				out, flush = packed, func() { _ = packed.Flush() }
			}
			for _, part := range parts {
				_, _ = io.WriteString(out, part)
				flush()
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done() // it stays open
		}
	})
}

func TestAStreamTellsWhileItStaysOpen(t *testing.T) {
	for name, row := range map[string]struct {
		kind, coding string
		parts        []string
	}{
		"events":        {"text/event-stream; charset=utf-8", "", []string{"event: status\ndata: {\"status\":\"paying\"}\n\n", "data: {\"sta", "tus\":\ndata: \"sent\"}\n\n"}},
		"with returns":  {"text/event-stream", "", []string{": hello\r\n\r\ndata: {\"status\":\"paying\"}\r", "\n\r\ndata: {\"status\":\"sent\"}\r\n\r\n"}},
		"packed events": {"text/event-stream", "gzip", []string{"data: {\"status\":\"paying\"}\n\n", "data: {\"status\":\"sent\"}\n\n"}},
		"lines":         {"application/x-ndjson", "", []string{"{\"status\":\"pay", "ing\"}\n{\"status\":\"sent\"}\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := streaming(t, row.kind, row.coding, row.parts...)
			f := page()
			f.TimeOut = 200 * time.Millisecond // a stream only has to begin in time
			tab := s.tab(f)
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
			tab.Close()
			require.Equal(t, []string{"ready", "waiting", "checking", "shipped"}, s.screens())
			s.mu.Lock()
			defer s.mu.Unlock()
			last := s.seen[len(s.seen)-1]
			require.Equal(t, observe.Received, last.Kind, "she has heard enough, so nothing failed")
			require.Contains(t, last.Message.Body, "sent")
		})
	}
}

// An event by its name, and one that says nothing, leave their marks or none.
func TestAScreenMayGoByAnEventsName(t *testing.T) {
	s := streaming(t, "text/event-stream", "", ": ping\n\n", "event: shipped\ndata: x\n\n")
	f := page()
	f.Screens = []described.Screen{{View: described.View{Says: "shipped"}, Fits: described.Fits{Text: "event: shipped"}}}
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
}

// The shop's own word in a stream is the last one.
func TestTheLastWordOfAStreamCounts(t *testing.T) {
	view, has := page().View(200, "text/event-stream", "data: {\"status\":\"paying\"}\n\ndata: {\"status\":\"sent\"}\n\n: bye\n\n")
	require.True(t, has)
	require.Equal(t, observe.StatusShipped, view.Says)
	view, has = page().View(200, "application/json", "{\"status\":\"sent\"}")
	require.True(t, has)
	require.Equal(t, observe.StatusShipped, view.Says)
}

// A stream that never begins is an answer that never came.
func TestAnAnswerThatIsLateIsATimeOut(t *testing.T) {
	for name, begin := range map[string]bool{"nothing": false, "a part": true} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/cart") {
					serveCart(w)
					return
				}
				_, _ = io.Copy(io.Discard, r.Body) // before it is read, nobody notices that the caller leaves
				if begin {
					_, _ = fmt.Fprint(w, "{")
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			})
			f := page()
			f.Look, f.TimeOut, f.Unanswered = nil, 50*time.Millisecond, described.View{Says: "checking"}
			tab := s.tab(f)
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			s.until(func() bool { return slices.Contains(s.screens(), "checking") })
			s.mu.Lock()
			defer s.mu.Unlock()
			i := slices.IndexFunc(s.seen, func(e observe.Event) bool { return e.Kind == observe.Failed })
			require.Equal(t, observe.TimedOut, s.seen[i].Message.Error)
		})
	}
}
