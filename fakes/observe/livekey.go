package observe

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// liveForm is a key with which a payment provider takes real money, at the beginning of
// a word.
var liveForm = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([spr]k_live_)`)

// LiveKey is the beginning of a live key in a text, such as "sk_live_", or "". It is
// never the key.
func LiveKey(text string) string {
	if !strings.Contains(text, "k_live_") { // most texts of a run
		return ""
	}
	if found := liveForm.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// liveKeyOf says which live key a request carries, and where: "sk_live_… in the header
// Authorization", or "".
func (m *Message) liveKeyOf() string {
	first, found := "", "" // of the headers that have one, by name
	for name, value := range m.Header {
		if scheme, packed, cut := strings.Cut(value, " "); cut && strings.EqualFold(scheme, "Basic") {
			plain, _ := base64.StdEncoding.DecodeString(packed)
			value = string(plain)
		}
		if key := LiveKey(value); key != "" && (found == "" || name < first) {
			first, found = name, key
		}
	}
	if found != "" {
		return found + "… in the header " + first
	}
	if key := LiveKey(m.Path); key != "" {
		return key + "… in its address"
	}
	if key := LiveKey(m.Body); key != "" {
		return key + "… in its body"
	}
	return ""
}

// WithLiveKey is e with Message.LiveKey, where it is a request that the shop, or its page,
// sends to another service. What a page or an answer shows may be a text about keys.
func (e Event) WithLiveKey() Event {
	if m := e.Message; m == nil || e.Kind != Sent && e.Kind != Arrived || m.Hop.Callee() == "checkout" {
		return e
	}
	if key := e.Message.liveKeyOf(); key != "" {
		m := *e.Message
		m.LiveKey, e.Message = key, &m
	}
	return e
}
