package redact

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// redactNamed redacts what stands after a secret's name: the value of a JSON field,
// whatever it is, of a query, an environment or a log line, and also where the text
// was cut off within it. A quoted string is a text of its own, and no name in it
// names what stands outside.
func redactNamed(text string) string {
	e := edit{text: text}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ':', '=':
			i = e.redactValue(i)
		case '"':
			if !opensString(text[:i]) {
				continue
			}
			from := i + 1
			i = endOfString(text, from)
			inner := text[from:i]
			if redacted := redactString(inner, i == len(text)); redacted != inner {
				e.replace(from, i, redacted)
			}
		}
	}
	return e.String()
}

// opensString says whether a quote after this text opens a string.
func opensString(before string) bool {
	if before == "" {
		return true
	}
	switch c := before[len(before)-1]; c {
	case ':', ',', '=', '{', '[', '(':
		return true
	default:
		return isSpace(c)
	}
}

// closesString says whether a quote before this text closes a string.
func closesString(after string) bool {
	if after == "" {
		return true
	}
	switch c := after[0]; c {
	case ',', '}', ']', ')', ':', ';', '&':
		return true
	default:
		return c <= ' '
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// endOfString is where the string ends that begins there: at its closing quote, at
// the end of the line, or where the text was cut off.
func endOfString(text string, from int) int {
	for i := from; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '\n':
			return i
		case '"':
			if closesString(text[i+1:]) {
				return i
			}
		}
	}
	return len(text)
}

// redactString redacts what stands between quotes, written as JSON writes it. It
// may have been cut off.
func redactString(inner string, cut bool) string {
	if strings.IndexByte(inner, '\\') < 0 {
		return redactFlat(inner)
	}
	rest := ""
	if cut {
		rest = cutEscape.FindString(inner)
	}
	plain, ok := unquote(strings.TrimSuffix(inner, rest))
	if !ok && rest == `\` { // the second one of two
		rest = ""
		plain, ok = unquote(inner)
	}
	if !ok {
		return redactFlat(inner)
	}
	redacted := recognisedOnce(plain)
	if redacted == plain {
		return inner
	}
	return quote(redacted) + rest
}

// cutEscape is an escape that was cut off.
var cutEscape = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{0,3})?$`)

func unquote(inner string) (plain string, ok bool) {
	err := json.Unmarshal([]byte(`"`+inner+`"`), &plain)
	return plain, err == nil
}

func quote(plain string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(plain) // a string cannot fail
	return out.String()[1 : out.Len()-len("\"\n")]
}

// redactFlat is redactNamed of a text whose quotes nobody can pair.
func redactFlat(text string) string {
	e := edit{text: text}
	for i := 0; i < len(text); i++ {
		if text[i] == ':' || text[i] == '=' {
			i = e.redactValue(i)
		}
	}
	return e.String()
}

// redactValue redacts the value that the separator gives to a secret's name, if
// there is one, and returns the last place that needs no look any more.
func (e *edit) redactValue(separator int) int {
	v := secretValue(e.text, separator)
	if v.from >= v.end {
		return separator
	}
	e.replace(v.from, v.end, v.quote+Mask+v.quote)
	return v.end - 1
}

// value is where a secret stands, and the quotes around it, to be kept.
type value struct {
	from, end int
	quote     string
}

