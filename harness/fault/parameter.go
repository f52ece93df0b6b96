package fault

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// value is a field of a Fault.
type value int

const (
	process value = iota
	status
	body
	field
	newName
	newValue
	rate
	cut
	duration
	direction
)

var valueNames = []string{"process", "status", "body", "field", "new name", "new value", "rate or size", "size", "duration", "direction"}

func (v value) isSet(f Fault) bool {
	return []bool{f.Process != "", f.Status != 0, f.Body != "", f.Field != "", f.As != "", f.Value != "", f.Rate != 0, f.Cut != 0, f.Duration != 0, f.Direction != ""}[v]
}

// Parameter is a value that a kind of fault takes.
type Parameter struct {
	of          value
	least, most int64 // of a number; most 0: without an end
	mayBeZero   bool  // zero is a value, not an absent one
	unit        string
	follows     []string // the words that its text begins with
}

// A Process, a Field, a NewName and a NewValue are words that must be there.
var (
	Process  = Parameter{of: process}
	Field    = Parameter{of: field}
	NewName  = Parameter{of: newName}
	NewValue = Parameter{of: newValue}
)

// MayRestart is a process that is killed and started again first, where there is one.
var MayRestart = Parameter{of: process, mayBeZero: true, follows: []string{"after", "restarting"}}

// either is the direction in which the bytes go that a transport fault bends.
var either = Parameter{of: direction}

// MayHaveBody is the body of an answer, where it is not the usual one.
var MayHaveBody = Parameter{of: body, mayBeZero: true}

// Status is a number of that range.
func Status(least, most int64) Parameter { return Parameter{of: status, least: least, most: most} }

// KBs are kilobytes a second, from least to most.
func KBs(least, most int64) Parameter {
	return Parameter{of: rate, least: least, most: most, unit: "KB/s"}
}

// Bytes are a number of bytes, from least to most.
func Bytes(least, most int64) Parameter {
	return Parameter{of: rate, least: least, most: most, unit: "B", mayBeZero: least == 0}
}

// MayBeAfter is the number of bytes of a body after which it is cut.
var MayBeAfter = Parameter{of: cut, mayBeZero: true}

// Lasts is a duration of at least so long.
func Lasts(least time.Duration) Parameter { return Parameter{of: duration, least: int64(least)} }

// MayLast is a duration that is zero, or at least so long.
func MayLast(least time.Duration) Parameter {
	return Parameter{of: duration, least: int64(least), mayBeZero: true}
}

// pointer is a JSON Pointer (RFC 6901) to a field.
var pointer = regexp.MustCompile(`^(/([^~/]|~[01])*)+$`)

// check says what is wrong with the parameter's value, or nil.
func (p Parameter) check(f Fault) error {
	name := valueNames[p.of]
	switch {
	case !p.of.isSet(f) && p.mayBeZero:
		return nil
	case p.of == direction && f.Direction != Upstream && f.Direction != Downstream:
		return fmt.Errorf("invalid direction %q of %s: want %q or %q", f.Direction, f.Kind, Upstream, Downstream)
	case p.of == body && f.Body != HTML && f.Body != NoBody:
		return fmt.Errorf("invalid body %q of %s: want %q, %q, or nothing for JSON", f.Body, f.Kind, HTML, NoBody)
	case p.of == cut && f.Cut < 0:
		return fmt.Errorf("invalid size %d of %s: want 0 bytes or more", f.Cut.bytes(), f.Kind)
	case !p.of.isSet(f) && p.most == 0:
		return fmt.Errorf("%s needs a %s", f.Kind, name)
	case p.of == field && strings.HasPrefix(f.Field, "/") && !pointer.MatchString(f.Field):
		return fmt.Errorf("invalid JSON Pointer %q: want names that follow a slash each, with ~1 for a slash in one and ~0 for ~", f.Field)
	case p.of == duration && int64(f.Duration) < p.least:
		return fmt.Errorf("invalid duration %s of %s: want at least %s", f.Duration, f.Kind, time.Duration(p.least))
	case p.of == rate && (f.Rate < p.least || f.Rate > p.most):
		return fmt.Errorf("invalid %s %d of %s: want %d to %d %s", map[string]string{"B": "size", "KB/s": "rate"}[p.unit], f.Rate, f.Kind, p.least, p.most, p.unit)
	case p.of == status && (int64(f.Status) < p.least || int64(f.Status) > p.most):
		return fmt.Errorf("invalid status %d of %s: want %d to %d", f.Status, f.Kind, p.least, p.most)
	}
	return nil
}

// read takes a word for the parameter, or else says that it is none; a new name is two
// words, of which the first is “as”, and a new value after “with”.
func (p Parameter) read(f *Fault, words []string) (took int, err error) {
	word := words[0]
	if p.of.isSet(*f) {
		return 0, nil
	}
	switch p.of {
	case process:
		n := len(p.follows)
		if len(words) <= n || !slices.Equal(words[:n], p.follows) {
			return 0, nil
		}
		f.Process = words[n]
		return n + 1, nil
	case status:
		f.Status, err = strconv.Atoi(word)
	case body:
		if _, err := strconv.Atoi(word); err == nil {
			return 0, nil // another status
		}
		f.Body = Body(word)
	case field:
		f.Field = word
	case newName:
		if word != "as" || f.Field == "" || len(words) < 2 {
			return 0, nil
		}
		f.As = words[1]
		return 2, nil
	case newValue:
		if word != "with" || f.Field == "" || len(words) < 2 {
			return 0, nil
		}
		f.Value = words[1]
		return 2, nil
	case rate:
		number, is := strings.CutSuffix(word, p.unit)
		if !is {
			return 0, nil
		}
		f.Rate, err = strconv.ParseInt(number, 10, 64)
	case cut:
		number, is := strings.CutSuffix(word, "B")
		if !is {
			return 0, nil
		}
		var bytes int64
		bytes, err = strconv.ParseInt(number, 10, 64)
		f.Cut = After(bytes)
	case direction:
		if d := Direction(word); d != Upstream && d != Downstream {
			return 0, nil
		}
		f.Direction = Direction(word)
	case duration:
		f.Duration, err = time.ParseDuration(word)
	}
	return 1, err
}

// code writes the parameter's value as Go.
func (p Parameter) code(f Fault) string {
	switch p.of {
	case process:
		return strconv.Quote(f.Process)
	case status:
		return strconv.Itoa(f.Status)
	case body:
		return map[Body]string{HTML: "HTML", NoBody: "NoBody"}[f.Body]
	case field:
		return strconv.Quote(f.Field)
	case newName:
		return strconv.Quote(f.As)
	case newValue:
		return strconv.Quote(f.Value)
	case rate:
		return strconv.FormatInt(f.Rate, 10)
	case cut:
		return strconv.FormatInt(f.Cut.bytes(), 10)
	}
	return TimeCode(f.Duration)
}

// TimeCode writes a duration as Go: 50*time.Second.
func TimeCode(d time.Duration) string {
	for _, unit := range []struct {
		is   time.Duration
		name string
	}{{time.Hour, "time.Hour"}, {time.Minute, "time.Minute"}, {time.Second, "time.Second"}, {time.Millisecond, "time.Millisecond"}, {time.Microsecond, "time.Microsecond"}} {
		if d != 0 && d%unit.is == 0 {
			return fmt.Sprintf("%d*%s", d/unit.is, unit.name)
		}
	}
	return fmt.Sprintf("%d", d)
}
