package harness

import (
	"encoding/base64"
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
	"clientid", "authorization", "cookie", "cookies", "personalqr",
	"cardnumber", "phone", "phoneno", "phonenumber", "mobile", "mobileno", "mobilenumber", "msisdn",
)

// secretStems are secrets' names only as a word of their own: a span is no pan.
// The last of them are so only after another word.
var secretStems = []string{"pan", "cvc", "cvv", "pwd", "pass"}

const (
	firstSuffixStem = 3
	lastOfStems     = "ncvds"
)

func byLastLetter(words ...string) (list [256][]string) {
	for _, word := range words {
		last := word[len(word)-1]
		list[last] = append(list[last], word)
	}
	return list
}

// mask returns e without secrets; maskText is MaskText, or one that remembers
// what that gave. Idempotency keys, references, baskets and
// order ids stay, whatever they look like: the judges tell orders apart by them.
func mask(e Event, maskText func(string) string) Event {
	if m := e.Message; m != nil {
		clean := *m
		clean.Path = maskPath(m.Path)
		clean.Body = maskText(m.Body)
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
		clean.Does, clean.Tab = maskText(a.Does), maskText(a.Tab)
		e.Act = &clean
	}
	if v := e.View; v != nil {
		clean := *v
		clean.Says, clean.Text = maskText(v.Says), maskText(v.Text)
		if !isPNG(v.Shot) {
			clean.Shot = maskText(v.Shot)
		}
		e.View = &clean
	}
	if n := e.Entry; n != nil {
		clean := *n
		clean.State = maskText(n.State)
		e.Entry = &clean
	}
	if b := e.Blow; b != nil {
		clean := *b
		clean.Text = maskText(b.Text)
		e.Blow = &clean
	}
	if l := e.Life; l != nil {
		clean := *l
		clean.What, clean.Text = maskText(l.What), maskText(l.Text)
		e.Life = &clean
	}
	e.Text = maskText(e.Text)
	return e
}

// maskPath masks a request's path and query: any query value whose name is not
// plainly harmless could be a token.
// isPNG says whether a text is a picture in base64: to mask some letters of one
// would be to spoil it. What it shows is for whoever takes it to hide.
func isPNG(text string) bool {
	if !strings.HasPrefix(text, "iVBORw0KGgo") {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}

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
	return maskNumbers(maskUserinfo(maskSchemes(maskNamed(text))))
}
