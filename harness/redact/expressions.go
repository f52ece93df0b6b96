package redact

import (
	"mime"
	"regexp"
	"strings"
)

var (
	blankLine   = regexp.MustCompile(`\n\r?\n`)
	foldedLine  = regexp.MustCompile(`\r?\n[ \t]+`)
	credentials = regexp.MustCompile(`^(?i:bearer|basic)([ \t\r\n\f]+[\w.~+/=-]+)`)

	// shape is what may be a secret whatever it is called, at the beginning of a
	// word: a JSON Web Token (RFC 7519), signed or cut off, an access key of AWS, or
	// a key whose issuer marks it: Stripe's, its webhooks', and the client secrets of its
	// payments, which have the payment's id before them; GitHub's and Slack's tokens.
	// Stripe's publishable keys are no secrets. After a mark stands more than in a name such
	// as task_test_x, or the end of a text that was cut off.
	shape = regexp.MustCompile(`(?:^|[^\w-]|\\[a-z]|%[0-9a-fA-F]{2})` +
		`(eyJ[\w-]{5,}\.(?:eyJ[\w-]*|[\w-]+\.)[\w.-]*` +
		`|(?:AKIA|ASIA)[\w-]+` +
		`|(?:[rs]k_(?:live|test)_|whsec_|(?:pi|seti|src|cs_(?:live|test))_[0-9A-Za-z]+_secret_)(?:[\w-]{8,}|[\w-]*$)` +
		`|gh[pousr]_(?:[0-9A-Za-z]{16,}|[0-9A-Za-z]*$)|github_pat_(?:\w{16,}|\w*$)` +
		`|xox[abeprs]-(?:[0-9A-Za-z][\w-]{9,}|[\w-]*$))`)

	webScheme = regexp.MustCompile(`(?i)\b(?:https?|wss?)$`)
	// webUser is the userinfo of a web address, of which paths and queries have at
	// signs of their own. What looks like a port and is no number is the first part of
	// a password with a slash.
	webUser = regexp.MustCompile(`^(?:[^\s"/?#]+@|(?:[^\s"/?#\[][^\s"/?#]*)?:[^\s"/?#]*[^\s"/?#\d][^\s"]*@)`)
)

const lengthOfAccessKey = 20

// redactParts redacts the parts of a multipart form whose names are secrets'.
func redactParts(text string) string {
	const part = "form-data;"
	e := edit{text: text}
	headEnd, from := 0, 0 // of the head that ends next, and where its value begins
	for i := 0; ; {
		n := strings.Index(text[i:], part)
		if n < 0 {
			return e.String()
		}
		i += n + len(part)
		if headEnd < i {
			m := blankLine.FindStringIndex(text[i:])
			if m == nil {
				return e.String()
			}
			headEnd, from = i+m[0], i+m[1]
		}
		if !isSecretPart(text[i:headEnd]) {
			continue // what comes before the blank line may be a part of its own
		}
		end := len(text)
		if n := strings.Index(text[from:], "\n--"); n >= 0 {
			end = from + len(strings.TrimSuffix(text[from:from+n], "\r"))
		}
		if from < end {
			e.replace(from, end, Mask)
		}
		i = end
	}
}

// longestHead is how much of a part's head is looked at.
const longestHead = 1 << 10

// isSecretPart says whether a part has a secret's name, which is not its file's.
func isSecretPart(head string) bool {
	head = head[:min(len(head), longestHead)]
	disposition, _, _ := strings.Cut(foldedLine.ReplaceAllString(head, " "), "\n")
	_, params, err := mime.ParseMediaType("form-data;" + disposition)
	if err != nil {
		return isSecretName(strings.TrimRight(disposition, " \r\";"))
	}
	return isSecretName(params["name"])
}

// redactElements redacts the text of XML elements whose names are secrets', and
// also where it was cut off within one.
func redactElements(text string) string {
	e := edit{text: text}
	for i := 0; ; {
		n := strings.IndexByte(text[i:], '<')
		if n < 0 {
			return e.String()
		}
		i += n + 1
		name := text[i:]
		if n := strings.IndexAny(name, " \t\r\n<>/"); n >= 0 {
			name = name[:n]
		}
		if !isSecretName(name) {
			continue
		}
		if n = strings.IndexByte(text[i:], '>'); n < 0 {
			return e.String()
		}
		i += n + 1
		if text[i-2] == '/' {
			continue
		}
		end := len(text)
		if n := strings.Index(text[i:], "</"); n >= 0 {
			end = i + n
		}
		if i < end {
			e.replace(i, end, Mask)
		}
		i = end
	}
}

// redactSchemes redacts what stands after "Bearer" or "Basic".
func redactSchemes(text string) string {
	e := edit{text: text}
	for i := 0; i < len(text); i++ {
		if lower(text[i]) != 'b' || !hasPrefixFold(text[i:], "bearer") && !hasPrefixFold(text[i:], "basic") ||
			i > 0 && (isAlphanumeric(text[i-1]) || text[i-1] == '_') {
			continue
		}
		if m := credentials.FindStringSubmatchIndex(text[i:]); m != nil {
			e.replace(i+m[2], i+m[3], " "+Mask)
			i += m[1] - 1
		}
	}
	return e.String()
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// redactShapes redacts what is a secret by its shape alone.
func redactShapes(text string) string {
	if !hasShape(text) {
		return text
	}
	e := edit{text: text}
	for _, m := range shape.FindAllStringSubmatchIndex(text, -1) {
		found := text[m[2]:m[3]]
		if found[0] == 'A' && (len(found) != lengthOfAccessKey || strings.ToUpper(found) != found) {
			continue
		}
		e.replace(m[2], m[3], Mask)
	}
	return e.String()
}

// hasShape says quickly whether a shape may be in the text.
func hasShape(text string) bool {
	for _, mark := range []string{"eyJ", "AKIA", "ASIA", "k_live_", "k_test_", "whsec_", "_secret_",
		"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "xox"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

// redactUserinfo redacts the user and the password in a URL. A password in the
// address of a database may have a slash, and any may have an at sign.
func redactUserinfo(text string) string {
	if strings.IndexByte(text, '@') < 0 || !strings.Contains(text, ":/") {
		return text
	}
	e := edit{text: text}
	for i := 0; i < len(text); {
		n := strings.Index(text[i:], ":/")
		if n < 0 {
			break
		}
		i += n
		web := webScheme.MatchString(text[max(0, i-len("/https")):i])
		i += len(":/")
		if strings.HasPrefix(text[i:], "/") {
			i++
		} else if !web { // a web server may have taken one slash of a URL in a path away
			continue
		}
		address := text[i:]
		if n := strings.IndexAny(address, " \t\r\n\f\""); n >= 0 {
			address = address[:n]
		}
		at := strings.LastIndexByte(address, '@')
		if at < 0 { // nor has any URL within this one
			i += len(address)
			continue
		}
		if web {
			at = len(webUser.FindString(address)) - 1
		}
		if at > 0 {
			e.replace(i, i+at, Mask)
			i += at
		}
	}
	return e.String()
}
