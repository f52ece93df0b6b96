package tap

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// events are the parts of a stream on their way to the caller: server-sent events,
// or lines. A
// fault that changes a field changes it in each event whose data is a JSON object
// that has it, until it heals; all else passes as it is.
type events struct {
	x      *exchange
	in     string   // how they are told apart
	wanted []string // fields that the caller reads
	hits   []*change

	pending []byte // of an event that has not ended yet
	lacking []byte // the data of the first event that lacks a field
	whole   bool   // an event had all of them
	told    bool   // of the drift
}

// change is a fault at work on the events of one stream.
type change struct {
	injection.Hit
	told bool
}

// maxEvent is the longest event that can be changed, in bytes.
const maxEvent = 1 << 20

func (x *exchange) eventsOf(a *answer) *events {
	e := &events{x: x, in: a.comes()}
	if e.in != "" && a.status/100 == 2 {
		e.wanted = x.readsOf()
	}
	return e
}

// through is what the caller gets now of what has come.
func (e *events) through(part []byte) []byte {
	if len(e.hits) == 0 && len(e.wanted) == 0 {
		return part
	}
	e.pending = append(e.pending, part...)
	var out []byte
	for n := e.length(); n > 0; n = e.length() {
		out = append(out, e.changed(e.pending[:n])...)
		e.pending = e.pending[n:]
	}
	if len(e.pending) > maxEvent {
		out, e.pending = append(out, e.pending...), nil
	}
	if len(e.hits) == 0 {
		return part // nothing to wait for
	}
	return out
}

// rest is what has not ended when the stream does.
func (e *events) rest() []byte {
	last := e.pending
	if e.in == inLines && len(last) > 0 {
		last = e.changed(last) // a line that the end of the stream ends
	}
	if !e.whole && e.lacking != nil {
		e.tellDrift(e.lacking)
	}
	if len(e.hits) == 0 {
		return nil
	}
	return last
}

// changed is one event after all that changes it.
func (e *events) changed(event []byte) []byte {
	data := bytes.TrimSpace(event)
	if e.in == inEvents {
		data = dataOf(event)
	}
	rewritten := false
	for _, c := range e.hits {
		select {
		case <-c.Healed:
			continue
		default:
		}
		text, what := changed(false, data, c.Fault)
		if what == "" {
			continue
		}
		data, rewritten = text, true
		if !c.told {
			c.told = true
			e.x.fired(c.Hit, fieldOf(c.Fault, "the answer")+what+", in the "+e.in+" of a stream")
		}
	}
	e.look(data, rewritten)
	switch {
	case !rewritten:
		return event
	case e.in == inEvents:
		return withData(event, data)
	}
	if n, end := lineLength(event); end > 0 {
		return append(bytes.Clone(data), event[n:]...)
	}
	return data
}

// length is the length of the first part that has ended, or 0.
func (e *events) length() int {
	if e.in == inEvents {
		return eventLength(e.pending)
	}
	n, end := lineLength(e.pending)
	if end == 0 {
		return 0
	}
	return n + end
}

// look compares an event with what the caller reads.
func (e *events) look(data []byte, rewritten bool) {
	if len(e.wanted) == 0 || len(data) == 0 || data[0] != '{' {
		return
	}
	switch missing := lacks(data, e.wanted); {
	case len(missing) == 0:
		e.whole = true
	case rewritten:
		e.tellDrift(data)
	case e.lacking == nil:
		e.lacking = bytes.Clone(data)
	}
}

// tellDrift tells, once a stream, of an event that lacks what the caller reads.
func (e *events) tellDrift(data []byte) {
	if e.told {
		return
	}
	e.told = true
	m := observe.AnswerMessage(e.x.seen, 200, nil, data)
	m.Stream, m.Missing = true, lacks(data, e.wanted)
	e.x.See(observe.Event{Actor: string(e.x.Hop), Kind: observe.Drift, Message: &m})
}

// lacks are the fields of the list that a JSON text does not have. One that is no
// object lacks them all.
func lacks(text []byte, fields []string) (missing []string) {
	var document map[string]json.RawMessage
	_ = json.Unmarshal(text, &document)
	for _, field := range fields {
		if _, there := document[field]; !there {
			missing = append(missing, field)
		}
	}
	return missing
}

// eventLength is the length of the first event, with the empty line that ends it,
// or 0 where it has not ended.
func eventLength(b []byte) int {
	for at := 0; at < len(b); {
		n, end := lineLength(b[at:])
		if end == 0 {
			return 0
		}
		at += n + end
		if n == 0 {
			return at
		}
	}
	return 0
}

// lineLength is the length of the first line and of what ends it: a line feed, a
// carriage return, or both. A carriage return at the end of what has come may be
// one half of both.
func lineLength(b []byte) (n, end int) {
	n = bytes.IndexAny(b, "\r\n")
	switch {
	case n < 0, b[n] == '\r' && n+1 == len(b):
		return 0, 0
	case b[n] == '\r' && b[n+1] == '\n':
		return n, 2
	}
	return n, 1
}

// dataOf is what the data lines of an event say.
func dataOf(event []byte) []byte {
	var lines [][]byte
	for at := 0; at < len(event); {
		n, end := lineLength(event[at:])
		if end == 0 {
			break
		}
		if value, is := dataLine(event[at : at+n]); is {
			lines = append(lines, value)
		}
		at += n + end
	}
	return bytes.Join(lines, []byte("\n"))
}

func dataLine(line []byte) (value []byte, is bool) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	return bytes.TrimPrefix(value, []byte(" ")), string(name) == "data"
}

// withData is the event with other data, on one line.
func withData(event, data []byte) (out []byte) {
	wrote := false
	for at := 0; at < len(event); {
		n, end := lineLength(event[at:])
		if end == 0 {
			return append(out, event[at:]...)
		}
		line := event[at : at+n+end]
		at += n + end
		if _, is := dataLine(line[:n]); !is {
			out = append(out, line...)
		} else if !wrote {
			out, wrote = fmt.Appendf(out, "data: %s%s", data, line[n:]), true
		}
	}
	return out
}
