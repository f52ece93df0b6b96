package harness

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
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

// mask returns e without secrets. Idempotency keys, references, baskets and
// order ids stay, whatever they look like: the judges tell orders apart by them.
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
		clean.Does, clean.Tab = MaskText(a.Does), MaskText(a.Tab)
		e.Act = &clean
	}
	if v := e.View; v != nil {
		clean := *v
		clean.Says, clean.Text, clean.Shot = MaskText(v.Says), MaskText(v.Text), MaskText(v.Shot)
		e.View = &clean
	}
	if n := e.Entry; n != nil {
		clean := *n
		clean.State = MaskText(n.State)
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
	return maskNumbers(maskUserinfo(maskSchemes(maskNamed(text))))
}

// maskNamed masks what stands after a secret's name: the value of a JSON field,
// whatever it is, of a form, a query, an environment or a log line, and also
// where the text was cut off within it.
func maskNamed(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		separator := i
		i++
		if text[separator] != ':' && text[separator] != '=' {
			continue
		}
		if from, end, quote := secretValue(text, separator); from < end {
			out.WriteString(text[done:from])
			out.WriteString(quote + Masked + quote)
			done, i = end, end
		}
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// secretValue is where the value stands that the separator gives to a secret's
// name, and the quotes around it, to be kept. It is empty if there is none.
func secretValue(text string, separator int) (from, end int, quote string) {
	name := text[:separator]
	for len(name) > 0 && strings.IndexByte(" \t\r\n", name[len(name)-1]) >= 0 {
		name = name[:len(name)-1]
	}
	closing, escapes := byte(0), 0
	if n := len(name); n > 0 && (name[n-1] == '"' || name[n-1] == '\'') {
		closing = name[n-1]
		name = strings.TrimRight(name[:n-1], `\`)
		escapes = n - 1 - len(name)
	}
	if !isSecretName(name) {
		return 0, 0, ""
	}
	at := separator + 1
	if closing == '"' && text[separator] == ':' { // JSON
		at += spaces(text[at:], " \t\r\n\f")
		end = at + jsonValue(text[at:], escapes)
		if slices.Contains([]string{"", "null", "true", "false"}, text[at:end]) {
			return 0, 0, ""
		}
		return at, end, strings.Repeat(`\`, escapes) + `"`
	}
	header := text[separator] == ':' && isHeaderOfWords(name)
	if between := " \t"; text[separator] == '=' || header {
		at += spaces(text[at:], between+"=>")
	} else {
		at += spaces(text[at:], between+"\r\n\f=>:")
	}
	if strings.HasPrefix(text[at:], "[") { // as Go prints a list
		at++
		if n := strings.IndexAny(text[at:], "]\n"); n >= 0 && text[at+n] == ']' {
			return at, at + n, ""
		}
	}
	if n := spaces(text[at:], `\`); at+n < len(text) && (text[at+n] == '"' || text[at+n] == '\'') {
		return at, at + quotedValue(text[at:], n), text[at : at+n+1]
	}
	stop := " \t\r\n\f\"&';,[]"
	switch {
	case header:
		stop = "\n\"[]" // such values have spaces
	case text[separator] == '=' && isEnvironment(name):
		stop = " \t\r\n\f\"" // no list goes on after it
	}
	value := text[at:]
	if n := strings.IndexAny(value, stop); n >= 0 {
		value = value[:n]
	}
	value = strings.TrimRight(value, `\`) // of the quote after it
	return at, at + len(value), ""
}

// spaces is how many of these characters text begins with.
func spaces(text, these string) int { return len(text) - len(strings.TrimLeft(text, these)) }

// quotedValue is the length of the quoted value that text begins with, whose
// quotes have so many backslashes before them, or 0 if the quote is the end of
// what stands before it.
func quotedValue(text string, escapes int) int {
	open := escapes + 1
	quote := text[escapes]
	if open == len(text) || text[open] <= ' ' || strings.IndexByte(",}]):;&", text[open]) >= 0 || text[open] == quote {
		return 0
	}
	backslashes, outer := 0, -1
	for i := open; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			backslashes++
			continue
		}
		before := backslashes
		backslashes = 0
		switch {
		case c == quote && before%(2*open) == escapes:
			return i + 1
		case c == '"' && quote == '"' && before < escapes:
			return i - before // the string around it ends
		case c == '"' && quote != '"' && outer < 0:
			outer = i - before
		case c == '\n' && outer < 0:
			return i
		case c == '\n':
			return outer
		}
	}
	if outer >= 0 {
		return outer
	}
	return len(text)
}

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
	for i, stem := range secretStems {
		before := len(text) - len(stem)
		switch {
		case before < 0 || !strings.EqualFold(text[before:], stem):
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

// maskSchemes masks what stands after "Bearer" or "Basic".
func maskSchemes(text string) string {
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
			out.WriteString(" " + Masked)
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

// maskUserinfo masks the user and the password in a URL. A password in the
// address of a database may have a slash, and any may have an at sign.
func maskUserinfo(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		n := strings.Index(text[i:], "://")
		if n < 0 {
			break
		}
		scheme := text[done : i+n]
		i += n + len("://")
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
		out.WriteString(Masked)
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

// maskNumbers masks the numbers of phones and cards: groups of digits with
// single spaces or hyphens between.
func maskNumbers(text string) string {
	var out strings.Builder
	done := 0
	for next := 0; ; {
		at, end := numberRun(text, next)
		if at == end {
			break
		}
		next = end
		if at > 0 && text[at-1] == '%' {
			at = min(at+2, end) // the digits of %20 are no number's
		}
		for at < end {
			n := secretNumber(text[at:end], text[end:])
			if n > 0 && !standsAlone(text[max(0, at-2*utf8.UTFMax):at]) {
				n = 0
			}
			if n > 0 {
				out.WriteString(text[done:at])
				out.WriteString(Masked)
				done = at + n
			}
			at += max(n, nextGroup(text[at:end]))
		}
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// numberRun is where the next groups of digits stand, from there on, with a
// plus before them if there is one.
func numberRun(text string, from int) (at, end int) {
	at = from
	for at < len(text) && !isDigit(text[at]) {
		at++
	}
	for end = at; end < len(text); end++ {
		c := text[end]
		if !isDigit(c) && (c != ' ' && c != '-' || end+1 == len(text) || !isDigit(text[end+1])) {
			break
		}
	}
	if from < at && at < end && text[at-1] == '+' {
		at--
	}
	return at, end
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// nextGroup is where the second group of digits begins, or the end.
func nextGroup(text string) int {
	for i := range len(text) {
		if text[i] == ' ' || text[i] == '-' {
			return i + 1
		}
	}
	return len(text)
}

// endsEscaped says whether text ends in an escaped character: \n in JSON, %2B
// in a form.
func endsEscaped(text string) bool {
	n := len(text)
	if n >= 2 && text[n-2] == '\\' && 'a' <= text[n-1] && text[n-1] <= 'z' {
		return true
	}
	return n >= 3 && text[n-3] == '%' && isHex(text[n-2]) && isHex(text[n-1])
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= lower(c) && lower(c) <= 'f' }

// standsAlone says whether a number may begin after this text. The digits of
// an id, of a UUID or after a decimal point are no number of their own.
func standsAlone(before string) bool {
	if endsEscaped(before) {
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
	if len(text) < shortestNumber {
		return 0
	}
	if group := nextGroup(text) - 1; group < 4 && text[0] != '+' && !strings.HasPrefix(text, "47") {
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
	plain := strings.ReplaceAll(strings.ReplaceAll(number, " ", ""), "-", "")
	if international, plus := strings.CutPrefix(plain, "+"); plus {
		if strings.HasPrefix(international, "47") {
			return len(international) == 10
		}
		return len(international) >= 8 && len(international) <= 15
	}
	plain = strings.TrimPrefix(plain, "00")
	return len(plain) == 10 && (strings.HasPrefix(plain, "474") || strings.HasPrefix(plain, "479"))
}

// shortestConcealed is how many characters a literal secret has at least:
// shorter ones stand in harmless words.
const shortestConcealed = 8

// concealer masks literal secrets, in every form in which they are likely to
// be written.
type concealer struct {
	secrets []string
	// forms are the secrets, themselves and in base64, by their first byte. A
	// row of backslashes counts as one: nobody knows how often it was escaped.
	forms [256][]string
}

// newConcealer conceals these secrets, or returns nil if all are too short.
func newConcealer(secrets []string) *concealer {
	c := &concealer{}
	for _, secret := range secrets {
		if utf8.RuneCountInString(secret) >= shortestConcealed && !slices.Contains(c.secrets, secret) {
			c.secrets = append(c.secrets, secret)
		}
	}
	if c.secrets == nil {
		return nil
	}
	for _, secret := range c.secrets {
		c.add(secret)
		inJSON, _ := json.Marshal(secret) // a string cannot fail
		for _, text := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), string(inJSON[1 : len(inJSON)-1])} {
			for before := range 3 {
				c.add(within64(base64.RawStdEncoding, text, before))
				c.add(within64(base64.RawURLEncoding, text, before))
			}
		}
	}
	return c
}

func (c *concealer) add(form string) {
	var plain strings.Builder
	for i := range len(form) {
		if form[i] != '\\' || i == 0 || form[i-1] != '\\' {
			plain.WriteByte(form[i])
		}
	}
	form = plain.String()
	if list := &c.forms[form[0]]; !slices.Contains(*list, form) {
		*list = append(*list, form)
	}
}

// within64 is how secret looks within base64 when so many bytes, modulo 3,
// stand before it: "Basic" has a user's name there. It leaves out the
// characters that depend on the bytes around it.
func within64(encoding *base64.Encoding, secret string, before int) string {
	text := encoding.EncodeToString(append(make([]byte, before), secret...))
	if (before+len(secret))%3 != 0 {
		text = text[:len(text)-1]
	}
	if before > 0 {
		text = text[before+1:]
	}
	return text
}

// event conceals the secrets in all that e tells; what the harness itself
// calls things stays.
func (c *concealer) event(e Event) Event {
	if c == nil {
		return e
	}
	if m := e.Message; m != nil {
		clean := *m
		c.conceal(&clean.Method, &clean.Path, &clean.Body)
		clean.Header = nil
		for name, value := range m.Header {
			c.conceal(&name, &value)
			if clean.Header == nil {
				clean.Header = make(map[string]string, len(m.Header))
			}
			clean.Header[name] = value
		}
		clean.Missing = slices.Clone(m.Missing)
		for i := range clean.Missing {
			c.conceal(&clean.Missing[i])
		}
		e.Message = &clean
	}
	if a := e.Act; a != nil {
		clean := *a
		c.conceal(&clean.Does, &clean.Basket, &clean.Order, &clean.Money, &clean.Tab)
		e.Act = &clean
	}
	if v := e.View; v != nil {
		clean := *v
		c.conceal(&clean.Says, &clean.Text, &clean.Basket, &clean.Tab, &clean.Shot)
		e.View = &clean
	}
	if n := e.Entry; n != nil {
		clean := *n
		c.conceal(&clean.Op, &clean.Reference, &clean.Key, &clean.Currency, &clean.State, &clean.Basket)
		e.Entry = &clean
	}
	if b := e.Blow; b != nil {
		clean := *b
		c.conceal(&clean.What, &clean.Text)
		e.Blow = &clean
	}
	if l := e.Life; l != nil {
		clean := *l
		c.conceal(&clean.What, &clean.Text)
		e.Life = &clean
	}
	c.conceal(&e.Text)
	return e
}

func (c *concealer) conceal(texts ...*string) {
	for _, text := range texts {
		*text = c.text(*text)
	}
}

func (c *concealer) text(text string) string {
	var out strings.Builder
	done, from, end := 0, 0, 0 // the mask to come stands for text[from:end]
	for i := range len(text) {
		until := c.at(text, i)
		if until <= end {
			continue
		}
		if i >= end && end > 0 {
			out.WriteString(text[done:from])
			out.WriteString(Masked)
			done = end
		}
		if i >= end {
			from = i
		}
		end = until // secrets may overlap
	}
	if end == 0 {
		return text
	}
	out.WriteString(text[done:from])
	out.WriteString(Masked)
	out.WriteString(text[end:])
	return out.String()
}

// at is where the longest secret ends that begins there, or 0.
func (c *concealer) at(text string, i int) int {
	if !c.mayBeginAt(text, i) {
		return 0
	}
	longest := 0
	written, n := writings(text, i)
	for _, w := range written[:n] {
		for _, form := range c.forms[w.means[0]] {
			if !strings.HasPrefix(form, w.means) || i+w.length < len(text) && !mayBegin(form[len(w.means):], text[i+w.length]) {
				continue
			}
			longest = max(longest, matchEscaped(text, i+w.length, form[len(w.means):]))
		}
	}
	return longest
}

// mayBeginAt says quickly whether a secret may begin there.
func (c *concealer) mayBeginAt(text string, i int) bool {
	first := text[i]
	if first == '%' || first == '\\' || first == '+' {
		return true
	}
	for _, form := range c.forms[first] {
		if i+1 == len(text) || mayBegin(form[1:], text[i+1]) {
			return true
		}
	}
	return false
}

// mayBegin says quickly whether a text that begins with c may be this one.
func mayBegin(form string, c byte) bool {
	return form == "" || c == form[0] || c == '%' || c == '\\' || c == '+'
}

// matchEscaped is where form ends that begins at i, however it is escaped, or 0.
func matchEscaped(text string, i int, form string) int {
	if form == "" {
		return i
	}
	if i >= len(text) {
		return 0
	}
	written, n := writings(text, i)
	for _, w := range written[:n] {
		if rest, found := strings.CutPrefix(form, w.means); found {
			if end := matchEscaped(text, i+w.length, rest); end > 0 {
				return end
			}
		}
	}
	return 0
}

// writing is what so many bytes of a text may mean.
type writing struct {
	means  string
	length int
}

// writings are the n meanings of the text from i on: in a URL, in JSON, in
// JSON within JSON, and as it is.
func writings(text string, i int) (list [4]writing, n int) {
	add := func(means string, length int) {
		list[n] = writing{means, length}
		n++
	}
	if escapes := backslashes(text[i:]); escapes > 0 {
		if means, length := escapedRune(text[i+escapes:]); length > 0 {
			add(means, escapes+length)
			add(`\`+means, escapes+length)
		}
		add(`\`, escapes)
		if text[i] == '%' {
			add("%", 1)
		}
		return list, n
	}
	if c, ok := percentEscape(text[i:]); ok {
		add(string([]byte{c}), 3)
	}
	if text[i] == '+' {
		add(" ", 1)
	}
	add(text[i:i+1], 1)
	return list, n
}

// longestRow is how many bytes of backslashes are looked at: enough for JSON
// within JSON, seven times.
const longestRow = 256

// backslashes is the length of the row of backslashes that text begins with,
// escaped for a URL or not.
func backslashes(text string) int {
	for n := 0; ; {
		if n >= longestRow {
			return n
		} else if strings.HasPrefix(text[n:], `\`) {
			n++
		} else if c, ok := percentEscape(text[n:]); ok && c == '\\' {
			n += 3
		} else {
			return n
		}
	}
}

func percentEscape(text string) (c byte, ok bool) {
	if len(text) < 3 || text[0] != '%' || !isHex(text[1]) || !isHex(text[2]) {
		return 0, false
	}
	return unhex(text[1])<<4 | unhex(text[2]), true
}

// escapedRune is what stands after backslashes in JSON, and its length.
func escapedRune(text string) (means string, length int) {
	if text == "" {
		return "", 0
	}
	if k := strings.IndexByte("nrtbf", text[0]); k >= 0 {
		return "\n\r\t\b\f"[k : k+1], 1
	}
	if strings.IndexByte(`"'/`, text[0]) >= 0 {
		return text[:1], 1
	}
	if c, ok := percentEscape(text); ok && strings.IndexByte(`"'/`, c) >= 0 {
		return string([]byte{c}), 3
	}
	r, ok := unicodeEscape(text)
	if !ok {
		return "", 0
	}
	if !utf16.IsSurrogate(r) {
		return string(r), len("u0000")
	}
	rest := text[len("u0000"):]
	gap := backslashes(rest)
	second, _ := unicodeEscape(rest[gap:])
	if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
		return "", 0
	}
	return string(r), len("u0000") + gap + len("u0000")
}

func unicodeEscape(text string) (r rune, ok bool) {
	if len(text) < len("u0000") || text[0] != 'u' {
		return 0, false
	}
	for i := 1; i < len("u0000"); i++ {
		if !isHex(text[i]) {
			return 0, false
		}
		r = r<<4 | rune(unhex(text[i]))
	}
	return r, true
}

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}
