package redact

import (
	"slices"
	"strings"
)

// redactNamed redacts what stands after a secret's name: the value of a JSON field,
// whatever it is, of a form, a query, an environment or a log line, and also
// where the text was cut off within it.
func redactNamed(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		separator := i
		i++
		if text[separator] != ':' && text[separator] != '=' {
			continue
		}
		if from, end, quote := secretValue(text, separator); from < end {
			out.WriteString(text[done:from])
			out.WriteString(quote + Mask + quote)
			done, i = end, end
		}
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// secretValue is where the value stands that the separator gives to a secret's
// name, and the quotes around it, to be kept. It is empty if there is none.
func secretValue(text string, separator int) (from, end int, quote string) {
	name := text[:separator]
	for len(name) > 0 && strings.IndexByte(" \t\r\n", name[len(name)-1]) >= 0 {
		name = name[:len(name)-1]
	}
	closing, escapes := byte(0), 0
	if n := len(name); n > 0 && (name[n-1] == '"' || name[n-1] == '\'') {
		closing = name[n-1]
		name = strings.TrimRight(name[:n-1], `\`)
		escapes = n - 1 - len(name)
	}
	if !isSecretName(name) {
		return 0, 0, ""
	}
	at := separator + 1
	if closing == '"' && text[separator] == ':' { // JSON
		at += spaces(text[at:], " \t\r\n\f")
		end = at + jsonValue(text[at:], escapes)
		if slices.Contains([]string{"", "null", "true", "false"}, text[at:end]) {
			return 0, 0, ""
		}
		return at, end, strings.Repeat(`\`, escapes) + `"`
	}
	header := text[separator] == ':' && isHeaderOfWords(name)
	if between := " \t"; text[separator] == '=' || header {
		at += spaces(text[at:], between+"=>")
	} else {
		at += spaces(text[at:], between+"\r\n\f=>:")
	}
	if strings.HasPrefix(text[at:], "[") { // as Go prints a list
		at++
		if n := strings.IndexAny(text[at:], "]\n"); n >= 0 && text[at+n] == ']' {
			return at, at + n, ""
		}
	}
	if n := spaces(text[at:], `\`); at+n < len(text) && (text[at+n] == '"' || text[at+n] == '\'') {
		return at, at + quotedValue(text[at:], n), text[at : at+n+1]
	}
	stop := " \t\r\n\f\"&';,[]"
	switch {
	case header:
		stop = "\n\"[]" // such values have spaces
	case text[separator] == '=' && isEnvironment(name):
		stop = " \t\r\n\f\"" // no list goes on after it
	}
	value := text[at:]
	if n := strings.IndexAny(value, stop); n >= 0 {
		value = value[:n]
	}
	value = strings.TrimRight(value, `\`) // of the quote after it
	return at, at + len(value), ""
}

// spaces is how many of these characters text begins with.
func spaces(text, these string) int { return len(text) - len(strings.TrimLeft(text, these)) }

// quotedValue is the length of the quoted value that text begins with, whose
// quotes have so many backslashes before them, or 0 if the quote is the end of
// what stands before it.
func quotedValue(text string, escapes int) int {
	open := escapes + 1
	quote := text[escapes]
	if open == len(text) || text[open] <= ' ' || strings.IndexByte(",}]):;&", text[open]) >= 0 || text[open] == quote {
		return 0
	}
	backslashes, outer := 0, -1
	for i := open; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			backslashes++
			continue
		}
		before := backslashes
		backslashes = 0
		switch {
		case c == quote && before%(2*open) == escapes:
			return i + 1
		case c == '"' && quote == '"' && before < escapes:
			return i - before // the string around it ends
		case c == '"' && quote != '"' && outer < 0:
			outer = i - before
		case c == '\n' && outer < 0:
			return i
		case c == '\n':
			return outer
		}
	}
	if outer >= 0 {
		return outer
	}
	return len(text)
}

// secretWords end the names of secrets, in any case, however their parts are
// joined: CHECKOUT_CLIENT_SECRET, webhookSecret, X-Api-Key. They are listed by
// their last letter.
var secretWords = byLastLetter(
	"secret", "secrets", "password", "passwords", "passwd", "passphrase", "token", "tokens", "signature",
	"apikey", "subscriptionkey", "accesskey", "secretkey", "privatekey", "signingkey", "sharedkey", "encryptionkey", "hmackey",
	"clientid", "sessionid", "sessid", "authorization", "cookie", "cookies", "personalqr",
	"cardnumber", "phone", "phoneno", "phonenumber", "mobile", "mobileno", "mobilenumber", "msisdn",
)

// secretStems are secrets' names only as a word of their own: a span is no pan.
// The last of them are so only after another word.
var secretStems = []string{"pan", "cvc", "cvv", "pin", "otp", "auth", "pwd", "pass"}

const (
	firstSuffixStem = 6
	lastOfStems     = "ncvphds"
)

func byLastLetter(words ...string) (list [256][]string) {
	for _, word := range words {
		last := word[len(word)-1]
		list[last] = append(list[last], word)
	}
	return list
}

// IsSecretName says whether a setting, field or header of this name has a secret
// in it: CLIENT_SECRET, apiKey.
func IsSecretName(name string) bool { return isSecretName(name) }

// isSecretName says whether text ends in a secret's name.
func isSecretName(text string) bool {
	text = strings.TrimSuffix(text, "]") // user[password]
	for n := len(text) - 1; n >= 0 && (isDigit(text[n]) || strings.IndexByte("_-.", text[n]) >= 0); n-- {
		text = text[:n]
	}
	if text == "" {
		return false
	}
	last := lower(text[len(text)-1])
	if secretWords[last] == nil && strings.IndexByte(lastOfStems, last) < 0 {
		return false
	}
	var letters [24]byte // the end of the name, without what joins its parts
	first := len(letters)
	for i := len(text) - 1; i >= 0 && first > 0; i-- {
		c := text[i]
		if c == '_' || c == '-' || c == '.' {
			continue
		}
		if !isAlphanumeric(c) {
			break
		}
		first--
		letters[first] = lower(c)
	}
	name := letters[first:]
	for _, word := range secretWords[last] {
		if len(name) >= len(word) && string(name[len(name)-len(word):]) == word {
			return !strings.HasSuffix(string(name), "idempotencytoken")
		}
	}
	if strings.HasSuffix(text, "_KEY") { // of an environment: STRIPE_KEY
		return !strings.HasSuffix(string(name), "idempotencykey")
	}
	for i, stem := range secretStems {
		before := len(text) - len(stem)
		switch {
		case before < 0 || !strings.EqualFold(text[before:], stem):
		case before == 0:
			return i < firstSuffixStem
		case isAlphanumeric(text[before-1]): // cardPan, but not japan
			return text[before] < 'a' && (text[before-1] >= 'a' || text[before-1] <= '9')
		default:
			return i < firstSuffixStem || strings.IndexByte("_-.", text[before-1]) >= 0
		}
	}
	return false
}

// isHeaderOfWords says whether a secret header's values have spaces.
func isHeaderOfWords(name string) bool {
	for _, header := range []string{"authorization", "cookie"} {
		if n := len(name) - len(header); n >= 0 && strings.EqualFold(name[n:], header) {
			return true
		}
	}
	return false
}

// isEnvironment says whether text ends in a name like that of an environment
// variable.
func isEnvironment(text string) bool {
	for i := len(text) - 1; i >= 0; i-- {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', c == '-', c == '.', c == ']':
			return false
		case !isAlphanumeric(c) && c != '_':
			return true
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= lower(c) && lower(c) <= 'z'
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
