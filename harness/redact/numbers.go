package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// redactNumbers redacts the numbers of phones and cards: groups of digits with
// single spaces or hyphens between.
func redactNumbers(text string) string {
	e := edit{text: text}
	for next := 0; ; {
		at, end := numberRun(text, next)
		if at == end {
			return e.String()
		}
		next = end
		if at > 0 && text[at-1] == '%' {
			at = min(at+2, end) // the digits of %20 are no number's
		}
		for at < end {
			n := secretNumber(text[at:end], text[end:])
			if n > 0 && !standsAlone(text[max(0, at-2*utf8.UTFMax):at]) {
				n = 0
			}
			if n > 0 {
				e.replace(at, at+n, Mask)
			}
			at += max(n, nextGroup(text[at:end]))
		}
	}
}

// numberRun is where the next groups of digits stand, from there on, with a
// plus before them if there is one.
func numberRun(text string, from int) (at, end int) {
	at = from
	for at < len(text) && !isDigit(text[at]) {
		at++
	}
	for end = at; end < len(text); end++ {
		c := text[end]
		if !isDigit(c) && (c != ' ' && c != '-' || end+1 == len(text) || !isDigit(text[end+1])) {
			break
		}
	}
	if from < at && at < end && text[at-1] == '+' {
		at--
	}
	return at, end
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// nextGroup is where the second group of digits begins, or the end.
func nextGroup(text string) int {
	for i := range len(text) {
		if text[i] == ' ' || text[i] == '-' {
			return i + 1
		}
	}
	return len(text)
}

// endsEscaped says whether text ends in an escaped character: \n in JSON, %2B
// in a form.
func endsEscaped(text string) bool {
	n := len(text)
	if n >= 2 && text[n-2] == '\\' && 'a' <= text[n-1] && text[n-1] <= 'z' {
		return true
	}
	return n >= 3 && text[n-3] == '%' && isHex(text[n-2]) && isHex(text[n-1])
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= lower(c) && lower(c) <= 'f' }

// standsAlone says whether a number may begin after this text. The digits of
// an id, of a UUID or after a decimal point are no number of their own.
func standsAlone(before string) bool {
	if endsEscaped(before) {
		return true
	}
	if strings.HasSuffix(before, "-") || strings.HasSuffix(before, ".") {
		before = before[:len(before)-1]
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return !isWord(last)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// A phone number has at least eight digits and a plus; a card's at most 19, in
// groups of four.
const shortestNumber, longestNumber = 9, 19 + 4

// secretNumber is the length of the phone or card number that text begins
// with, or 0. Text is groups of digits; after is what follows them.
func secretNumber(text, after string) int {
	if len(text) < shortestNumber {
		return 0
	}
	if group := nextGroup(text) - 1; group < 4 && text[0] != '+' && !strings.HasPrefix(text, "47") {
		return 0 // no card and no phone is written with so short a first group
	}
	found := 0
	for end := range min(len(text), longestNumber) + 1 {
		if end < shortestNumber || end < len(text) && text[end] != ' ' && text[end] != '-' {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(after); end == len(text) && isWord(next) {
			break // a word goes on
		}
		if number := text[:end]; isCard(number) || isPhone(number) {
			found = end
		}
	}
	return found
}

// isCard says whether the number is written like a payment card's, in one
// group or in groups of four to six digits but for the last, and passes the
// Luhn check (ISO/IEC 7812-1). Cards begin with 2 to 6; times in nanoseconds
// begin with 1, and dates have shorter groups.
func isCard(number string) bool {
	groups := strings.FieldsFunc(number, func(r rune) bool { return r == ' ' || r == '-' })
	for i, group := range groups {
		if len(groups) > 1 && (len(group) > 6 || len(group) < 4 && i < len(groups)-1) {
			return false
		}
	}
	plain := strings.Join(groups, "")
	if len(plain) < 13 || len(plain) > 19 || plain[0] < '2' || plain[0] > '6' {
		return false
	}
	sum := 0
	for i := range len(plain) {
		d := int(plain[len(plain)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// isPhone says whether the number is written as an international phone number
// (E.164: at most 15 digits), or is a Norwegian mobile number with its country
// code, which payment providers write without a plus.
func isPhone(number string) bool {
	plain := strings.ReplaceAll(strings.ReplaceAll(number, " ", ""), "-", "")
	if international, plus := strings.CutPrefix(plain, "+"); plus {
		if strings.HasPrefix(international, "47") {
			return len(international) == 10
		}
		return len(international) >= 8 && len(international) <= 15
	}
	plain = strings.TrimPrefix(plain, "00")
	return len(plain) == 10 && (strings.HasPrefix(plain, "474") || strings.HasPrefix(plain, "479"))
}
