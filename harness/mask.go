package harness

import (
	"maps"
	"net/url"
	"regexp"
	"strings"
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
	`ocp-apim-subscription-key|subscription_?key|signature|phone_?number|phone|card_?number|pan|cvc|cvv|personalqr|customertoken`

var (
	// secretField finds a JSON field with a secret's name and its value.
	secretField = regexp.MustCompile(`(?i)("(?:` + secretNames + `)"\s*:\s*)("(?:[^"\\]|\\.)*"?|[0-9.eE+-]+)`)
	// secretPair finds the same in query strings and form bodies.
	secretPair = regexp.MustCompile(`(?i)((?:^|[?&\s;,])(?:` + secretNames + `)=)[^&\s"';,]+`)
	bearer     = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+`)
	digits     = regexp.MustCompile(`\+?\d(?:[ -]?\d){9,18}`)
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
	if v := e.View; v != nil {
		clean := *v
		clean.Text = MaskText(v.Text)
		e.View = &clean
	}
	if l := e.Life; l != nil {
		clean := *l
		clean.Text = MaskText(l.Text)
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
	for name, list := range values {
		if name == "reference" || name == "wait" {
			continue
		}
		for i := range list {
			list[i] = Masked
		}
	}
	unescaped, err := url.QueryUnescape(values.Encode())
	if err != nil {
		unescaped = Masked
	}
	return MaskText(before) + "?" + unescaped
}

// MaskText masks secrets in text of any kind: JSON, a form, a log line.
func MaskText(text string) string {
	if text == "" {
		return text
	}
	text = secretField.ReplaceAllString(text, `${1}"`+Masked+`"`)
	text = secretPair.ReplaceAllString(text, `${1}`+Masked)
	text = bearer.ReplaceAllString(text, `${1} `+Masked)
	return digits.ReplaceAllStringFunc(text, func(number string) string {
		if isCard(number) || isPhone(number) {
			return Masked
		}
		return number
	})
}

// isCard says whether the number is long enough for a payment card and passes
// the Luhn check (ISO/IEC 7812-1).
func isCard(number string) bool {
	sum, count := 0, 0
	for i := len(number) - 1; i >= 0; i-- {
		if number[i] < '0' || number[i] > '9' {
			continue
		}
		d := int(number[i] - '0')
		if count%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		count++
	}
	return count >= 13 && count <= 19 && sum%10 == 0
}

// isPhone says whether the number is written as an international phone number,
// or is a Norwegian mobile number with its country code and no plus, as the
// provider writes them.
func isPhone(number string) bool {
	plain := strings.NewReplacer(" ", "", "-", "").Replace(number)
	return strings.HasPrefix(plain, "+") ||
		len(plain) == 10 && (strings.HasPrefix(plain, "474") || strings.HasPrefix(plain, "479"))
}
