package harness

import (
	"maps"
	"net/url"
	"slices"
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

// cleaned returns e without secrets, and without end. conceal is a concealer's text, and maskText
// is MaskText, or each one that remembers what that gave.
func cleaned(e Event, conceal, maskText func(string) string) Event {
	e = own(e)
	concealIn(&e, conceal)
	maskIn(&e, maskText)
	clipIn(&e)
	return e
}

// own copies all that e points to: what was seen must not change.
func own(e Event) Event {
	if m := e.Message; m != nil {
		own := *m
		own.Header, own.Missing = maps.Clone(m.Header), slices.Clone(m.Missing)
		e.Message = &own
	}
	e.Act, e.View, e.Entry = copied(e.Act), copied(e.View), copied(e.Entry)
	e.Blow, e.Life = copied(e.Blow), copied(e.Life)
	return e
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	own := *p
	return &own
}

// maskIn masks the secrets in e, which is the caller's own. Idempotency keys,
// references, baskets and order ids stay, whatever they look like: the judges
// tell orders apart by them.
func maskIn(e *Event, maskText func(string) string) {
	if m := e.Message; m != nil {
		m.Path, m.Body = maskPath(m.Path, maskText), maskText(m.Body)
		for name, value := range m.Header {
			if !headersKept[name] {
				m.Header[name] = Masked
			} else if name == "Location" {
				m.Header[name] = maskPath(value, maskText)
			}
		}
	}
	if a := e.Act; a != nil {
		a.Does, a.Tab = maskText(a.Does), maskText(a.Tab)
	}
	if v := e.View; v != nil {
		v.Says, v.Text, v.Shot = maskText(v.Says), maskText(v.Text), aPicture(v.Shot)
	}
	if n := e.Entry; n != nil {
		n.State = maskText(n.State)
	}
	if b := e.Blow; b != nil {
		b.Text = maskText(b.Text)
	}
	if l := e.Life; l != nil {
		l.What, l.Text = maskText(l.What), maskText(l.Text)
	}
	e.Text = maskText(e.Text)
}

// maskPath masks a request's path and query: any query value whose name is not
// plainly harmless could be a token.
func maskPath(path string, maskText func(string) string) string {
	before, query, found := strings.Cut(path, "?")
	if !found {
		return maskText(path)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return maskText(before) + "?" + Masked
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
	return maskText(before) + "?" + maskText(unescaped)
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
	return maskNumbers(maskUserinfo(maskShapes(maskSchemes(maskNamed(maskElements(maskParts(text)))))))
}
