package redact

import "strings"

// redactSchemes redacts what stands after "Bearer" or "Basic".
func redactSchemes(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		if lower(text[i]) != 'b' || i > 0 && (isAlphanumeric(text[i-1]) || text[i-1] == '_') {
			continue
		}
		for _, scheme := range []string{"bearer", "basic"} {
			if len(text)-i <= len(scheme) || !strings.EqualFold(text[i:i+len(scheme)], scheme) {
				continue
			}
			at := i + len(scheme)
			gap := spaces(text[at:], " \t\r\n\f")
			end := at + gap
			for end < len(text) && (isAlphanumeric(text[end]) || strings.IndexByte("._~+/=-", text[end]) >= 0) {
				end++
			}
			if gap == 0 || end == at+gap {
				continue
			}
			out.WriteString(text[done:at])
			out.WriteString(" " + Mask)
			done = end
			i = end - 1
			break
		}
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// redactUserinfo redacts the user and the password in a URL. A password in the
// address of a database may have a slash, and any may have an at sign.
func redactUserinfo(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		n := strings.Index(text[i:], ":/")
		if n < 0 {
			break
		}
		scheme := text[done : i+n]
		i += n + len(":/")
		if strings.HasPrefix(text[i:], "/") {
			i++
		} else if !isWeb(scheme) { // a web server may have taken one of its slashes away
			continue
		}
		address := text[i:]
		if n := strings.IndexAny(address, " \t\r\n\f\""); n >= 0 {
			address = address[:n]
		}
		at := strings.LastIndexByte(address, '@')
		if at < 0 { // neither has any URL within this one
			i += len(address)
			continue
		}
		if isWeb(scheme) {
			at = webUserinfo(address, at)
		}
		if at <= 0 {
			continue
		}
		out.WriteString(text[done:i])
		out.WriteString(Mask)
		i += at
		done = i
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

func isWeb(before string) bool {
	for _, scheme := range []string{"http", "https", "ws", "wss"} {
		if n := len(before) - len(scheme); n >= 0 && strings.EqualFold(before[n:], scheme) &&
			(n == 0 || !isAlphanumeric(before[n-1])) {
			return true
		}
	}
	return false
}

// webUserinfo is where the userinfo of a web address ends whose last at sign is
// there, or -1: paths and queries have at signs of their own.
func webUserinfo(address string, last int) int {
	authority := address
	if n := strings.IndexAny(address, "/?#"); n >= 0 {
		authority = address[:n]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		return at
	}
	_, port, found := strings.Cut(authority, ":")
	if found && authority[0] != '[' && strings.Trim(port, "0123456789") != "" {
		return last // no port, so a password's first part
	}
	return -1
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
