package described

import (
	"bufio"
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

// maxCodings bounds how often a body may be packed.
const maxCodings = 4

// unpacked is the answer as it was before it was packed, while it comes, and at
// most maxBody of it.
func unpacked(resp *http.Response) error {
	body := &opened{Closer: resp.Body, Reader: resp.Body}
	codings := strings.FieldsFunc(strings.Join(resp.Header.Values("Content-Encoding"), ","), func(r rune) bool { return r == ',' || r == ' ' })
	if len(codings) > maxCodings {
		return fmt.Errorf("the answer is packed %d times", len(codings))
	}
	for _, name := range slices.Backward(codings) {
		from := body.Reader
		switch strings.TrimPrefix(strings.ToLower(name), "x-") {
		case "gzip":
			body.Reader = &late{from: from, open: func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }}
		case "br":
			body.Reader = brotli.NewReader(from)
		case "deflate":
			body.Reader = &late{from: from, open: inflate}
		case "identity":
		default:
			return fmt.Errorf("the answer is packed with %.40q: a page here reads gzip, br and deflate", name)
		}
	}
	if body.Reader != io.Reader(resp.Body) {
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	body.Reader = io.LimitReader(body.Reader, maxBody)
	resp.Body = body
	return nil
}

// opened reads one body, and closes the one under it.
type opened struct {
	io.Reader
	io.Closer
}

// late opens what it reads at the first byte: an answer without a body is no
// broken one, and a stream's first byte may be late.
type late struct {
	from io.Reader
	open func(io.Reader) (io.Reader, error)
	read io.Reader
}

func (l *late) Read(p []byte) (int, error) {
	if l.read == nil {
		buffered := bufio.NewReader(l.from)
		if _, err := buffered.Peek(1); err != nil {
			return 0, err
		}
		var err error
		if l.read, err = l.open(buffered); err != nil {
			return 0, fmt.Errorf("the answer cannot be unpacked: %w", err)
		}
	}
	return l.read.Read(p)
}

// inflate reads deflate, which is zlib's by RFC 9110 and bare with some servers.
func inflate(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	if head, err := buffered.Peek(2); err == nil && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
		return zlib.NewReader(buffered)
	}
	return flate.NewReader(buffered), nil
}
