package described

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// hears is told an answer while it comes, as often as there is more of it, and
// says whether that is enough.
type hears func(answer) (enough bool)

// send sends a request and reads the answer: all of it, or of a stream as much as
// is enough. The answer has timeOut to come; a stream has it to begin.
func (p *page) send(ctx context.Context, d Request, timeOut time.Duration, hear hears) (answer, error) {
	cut, done := p.tab.Lid.Within(ctx)
	defer done()
	a, err := p.sendAwake(cut, d, timeOut, hear)
	if _, left := p.tab.Lid.Await(ctx); left != nil {
		return a, left
	}
	return a, err
}

// sendAwake is send while the lid is open.
func (p *page) sendAwake(ctx context.Context, d Request, timeOut time.Duration, hear hears) (answer, error) {
	p.mu.Lock()
	r, err := p.known.request(p.tab.URL, d)
	p.mu.Unlock()
	switch {
	case errors.As(err, new(noText)):
		return answer{}, err
	case err != nil:
		return answer{}, undescribed{err}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(timeOut, func() { cancel(context.DeadlineExceeded) })
	defer late.Stop()
	resp, before, err := p.do(r.WithContext(ctx), d.Follow)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	var a answer
	if !streams(resp.Header) || hear == nil {
		a, err = heardOut(resp.Request.URL, resp)
	} else {
		late.Stop()
		a, err = listen(resp, hear)
		a.asked = resp.Request.URL
	}
	a.before = before
	return a, err
}

// listen reads a stream until there is enough, or it ends. The last thing that it
// said is the answer.
func listen(resp *http.Response, hear hears) (last answer, err error) {
	s := splitter{header: resp.Header}
	last = read(resp.StatusCode, resp.Header, nil)
	buffer := make([]byte, 32<<10)
	for {
		n, err := resp.Body.Read(buffer)
		for _, part := range s.split(string(buffer[:n]), err != nil) {
			last = readPart(resp.StatusCode, resp.Header, part)
			if hear(last) {
				return last, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return last, nil
		}
		if err != nil {
			return last, err
		}
	}
}

// streams says whether an answer is one that is read while it comes.
func streams(h http.Header) bool {
	kind := mediaType(h)
	return kind == observe.EventStream || observe.IsLines(kind)
}

func mediaType(h http.Header) string {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// splitter divides a stream into what was said one after the other: the data of
// server-sent events, or lines.
type splitter struct {
	header http.Header
	rest   string
}

func (s *splitter) split(more string, over bool) (parts []string) {
	s.rest = strings.ReplaceAll(s.rest+more, "\r\n", "\n")
	between := "\n"
	if mediaType(s.header) == observe.EventStream {
		between = "\n\n"
	}
	for {
		part, rest, whole := strings.Cut(s.rest, between)
		if !whole && !over {
			return parts
		}
		s.rest = rest
		if strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
		if !whole {
			return parts
		}
	}
}

// readPart is a part of a stream as an answer: an event's JSON is its data.
func readPart(status int, header http.Header, part string) answer {
	if mediaType(header) != observe.EventStream {
		return read(status, header, []byte(part))
	}
	a := read(status, header, []byte(eventData(part)))
	a.body = part
	return a
}

// eventData is what a server-sent event says.
func eventData(event string) string {
	var data []string
	for line := range strings.SplitSeq(event, "\n") {
		if text, is := strings.CutPrefix(line, "data:"); is {
			data = append(data, strings.TrimPrefix(text, " "))
		}
	}
	return strings.Join(data, "\n")
}
