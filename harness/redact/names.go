package redact

import "strings"

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
		case before < 0 || stem[len(stem)-1] != last || !strings.EqualFold(text[before:], stem):
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
