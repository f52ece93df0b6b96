package redact

import "strings"

// keyPrefixes begin keys whose issuers mark them so that they are known wherever
// they stand: Stripe's and its webhooks'. Its publishable keys are no secrets.
var keyPrefixes = []string{"sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"}

// shortestKey is how much stands at least after such a prefix, where the text was
// not cut off within it: Go has names such as task_test_x.
const shortestKey = 8

// redactShapes redacts what is a secret by its shape alone, whatever it is called:
// JSON Web Tokens (RFC 7519), access keys of AWS, and keys with a known prefix.
func redactShapes(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case 'e', 'A', 's', 'r', 'w':
		default:
			continue
		}
		n := secretShape(text[i:])
		if n == 0 || !beginsWord(text[max(0, i-3):i]) {
			continue
		}
		out.WriteString(text[done:i])
		out.WriteString(Mask)
		done = i + n
		i = done - 1
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// beginsWord says whether a word may begin after this text.
func beginsWord(before string) bool {
	return before == "" || !inToken(before[len(before)-1]) || endsEscaped(before)
}

func inToken(c byte) bool { return isAlphanumeric(c) || c == '_' || c == '-' }

// tokenLength is how many characters of a token text begins with.
func tokenLength(text string) int {
	for i := range len(text) {
		if !inToken(text[i]) {
			return i
		}
	}
	return len(text)
}

// secretShape is the length of the secret that text begins with, or 0.
func secretShape(text string) int {
	switch {
	case strings.HasPrefix(text, "eyJ"):
		return webToken(text)
	case strings.HasPrefix(text, "AKIA"), strings.HasPrefix(text, "ASIA"):
		const length = 20
		if tokenLength(text[:min(len(text), length+1)]) == length && strings.ToUpper(text[:length]) == text[:length] {
			return length
		}
		return 0
	}
	for _, prefix := range keyPrefixes {
		if rest, found := strings.CutPrefix(text, prefix); found {
			if n := tokenLength(rest); n >= shortestKey || n == len(rest) {
				return len(prefix) + n
			}
		}
	}
	return 0
}

// webToken is the length of the token that text begins with: JSON in base64, a
// point, and more of it, signed or cut off. A replay of ours has one point too,
// and a checksum after it.
func webToken(text string) int {
	header := tokenLength(text)
	if header < shortestKey || header == len(text) || text[header] != '.' {
		return 0
	}
	end := header + 1 + tokenLength(text[header+1:])
	signed := end < len(text) && text[end] == '.' && end > header+1
	if !signed && !strings.HasPrefix(text[header+1:], "eyJ") {
		return 0
	}
	for end < len(text) && text[end] == '.' {
		end += 1 + tokenLength(text[end+1:])
	}
	return end
}
