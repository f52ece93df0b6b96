package tap

import (
	"bytes"
	"net/http"
	"testing"
)

// What is unpacked is bounded, and what is packed again unpacks to itself.
func FuzzUnpack(f *testing.F) {
	for _, encoding := range []string{"gzip", "br", "deflate", "gzip, br", "zstd", ""} {
		h := http.Header{"Content-Encoding": {encoding}}
		packed, err := []byte("(\xb5/\xfd"), error(nil)
		if encoding != "zstd" {
			packed, err = packAgain(h, []byte(`{"status":"shipped"}`))
		}
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoding, packed)
		f.Add(encoding, packed[:len(packed)/2])
	}
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		const limit = 1 << 16
		h := http.Header{"Content-Encoding": {encoding}}
		text, err := unpack(h, body, limit)
		if len(codingsOf(h)) > 0 && len(text) > limit {
			t.Fatalf("%d bytes", len(text))
		}
		if err != nil {
			return
		}
		again, err := packAgain(h, text)
		if err != nil {
			t.Fatal(err)
		}
		back, err := unpack(h, again, limit)
		if err != nil || !bytes.Equal(back, text) {
			t.Fatalf("%q became %q: %v", text, back, err)
		}
	})
}