// secretValue is the value that the separator gives to a secret's name. It is
// empty if there is none.
func secretValue(text string, separator int) value {
	name := text[:separator]
	for len(name) > 0 && isSpace(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	closing, escapes := byte(0), 0
	if n := len(name); n > 0 && (name[n-1] == '"' || name[n-1] == '\'') {
		closing = name[n-1]
		name = strings.TrimRight(name[:n-1], `\`)
		escapes = n - 1 - len(name)
	}
	if !isSecretName(name) {
		return value{}
	}
	at := separator + 1
	if closing == '"' && text[separator] == ':' {
		at += spaces(text[at:], " \t\r\n\f")
		end := at + jsonLength(text[at:], escapes)
		if slices.Contains([]string{"", "null", "true", "false"}, text[at:end]) {
			return value{}
		}
		return value{at, end, strings.Repeat(`\`, escapes) + `"`}
	}
	header := text[separator] == ':' && isHeaderOfWords(name)
	if text[separator] == '=' || header {
		at += spaces(text[at:], " \t=>")
	} else {
		at += spaces(text[at:], " \t\r\n\f=>:")
	}
	if strings.HasPrefix(text[at:], "[") { // as Go prints a list
		at++
		if n := strings.IndexAny(text[at:], "]\n"); n >= 0 && text[at+n] == ']' {
			return value{at, at + n, ""}
		}
	}
	if n := spaces(text[at:], `\`); at+n < len(text) && (text[at+n] == '"' || text[at+n] == '\'') {
		if open := at + n + 1; closesString(text[open:]) || text[open] == text[open-1] {
			return value{} // the string ends that the name stands in
		}
		line, _, _ := strings.Cut(text[at:], "\n")
		return value{at, at + quotedLength(line, n), text[at : at+n+1]}
	}
	stop := " \t\r\n\f\"&';,[]"
	switch {
	case header:
		stop = "\n\"[]" // such values have spaces
	case text[separator] == '=' && isEnvironment(name):
		stop = " \t\r\n\f\"" // no list goes on after it
	}
	found := text[at:]
	if n := strings.IndexAny(found, stop); n >= 0 {
		found = found[:n]
	}
	found = strings.TrimRight(found, `\`) // of the quote after it
	return value{at, at + len(found), ""}
}

// spaces is how many of these characters text begins with.
func spaces(text, these string) int { return len(text) - len(strings.TrimLeft(text, these)) }

// quotedLength is the length of the string that text begins with, whose quotes have
// so many backslashes before them: 0, or 2ⁿ-1 in a string within n strings. It ends
// before the quote of a string around it, or where text was cut off.
func quotedLength(text string, escapes int) int {
	quote, backslashes := text[escapes], 0
	for i := escapes + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			backslashes++
			continue
		case c == quote && backslashes%(2*(escapes+1)) == escapes:
			return i + 1
		case c == '"' && backslashes < escapes:
			return i - backslashes
		}
		backslashes = 0
	}
	return len(text)
}

// jsonLength is the length of the JSON value that text begins with. It is all the
// text where that was cut off or is not JSON: no secret is left for a comma.
func jsonLength(text string, escapes int) int {
	start := spaces(text, `\`)
	switch {
	case start == escapes && strings.HasPrefix(text[start:], `"`):
		return quotedLength(text, escapes)
	case text == "" || strings.IndexByte("[{", text[0]) < 0:
		if n := strings.IndexAny(text, " \t\r\n\f,]}\\"); n >= 0 {
			return n
		}
		return len(text)
	case escapes > 0: // of a string that was cut off before its start
		return len(text)
	}
	var found json.RawMessage
	decoder := json.NewDecoder(strings.NewReader(text))
	if decoder.Decode(&found) != nil {
		return len(text)
	}
	return int(decoder.InputOffset())
}

// redactForm redacts a form or a query: names and values are written as in a URL.
func redactForm(text string) string {
	if strings.IndexByte(text, '%') < 0 || strings.IndexByte(text, '=') < 0 || strings.ContainsAny(text, " \t\r\n\"<{") {
		return text
	}
	fields := strings.Split(text, "&")
	for i, field := range fields {
		name, written, _ := strings.Cut(field, "=")
		if written == "" {
			continue
		}
		if isSecretName(unescape(name)) {
			fields[i] = name + "=" + Mask
		} else if plain := unescape(written); plain != written {
			if redacted := recognisedOnce(plain); redacted != plain {
				fields[i] = name + "=" + strings.ReplaceAll(url.QueryEscape(redacted), url.QueryEscape(Mask), Mask)
			}
		}
	}
	return strings.Join(fields, "&")
}

var percent = regexp.MustCompile(`%(?:[0-9a-fA-F]{2})?`)

// unescape leaves a percent sign that escapes nothing, or was cut off, as it is.
func unescape(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		plain, _ = url.QueryUnescape(percent.ReplaceAllStringFunc(text, func(found string) string {
			if found == "%" {
				return "%25"
			}
			return found
		}))
	}
	return plain
}
