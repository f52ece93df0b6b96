package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// shortestLiteral is how many characters a literal secret has at least:
// shorter ones stand in harmless words.
const shortestLiteral = 8

// literals are secrets that are known by their value, in every form in which they
// are likely to be written.
type literals struct {
	secrets []string
	written sync.Once // the forms, when the first text comes: to write them down takes longer
	// forms are the secrets, themselves and in base64, by their first byte. A
	// row of backslashes counts as one: nobody knows how often it was escaped.
	forms [256][]string
}

// newLiterals is nil if all of these secrets are too short.
func newLiterals(secrets []string) *literals {
	l := &literals{}
	for _, secret := range secrets {
		if utf8.RuneCountInString(secret) >= shortestLiteral && !slices.Contains(l.secrets, secret) {
			l.secrets = append(l.secrets, secret)
		}
	}
	if l.secrets == nil {
		return nil
	}
	return l
}

// write writes down all forms.
func (l *literals) write() {
	for _, secret := range l.secrets {
		l.add(secret)
		inJSON, _ := json.Marshal(secret) // a string cannot fail
		texts := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), string(inJSON[1 : len(inJSON)-1])}
		for _, text := range slices.Compact(texts) { // of a plain secret there is only one
			for before := range 3 {
				l.add(within64(base64.RawStdEncoding, text, before))
				l.add(within64(base64.RawURLEncoding, text, before))
			}
		}
	}
}

func (l *literals) add(form string) {
	for strings.Contains(form, `\\`) {
		form = strings.ReplaceAll(form, `\\`, `\`)
	}
	if list := &l.forms[form[0]]; !slices.Contains(*list, form) {
		*list = append(*list, form)
	}
}

// within64 is how secret looks within base64 when so many bytes, modulo 3,
// stand before it: "Basic" has a user's name there. It leaves out the
// characters that depend on the bytes around it.
func within64(encoding *base64.Encoding, secret string, before int) string {
	text := encoding.EncodeToString(append(make([]byte, before), secret...))
	if (before+len(secret))%3 != 0 {
		text = text[:len(text)-1]
	}
	if before > 0 {
		text = text[before+1:]
	}
	return text
}

// redact takes the secrets out of a text. Nil knows none.
func (l *literals) redact(text string) string {
	if l == nil {
		return text
	}
	l.written.Do(l.write)
	e := edit{text: text}
	from, end := 0, 0 // of what is to be replaced: secrets may overlap
	for i := range len(text) {
		until := l.at(text, i)
		if until <= end {
			continue
		}
		if i >= end {
			if end > 0 {
				e.replace(from, end, Mask)
			}
			from = i
		}
		end = until
	}
	if end > 0 {
		e.replace(from, end, Mask)
	}
	return e.String()
}

// at is where the longest secret ends that begins there, or 0.
func (l *literals) at(text string, i int) int {
	if !l.mayBeginAt(text, i) {
		return 0
	}
	longest := 0
	written, n := writings(text, i)
	for _, w := range written[:n] {
		for _, form := range l.forms[w.means[0]] {
			if !strings.HasPrefix(form, w.means) || i+w.length < len(text) && !mayBegin(form[len(w.means):], text[i+w.length]) {
				continue
			}
			longest = max(longest, matchEscaped(text, i+w.length, form[len(w.means):]))
		}
	}
	return longest
}

// mayBeginAt says quickly whether a secret may begin there.
func (l *literals) mayBeginAt(text string, i int) bool {
	first := text[i]
	if first == '%' || first == '\\' || first == '+' {
		return true
	}
	for _, form := range l.forms[first] {
		if i+1 == len(text) || mayBegin(form[1:], text[i+1]) {
			return true
		}
	}
	return false
}

// mayBegin says quickly whether a text that begins with c may be this one.
func mayBegin(form string, c byte) bool {
	return form == "" || c == form[0] || c == '%' || c == '\\' || c == '+'
}

// matchEscaped is where form ends that begins at i, however it is escaped, or 0.
func matchEscaped(text string, i int, form string) int {
	if form == "" {
		return i
	}
	if i >= len(text) {
		return 0
	}
	written, n := writings(text, i)
	for _, w := range written[:n] {
		if rest, found := strings.CutPrefix(form, w.means); found {
			if end := matchEscaped(text, i+w.length, rest); end > 0 {
				return end
			}
		}
	}
	return 0
}

// writing is what so many bytes of a text may mean.
type writing struct {
	means  string
	length int
}

// writings are the n meanings of the text from i on: in a URL, in JSON, in
// JSON within JSON, and as it is.
func writings(text string, i int) (list [4]writing, n int) {
	add := func(means string, length int) {
		list[n] = writing{means, length}
		n++
	}
	if escapes := backslashes(text[i:]); escapes > 0 {
		if means, length := escapedRune(text[i+escapes:]); length > 0 {
			add(means, escapes+length)
			add(`\`+means, escapes+length)
		}
		add(`\`, escapes)
		if text[i] == '%' {
			add("%", 1)
		}
		return list, n
	}
	if c, ok := percentEscape(text[i:]); ok {
		add(string([]byte{c}), 3)
	}
	if text[i] == '+' {
		add(" ", 1)
	}
	add(text[i:i+1], 1)
	return list, n
}

// longestRow is how many bytes of backslashes are looked at: enough for JSON
// within JSON, seven times.
const longestRow = 256

// backslashes is the length of the row of backslashes that text begins with,
// escaped for a URL or not.
func backslashes(text string) int {
	for n := 0; ; {
		if n >= longestRow {
			return n
		} else if strings.HasPrefix(text[n:], `\`) {
			n++
		} else if c, ok := percentEscape(text[n:]); ok && c == '\\' {
			n += 3
		} else {
			return n
		}
	}
}

func percentEscape(text string) (c byte, ok bool) {
	if len(text) < 3 || text[0] != '%' || !isHex(text[1]) || !isHex(text[2]) {
		return 0, false
	}
	return unhex(text[1])<<4 | unhex(text[2]), true
}

// escapedRune is what stands after backslashes in JSON, and its length.
func escapedRune(text string) (means string, length int) {
	if text == "" {
		return "", 0
	}
	if k := strings.IndexByte("nrtbf", text[0]); k >= 0 {
		return "\n\r\t\b\f"[k : k+1], 1
	}
	if strings.IndexByte(`"'/`, text[0]) >= 0 {
		return text[:1], 1
	}
	if c, ok := percentEscape(text); ok && strings.IndexByte(`"'/`, c) >= 0 {
		return string([]byte{c}), 3
	}
	r, ok := unicodeEscape(text)
	if !ok {
		return "", 0
	}
	if !utf16.IsSurrogate(r) {
		return string(r), len("u0000")
	}
	rest := text[len("u0000"):]
	gap := backslashes(rest)
	second, _ := unicodeEscape(rest[gap:])
	if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
		return "", 0
	}
	return string(r), len("u0000") + gap + len("u0000")
}

func unicodeEscape(text string) (r rune, ok bool) {
	if len(text) < len("u0000") || text[0] != 'u' {
		return 0, false
	}
	for i := 1; i < len("u0000"); i++ {
		if !isHex(text[i]) {
			return 0, false
		}
		r = r<<4 | rune(unhex(text[i]))
	}
	return r, true
}

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}
