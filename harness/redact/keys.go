package redact

import (
	"regexp"
	"strings"
)

// The lines around a private key in PEM (RFC 7468), and in OpenPGP's form.
var (
	keyBegins = regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----`)
	keyEnds   = regexp.MustCompile(`-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----`)
)

const keyMark = "PRIVATE KEY"

// redactKeys redacts private keys with the lines around them. One that has no end was
// cut off: it goes to the end of the string that it stands in, or of the text.
func redactKeys(text string) string {
	if !strings.Contains(text, keyMark) {
		return text
	}
	e := edit{text: text}
	ends := keyEnds.FindAllStringIndex(text, -1)
	done := 0
	for _, begin := range keyBegins.FindAllStringIndex(text, -1) {
		if begin[0] < done {
			continue // within the one before
		}
		for len(ends) > 0 && ends[0][0] < begin[1] {
			ends = ends[1:]
		}
		if len(ends) > 0 {
			done = ends[0][1]
		} else {
			rest, _, _ := strings.Cut(text[begin[1]:], `"`)
			done = begin[1] + len(strings.TrimRight(rest, `\`)) // of the quote after it
		}
		e.replace(begin[0], done, Mask)
	}
	return e.String()
}

// longestKey is how many lines a private key may have: those of 16,384 bits have about 200.
const longestKey = 250

// KeyLines takes private keys out of a text that is heard line by line, where no line
// tells what it is a part of. The zero value has heard nothing.
type KeyLines struct {
	left int // lines that may still be of the key that has begun
}

// Line is a line without what it has of a private key.
func (k *KeyLines) Line(line string) string {
	if k.left > 0 {
		end := keyEnds.FindStringIndex(line)
		if end == nil {
			k.left--
			return Mask
		}
		k.left = 0
		line = Mask + line[end[1]:]
	}
	// A sentence may name such a line: the key itself is below it.
	if begin := keyBegins.FindStringIndex(line); begin != nil && strings.TrimSpace(line[begin[1]:]) == "" {
		k.left = longestKey
		return line[:begin[0]] + Mask
	}
	return line
}
