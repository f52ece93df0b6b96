package harness

import (
	"fmt"
	"regexp"
	"strings"
)

// Apart tells a message apart from others of the same method and path, by one
// value in it: a field of its JSON body, a header or a query parameter. GraphQL
// needs it, where every operation is POST /graphql. A tap writes the mark behind
// the path of a message that fits, so triggers, templates and records name it
// like any other path: "/graphql[operationName=Complete]".
type Apart struct {
	Method, Path string // Path is a template such as "/orders/{id}"
	// One of these says where the value is.
	JSON   string // a JSON Pointer (RFC 6901) into the body
	Header string
	Query  string
	Value  string // what is there, to the letter
}

// Is says whether there is anything to tell the message apart by.
func (a Apart) Is() bool { return a.JSON != "" || a.Header != "" || a.Query != "" }

// Mark is what a tap writes behind the path; "" where nothing tells it apart.
func (a Apart) Mark() string {
	var place string
	switch {
	case a.JSON != "":
		parts := strings.Split(strings.TrimPrefix(a.JSON, "/"), "/")
		for i, part := range parts {
			parts[i] = markWord(strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
		}
		place = strings.Join(parts, ".")
	case a.Header != "":
		place = markWord(a.Header)
	case a.Query != "":
		place = markWord(a.Query)
	default:
		return ""
	}
	return "[" + place + "=" + markWord(a.Value) + "]"
}

// markWord writes a text of any kind as a part of one harmless word.
func markWord(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

var mark = regexp.MustCompile(`^[A-Za-z0-9_.%-]*=[A-Za-z0-9_%-]*$`)

// CutMark divides a path without a query from the mark behind it, if it has one.
func CutMark(path string) (plain, behind string) {
	at := strings.LastIndexByte(path, '[')
	if at < 0 || !strings.HasSuffix(path, "]") || !mark.MatchString(path[at+1:len(path)-1]) {
		return path, ""
	}
	return path[:at], path[at:]
}

// SameRoute says whether two paths are the same but for a mark: only one end of
// a hop writes it.
func SameRoute(a, b string) bool { return a == b || unmarked(a) == unmarked(b) }

func unmarked(path string) string {
	route, query, asked := strings.Cut(path, "?")
	route, _ = CutMark(route)
	if asked {
		return route + "?" + query
	}
	return route
}
