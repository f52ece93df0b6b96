package packed_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/unhappypath/unhappypath/fakes/observe/packed"
)

// What is unpacked is bounded, and what is packed again unpacks to itself.
func FuzzUnpack(f *testing.F) {
	for _, encoding := range []string{"gzip", "br", "deflate", "gzip, br", "zstd", ""} {
		h := http.Header{"Content-Encoding": {encoding}}
		body, err := []byte("(\xb5/\xfd"), error(nil)
		if encoding != "zstd" {
			body, err = packed.Again(h, []byte(`{"status":"shipped"}`))
		}
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoding, body)
		f.Add(encoding, body[:len(body)/2])
	}
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		const limit = 1 << 16
		h := http.Header{"Content-Encoding": {encoding}}
		text, err := packed.Unpack(h, body, limit)
		if len(packed.Codings(h)) > 0 && len(text) > limit {
			t.Fatalf("%d bytes", len(text))
		}
		if err != nil {
			return
		}
		again, err := packed.Again(h, text)
		if err != nil {
			t.Fatal(err)
		}
		back, err := packed.Unpack(h, again, limit)
		if err != nil || !bytes.Equal(back, text) {
			t.Fatalf("%q became %q: %v", text, back, err)
		}
	})
}
