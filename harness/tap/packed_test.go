package tap_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/tap"
)

func packed(t testing.TB, text string, pack func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := pack(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func gzipped(w io.Writer) io.WriteCloser  { return gzip.NewWriter(w) }
func brotlied(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }
func zlibbed(w io.Writer) io.WriteCloser  { return zlib.NewWriter(w) }
func deflated(w io.Writer) io.WriteCloser {
	d, _ := flate.NewWriter(w, flate.DefaultCompression)
	return d
}

// unpacked reads a body as the client does that it was packed for.
func unpacked(t testing.TB, encoding, body string) string {
	var r io.Reader = strings.NewReader(body)
	var err error
	switch encoding {
	case "gzip", "x-gzip", "GZip":
		r, err = gzip.NewReader(r)
	case "br":
		r = brotli.NewReader(r)
	case "deflate":
		r, err = zlib.NewReader(r)
	case "br, gzip":
		r, err = gzip.NewReader(r)
		if err == nil {
			r = brotli.NewReader(r)
		}
	}
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

const order = `{"id":"b-ana-1","status":"shipped","charged":49900}`

// packedShop answers with the body in the encoding, and with headers that say
// what the body is.
func packedShop(t testing.TB, encoding, body string) *ledger {
	return newLedger(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range map[string]string{
			"Content-Type": "application/json", "Content-Encoding": encoding, "Vary": "Accept-Encoding",
			"Etag": `"1"`, "Content-Md5": "x", "Digest": "sha-256=x", "Content-Digest": "sha-256=:x:", "Repr-Digest": "sha-256=:x:",
			"Content-Length": strconv.Itoa(len(body)),
		} {
			w.Header().Set(name, value)
		}
		_, _ = io.WriteString(w, body)
	})
}

func TestAPackedAnswerIsReadAndRewritten(t *testing.T) {
	for name, row := range map[string]struct {
		encoding string
		body     string
	}{
		"gzip":         {"gzip", packed(t, order, gzipped)},
		"an old name":  {"x-gzip", packed(t, order, gzipped)},
		"capitals":     {"GZip", packed(t, order, gzipped)},
		"br":           {"br", packed(t, order, brotlied)},
		"deflate":      {"deflate", packed(t, order, zlibbed)},
		"bare deflate": {"deflate", packed(t, order, deflated)},
		"twice":        {"br, gzip", packed(t, packed(t, order, brotlied), gzipped)},
		"not at all":   {"identity", order},
	} {
		for _, f := range []struct {
			fault Fault
			want  string
		}{
			{Fault{Kind: fault.Rename, Field: "status", As: "state"}, `{"charged":49900,"id":"b-ana-1","state":"shipped"}`},
			{Fault{Kind: fault.Drop, Field: "status"}, `{"charged":49900,"id":"b-ana-1"}`},
			{Fault{Kind: fault.Replace, Field: "charged", Value: "1"}, `{"charged":1,"id":"b-ana-1","status":"shipped"}`},
			{Fault{Kind: fault.Retype, Field: "status"}, `{"charged":49900,"id":"b-ana-1","status":["shipped"]}`},
		} {
			t.Run(name+", "+string(f.fault.Kind), func(t *testing.T) {
				h := newHop(t, packedShop(t, row.encoding, row.body).address(),
					tap.Config{Reads: map[string][]string{"GET /orders/{id}": {"status"}}},
					OnPath(CustomerHop, "GET", "/orders/{id}").Answered().Nth(2).Does(f.fault))
				c := dial(t, h.address)

				first, body, err := c.ask("GET", "/orders/1", "")
				require.NoError(t, err)
				require.Equal(t, row.body, body, "an answer that nothing hits passes to the byte")
				require.Equal(t, `"1"`, first.Header.Get("Etag"))

				second, body, err := c.ask("GET", "/orders/1", "")
				require.NoError(t, err)
				require.Equal(t, row.encoding, second.Header.Get("Content-Encoding"))
				require.Equal(t, f.want, unpacked(t, row.encoding, body))
				require.EqualValues(t, len(body), second.ContentLength)
				require.Equal(t, "Accept-Encoding", second.Header.Get("Vary"))
				for _, stale := range []string{"Etag", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest"} {
					require.Empty(t, second.Header.Get(stale), stale)
				}
				require.Len(t, h.evidence(), 1)
				drifts := 0
				for _, e := range h.History() {
					switch e.Kind {
					case observe.Answered:
						require.Equal(t, order, e.Message.Body, "the history can be read")
						require.NotEmpty(t, e.Message.Header["Content-Encoding"], "what it came as")
					case observe.Drift:
						require.Equal(t, 2, e.Message.N)
						drifts++
					}
				}
				want := 1
				if f.fault.Kind == fault.Retype || f.fault.Kind == fault.Replace {
					want = 0 // the field is there
				}
				require.Equal(t, want, drifts)
			})
		}
	}
}

// What the tap cannot unpack passes as it is, and the history says why the
// injection had no effect.
func TestAnAnswerThatCannotBeUnpackedPasses(t *testing.T) {
	bomb := packed(t, strings.Repeat(" ", 17<<20)+order, gzipped)
	for name, row := range map[string]struct{ encoding, body, why, recorded string }{
		"zstd":          {"zstd", "(\xb5/\xfd", `it is packed with "zstd", which cannot be unpacked: gzip, br and deflate can`, "(\xb5/\xfd"},
		"no gzip":       {"gzip", order, "it is no valid gzip", order},
		"half a gzip":   {"gzip", packed(t, order, gzipped)[:30], "it is no valid gzip", ""},
		"a bomb":        {"gzip", bomb, "it unpacks to more than 16777216 bytes", strings.Repeat(" ", observe.MaxBody)},
		"over and over": {"gzip, gzip, gzip, gzip, gzip", order, "it is packed 5 times", order},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHop(t, packedShop(t, row.encoding, row.body).address(), tap.Config{},
				OnPath(CustomerHop, "GET", "/orders/{id}").Answered().Renames("status", "state"))
			answer, body, err := dial(t, h.address).ask("GET", "/orders/1", "")
			require.NoError(t, err)
			require.True(t, row.body == body, "passed to the byte")
			require.Equal(t, `"1"`, answer.Header.Get("Etag"))
			require.Empty(t, h.evidence())
			require.Equal(t, []string{"injection 1 had no effect on the answer to GET /orders/1: " + row.why}, h.notes())
			if row.recorded != "" {
				e := h.await(t, func(e Event) bool { return e.Kind == observe.Answered })
				require.True(t, row.recorded == e.Message.Body, "recorded: %.60q", e.Message.Body)
			}
		})
	}
}

// Where there is no body, there is nothing to unpack and nothing to say.
func TestAPackedAnswerWithoutABodyIsLeftAlone(t *testing.T) {
	for method, status := range map[string]int{"HEAD": 200, "GET": 304, "PUT": 204} {
		t.Run(method, func(t *testing.T) {
			h := newHop(t, newLedger(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				w.WriteHeader(status)
			}).address(), tap.Config{}, OnPath(CustomerHop, "*", "/orders/{id}").Answered().Renames("status", "state"))
			answer, body, err := dial(t, h.address).ask(method, "/orders/1", "")
			require.NoError(t, err)
			require.Equal(t, status, answer.StatusCode)
			require.Empty(t, body)
			require.Empty(t, h.evidence())
			require.Empty(t, h.notes())
		})
	}
}

func TestAPackedRequestIsRecordedUnpacked(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{})
	body := packed(t, order, gzipped)
	_, _, err := dial(t, h.address).ask("POST", "/orders", body, "Content-Encoding", "gzip")
	require.NoError(t, err)
	require.Equal(t, []string{body}, shop.committed)
	require.Equal(t, order, h.await(t, func(e Event) bool { return e.Kind == observe.Arrived }).Message.Body)
}
