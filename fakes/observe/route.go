package observe

import (
	"fmt"
	"regexp"
	"strings"
)

// Mark is what a tap writes behind the path; "" where nothing tells it apart.
func (w Where) Mark() string {
	var place string
	switch {
	case w.JSON != "":
		parts := strings.Split(strings.TrimPrefix(w.JSON, "/"), "/")
		for i, part := range parts {
			parts[i] = markWord(strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
		}
		place = strings.Join(parts, ".")
	case w.Header != "":
		place = markWord(w.Header)
	case w.Query != "":
		place = markWord(w.Query)
	default:
		return ""
	}
	return "[" + place + "=" + markWord(w.Value) + "]"
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
func SameRoute(a, b string) bool { return a == b || Unmarked(a) == Unmarked(b) }

// Unmarked is a path, with its query, without a mark.
func Unmarked(path string) string {
	route, query, asked := strings.Cut(path, "?")
	route, _ = CutMark(route)
	if asked {
		return route + "?" + query
	}
	return route
}

// MatchPath says whether a path fits a template such as "/orders/{id}": a
// segment in braces fits any one segment, and a last one with dots before its end,
// such as "{id...}", any rest of the path. A mark behind one (see Where) must be
// behind the other too.
func MatchPath(template, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	template, wanted := CutMark(template)
	path, marked := CutMark(path)
	if wanted != marked {
		return false
	}
	for more := true; more; {
		var want, got string
		var goesOn bool
		want, template, more = strings.Cut(template, "/")
		got, path, goesOn = strings.Cut(path, "/")
		if !more && strings.HasPrefix(want, "{") && strings.HasSuffix(want, "...}") {
			return got != ""
		}
		any := strings.HasPrefix(want, "{") && strings.HasSuffix(want, "}") && got != ""
		if want != got && !any || more != goesOn {
			return false
		}
	}
	return true
}

// SameTemplate says whether two templates fit the same paths, whatever the names in
// their braces.
func SameTemplate(a, b string) bool {
	return placeholder.ReplaceAllString(a, "{}") == placeholder.ReplaceAllString(b, "{}")
}

var placeholder = regexp.MustCompile(`\{[A-Za-z_]*\}`)
