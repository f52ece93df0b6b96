// Package packed reads bodies of HTTP messages that are packed with gzip, br or deflate, and
// packs them again: taps and callees read the same.
package packed

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

	"github.com/andybalholm/brotli"
)

// coding is a way in which a body is packed.
type coding struct {
	unpack func(packed []byte) (io.Reader, error)
	pack   func(io.Writer) io.WriteCloser
}

var codings = map[string]coding{
	"gzip": {
		unpack: func(b []byte) (io.Reader, error) { return gzip.NewReader(bytes.NewReader(b)) },
		pack:   func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	},
	"br": {
		unpack: func(b []byte) (io.Reader, error) { return brotli.NewReader(bytes.NewReader(b)), nil },
		pack:   func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
	},
	"deflate": {
		// RFC 9110 means zlib; some servers send bare DEFLATE, and every browser reads both.
		unpack: func(b []byte) (io.Reader, error) {
			if r, err := zlib.NewReader(bytes.NewReader(b)); err == nil {
				return r, nil
			}
			return flate.NewReader(bytes.NewReader(b)), nil
		},
		pack: func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	},
}

// Codings lists how a body is packed, in the order in which that was done.
func Codings(h http.Header) (list []string) {
	for _, value := range h.Values("Content-Encoding") {
		for name := range strings.SplitSeq(value, ",") {
			name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "x-")
			if name != "" && name != "identity" {
				list = append(list, name)
			}
		}
	}
	return list
}

// maxCodings bounds how often a body may be packed.
const maxCodings = 4

// Unpack returns the body as it was before it was packed, at most limit bytes of
// it. On an error it returns what could be read until then.
func Unpack(h http.Header, body []byte, limit int64) ([]byte, error) {
	list := Codings(h)
	if len(list) > maxCodings {
		return nil, fmt.Errorf("it is packed %d times", len(list))
	}
	for _, name := range slices.Backward(list) {
		c, known := codings[name]
		if !known {
			return nil, fmt.Errorf("it is packed with %.40q, which cannot be unpacked: gzip, br and deflate can", name)
		}
		r, err := c.unpack(body)
		if err != nil {
			return nil, fmt.Errorf("it is no valid %s", name)
		}
		if body, err = io.ReadAll(io.LimitReader(r, limit+1)); err != nil {
			return body[:min(int64(len(body)), limit)], fmt.Errorf("it is no valid %s", name)
		}
		if int64(len(body)) > limit {
			return body[:limit], fmt.Errorf("it unpacks to more than %d bytes", limit)
		}
	}
	return body, nil
}

// Again packs a body that Unpack has unpacked in the same way: the caller took
// that takes it again.
func Again(h http.Header, body []byte) ([]byte, error) {
	for _, name := range Codings(h) {
		var packed bytes.Buffer
		w := codings[name].pack(&packed)
		if _, err := w.Write(body); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		body = packed.Bytes()
	}
	return body, nil
}

// Legible is a body as a reader needs it: unpacked, as far as that goes, and at most limit
// bytes of it.
func Legible(h http.Header, body []byte, limit int64) []byte {
	if len(body) == 0 || len(Codings(h)) == 0 {
		return body
	}
	text, err := Unpack(h, body, limit)
	if err != nil && len(text) == 0 {
		return body
	}
	return text
}
