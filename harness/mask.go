package harness

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Masked stands where a secret stood.
const Masked = "•••"

// headersKept is the allow-list: every other header keeps its name and loses
// its value.
var headersKept = map[string]bool{
	"Accept": true, "Connection": true, "Content-Length": true, "Content-Type": true,
	"Date": true, "Host": true, "Idempotency-Key": true, "Location": true,
	"Merchant-Serial-Number": true, "Prefer": true, "Retry-After": true,
	"Vipps-System-Name": true, "Vipps-System-Version": true,
	"Vipps-System-Plugin-Name": true, "Vipps-System-Plugin-Version": true,
	"X-Ms-Content-Sha256": true, "X-Ms-Date": true,
}

const secretNames = `access_?token|refresh_?token|id_?token|token|client_?secret|client_?id|secret|password|authorization|` +
	`ocp-apim-subscription-key|subscription_?key|signature|phone_?number|phone|card_?number|pan|cvc|cvv|personalqr|customertoken|` +
	`cookie|set-cookie`

var (
	// secretKey finds a JSON field with a secret's name, up to its value. In
	// JSON within JSON its quotes are escaped, each level deeper.
	secretKey = regexp.MustCompile(`(?i)(\\*)"(?:` + secretNames + `)\\*"\s*:\s*`)
	// secretPair finds the same in query strings, form bodies and log lines.
	secretPair = regexp.MustCompile(`(?i)(\b(?:` + secretNames + `)(?:=|:)\s*\[?)[^\s&"';,\[\]]+`)
	// secretLine finds headers in a log: their values have spaces.
	secretLine = regexp.MustCompile(`(?i)(\b(?:authorization|cookie|set-cookie):[ \t]*\[?)[^\s"\[\]][^\n"\[\]]*`)
	bearer     = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+`)
	userinfo   = regexp.MustCompile(`(://)[^/\s@"]+@`)
	digits     = regexp.MustCompile(`\+?\d+(?:[ -]\d+)*`)
)

// mask returns e without secrets. Idempotency keys and order ids stay: the
// story needs them.
func mask(e Event) Event {
	if m := e.Message; m != nil {
		clean := *m
		clean.Path = maskPath(m.Path)
		clean.Body = MaskText(m.Body)
		clean.Header = maps.Clone(m.Header)
		for name, value := range clean.Header {
			if !headersKept[name] {
				clean.Header[name] = Masked
			} else if name == "Location" {
				clean.Header[name] = maskPath(value)
			}
		}
		e.Message = &clean
	}
	if a := e.Act; a != nil {
		clean := *a
		clean.Does, clean.Order, clean.Tab = MaskText(a.Does), MaskText(a.Order), MaskText(a.Tab)
		e.Act = &clean
	}
	if v := e.View; v != nil {
		clean := *v
		clean.Says, clean.Text, clean.Shot = MaskText(v.Says), MaskText(v.Text), MaskText(v.Shot)
		e.View = &clean
	}
	if n := e.Entry; n != nil {
		clean := *n
		clean.Reference, clean.State = MaskText(n.Reference), MaskText(n.State)
		e.Entry = &clean
	}
	if b := e.Blow; b != nil {
		clean := *b
		clean.Text = MaskText(b.Text)
		e.Blow = &clean
	}
	if l := e.Life; l != nil {
		clean := *l
		clean.What, clean.Text = MaskText(l.What), MaskText(l.Text)
		e.Life = &clean
	}
	e.Text = MaskText(e.Text)
	return e
}

// maskPath masks a request's path and query: any query value whose name is not
// plainly harmless could be a token.
func maskPath(path string) string {
	before, query, found := strings.Cut(path, "?")
	if !found {
		return MaskText(path)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return MaskText(before) + "?" + Masked
	}
	clean := url.Values{}
	for name, list := range values {
		switch {
		case name == "reference" || name == "wait":
			clean[name] = list
		case slices.Contains(list, ""): // a value without a name looks like a name
			clean.Add(Masked, "")
		default:
			clean[name] = slices.Repeat([]string{Masked}, len(list))
		}
	}
	unescaped, err := url.QueryUnescape(clean.Encode())
	if err != nil {
		unescaped = Masked
	}
	return MaskText(before) + "?" + MaskText(unescaped)
}

// MaskText masks secrets in text of any kind: JSON, a form, a log line. What
// was masked once stays as it is.
func MaskText(text string) string {
	// A mask may lay bare what stood beside it.
	for range maskRounds {
		masked := maskOnce(text)
		if masked == text {
			break
		}
		text = masked
	}
	return text
}

const maskRounds = 8

func maskOnce(text string) string {
	if text == "" {
		return text
	}
	text = maskFields(text)
	text = secretLine.ReplaceAllString(text, `${1}`+Masked)
	text = secretPair.ReplaceAllString(text, `${1}`+Masked)
	text = bearer.ReplaceAllString(text, `${1} `+Masked)
	text = userinfo.ReplaceAllString(text, `${1}`+Masked+`@`)
	return maskNumbers(text)
}

// maskFields masks the values of secret JSON fields, whatever they are, and
// also where the text was cut off within one.
func maskFields(text string) string {
	var out strings.Builder
	for {
		key := secretKey.FindStringSubmatchIndex(text)
		if key == nil {
			break
		}
		end := key[1] + jsonValue(text[key[1]:], key[3]-key[2])
		out.WriteString(text[:key[1]])
		if value := text[key[1]:end]; value != "" && !slices.Contains([]string{"null", "true", "false"}, value) {
			quote := text[key[2]:key[3]] + `"`
			out.WriteString(quote + Masked + quote)
		} else {
			out.WriteString(value)
		}
		text = text[end:]
	}
	out.WriteString(text)
	return out.String()
}

// jsonValue is the length of the JSON value that text begins with, whose
// quotes have so many backslashes before them: 0, or 2ⁿ-1 where it stands in a
// string within n strings.
func jsonValue(text string, escapes int) int {
	depth, inString, backslashes := 0, false, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			backslashes++
			continue
		}
		before := backslashes
		backslashes = 0
		switch {
		case c == '"' && before < escapes:
			return i - before // the string around all this ends
		case c == '"' && before%(2*(escapes+1)) == escapes:
			if inString = !inString; !inString && depth == 0 {
				return i + 1
			}
		case inString:
		case c == '[', c == '{':
			depth++
		case c == ']', c == '}', c == ',' && depth == 0, c <= ' ' && depth == 0:
			if depth == 0 {
				return i - before
			}
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// maskNumbers masks the numbers of phones and cards: groups of digits with
// single spaces or hyphens between.
func maskNumbers(text string) string {
	var out strings.Builder
	done := 0
	for _, run := range digits.FindAllStringIndex(text, -1) {
		at := run[0]
		if at > 0 && text[at-1] == '%' {
			at = min(at+2, run[1]) // the digits of %20 are no number's
		}
		for at < run[1] {
			n := 0
			if standsAlone(text[max(0, at-2*utf8.UTFMax):at]) {
				n = secretNumber(text[at:run[1]], text[run[1]:])
			}
			if n > 0 {
				out.WriteString(text[done:at])
				out.WriteString(Masked)
				done = at + n
			}
			at += max(n, nextGroup(text[at:run[1]]))
		}
	}
	out.WriteString(text[done:])
	return out.String()
}

// nextGroup is where the second group of digits begins, or the end.
func nextGroup(text string) int {
	if i := strings.IndexAny(text, " -"); i >= 0 {
		return i + 1
	}
	return len(text)
}

// escaped is the end of an escaped character: \n in JSON, %2B in a form.
var escaped = regexp.MustCompile(`(?:\\[a-z]|%[0-9A-Fa-f]{2})$`)

// standsAlone says whether a number may begin after this text. The digits of
// an id, of a UUID or after a decimal point are no number of their own.
func standsAlone(before string) bool {
	if escaped.MatchString(before) {
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
	if group := strings.IndexAny(text, " -"); 0 <= group && group < 4 && text[0] != '+' && !strings.HasPrefix(text, "47") {
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
// code and no plus, as the provider writes them.
func isPhone(number string) bool {
	plain := strings.NewReplacer(" ", "", "-", "").Replace(number)
	if international, plus := strings.CutPrefix(plain, "+"); plus {
		if strings.HasPrefix(international, "47") {
			return len(international) == 10
		}
		return len(international) >= 8 && len(international) <= 15
	}
	plain = strings.TrimPrefix(plain, "00")
	return len(plain) == 10 && (strings.HasPrefix(plain, "474") || strings.HasPrefix(plain, "479"))
}
