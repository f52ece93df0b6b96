package tap

import (
	"bytes"
	"testing"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
)

// However a stream is cut into parts, its caller gets the same; and where no event
// has the field, what the callee said.
func FuzzEvents(f *testing.F) {
	for _, text := range []string{
		"event: a\ndata: {\"status\":1}\n\n", "data: {\r\ndata: \"status\":1}\r\n\r\n: x\r\n\r\n", "data:{}\r\rdata", "\n\n\r\r\n", "data\n\n",
	} {
		f.Add([]byte(text), 3, true)
		f.Add([]byte(text), 2, false)
	}
	through := func(text []byte, parts int, in string) []byte {
		x := &exchange{Tap: New(Config{See: observe.Nobody})}
		x.Arm(injection.NewInjector(nil, units.Wall, observe.Nobody, nil, nil))
		rename := injection.Hit{Fault: fault.Fault{Kind: fault.Rename, Field: "status", As: "state"}}
		e := &events{x: x, in: in, hits: []*change{{Hit: rename}}}
		var out []byte
		step := max(1, len(text)/max(1, parts))
		for at := 0; at < len(text); at += step {
			out = append(out, e.through(text[at:min(len(text), at+step)])...)
		}
		return append(out, e.rest()...)
	}
	f.Fuzz(func(t *testing.T, text []byte, parts int, lines bool) {
		in := inEvents
		if lines {
			in = inLines
		}
		parts = min(max(1, parts), 64)
		whole, cut := through(text, 1, in), through(text, parts, in)
		if !bytes.Equal(whole, cut) {
			t.Fatalf("%q in one became %q, in %d parts %q", text, whole, parts, cut)
		}
		if !bytes.Contains(text, []byte("status")) && !bytes.Contains(text, []byte("\\")) && !bytes.Equal(whole, text) {
			t.Fatalf("%q became %q", text, whole)
		}
	})
}
