package redact

import "strings"

// redactParts redacts the parts of a multipart form whose names are secrets'.
func redactParts(text string) string {
	const part = "form-data;"
	var out strings.Builder
	done := 0
	for i := 0; ; {
		n := strings.Index(text[i:], part)
		if n < 0 {
			break
		}
		i += n + len(part)
		head, value, found := cutBlankLine(text[i:])
		if !found {
			break
		}
		if !isSecretName(partName(head)) {
			continue // the value of this one may be what the next one looks like
		}
		at := len(text) - len(value)
		end := len(text)
		if n := strings.Index(value, "\n--"); n >= 0 {
			end = at + n
			if n > 0 && value[n-1] == '\r' {
				end--
			}
		}
		if at < end {
			out.WriteString(text[done:at])
			out.WriteString(Mask)
			done = end
		}
		i = end
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// cutBlankLine cuts a part's header lines from its value.
func cutBlankLine(text string) (head, value string, found bool) {
	for _, blank := range []string{"\r\n\r\n", "\n\n"} {
		if head, value, found = strings.Cut(text, blank); found {
			return head, value, true
		}
	}
	return "", "", false
}

// partName is the name that a part's header gives it, which is not its file's.
func partName(head string) string {
	for field := range strings.FieldsFuncSeq(head, func(r rune) bool { return r == ';' || r == '\n' }) {
		if name, found := strings.CutPrefix(strings.TrimSpace(field), "name="); found {
			return strings.Trim(name, `"`)
		}
	}
	return ""
}

// redactElements redacts the text of XML elements whose names are secrets', and also
// where it was cut off within one.
func redactElements(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		n := strings.IndexByte(text[i:], '<')
		if n < 0 {
			break
		}
		i += n + 1
		name := text[i:]
		if n := strings.IndexAny(name, " \t\r\n>/"); n >= 0 {
			name = name[:n]
		}
		n = strings.IndexByte(text[i:], '>')
		if name == "" || !isSecretName(name) || n < 0 || text[i+n-1] == '/' {
			continue
		}
		i += n + 1
		end := len(text)
		if n := strings.Index(text[i:], "</"); n >= 0 {
			end = i + n
		}
		if i < end {
			out.WriteString(text[done:i])
			out.WriteString(Mask)
			done = end
		}
		i = end
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}
