package target

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// named is a name in the shop's reference of a payment, and what the shop makes of its
// value: ${order | sha256 | cut 20}.
type named struct {
	text      string // as it is written
	name      string
	functions []string
}

// functions are what a reference may make of a value. “cut 20” is another one.
var functions = map[string]func(string) string{
	"sha256": func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) },
	"sha1":   func(s string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(s))) },
	"md5":    func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) },
	"upper":  strings.ToUpper,
}

// A reference is cut to a length at which no two orders share one.
const shortestCut, longestCut = 8, 128

// hashable are the names whose values are known of every customer.
var hashable = []string{"order", "basket", "customer"}

func newNamed(text string) named {
	parts := strings.Split(text, "|")
	n := named{text: text, name: strings.TrimSpace(parts[0])}
	for _, part := range parts[1:] {
		n.functions = append(n.functions, strings.Join(strings.Fields(part), " "))
	}
	return n
}

// wrong says what is wrong with the functions, or "".
func (n named) wrong() string {
	for _, f := range n.functions {
		number, cuts := strings.CutPrefix(f, "cut")
		length, err := strconv.Atoi(strings.TrimSpace(number))
		switch {
		case functions[f] != nil:
		case !cuts:
			return fmt.Sprintf("invalid function %q in ${%s}: want sha256, sha1, md5, upper or cut N, such as ${order | sha256 | cut 20}", f, n.text)
		case err != nil || length < shortestCut || length > longestCut:
			return fmt.Sprintf("invalid function %q in ${%s}: want cut and a number from %d to %d, such as cut 20", f, n.text, shortestCut, longestCut)
		}
	}
	if len(n.functions) > 0 && !slices.Contains(hashable, n.name) {
		return fmt.Sprintf("${%s} cannot be followed back to a customer: functions are for %s; capture it as order", n.text, strings.Join(hashable, ", "))
	}
	return ""
}

// of is what the shop makes of a value.
func (n named) of(value string) string {
	for _, f := range n.functions {
		if makes := functions[f]; makes != nil {
			value = makes(value)
			continue
		}
		length, _ := strconv.Atoi(strings.TrimPrefix(f, "cut ")) // it was checked
		value = value[:min(len(value), length)]
	}
	return value
}

// form is a pattern that has what is made of any value: of a hash, its length is known.
func (n named) form() string {
	hashed := slices.ContainsFunc(n.functions, func(f string) bool { return f != "upper" && functions[f] != nil })
	if !hashed {
		return "(.+?)"
	}
	return fmt.Sprintf("([0-9A-Fa-f]{%d})", len(n.of("")))
}

// matcher reads the shop's name for a payment: what in it is a customer's.
type matcher struct {
	form  *regexp.Regexp
	names []named
}

// newMatcher makes a matcher of “${order}-*”.
func newMatcher(reference string) matcher {
	var m matcher
	var form strings.Builder
	form.WriteString("^")
	for reference != "" {
		at := described.Placeholder.FindStringSubmatchIndex(reference)
		star := strings.IndexByte(reference, '*')
		switch {
		case at != nil && (star < 0 || at[0] < star):
			n := newNamed(reference[at[2]:at[3]])
			form.WriteString(regexp.QuoteMeta(reference[:at[0]]) + n.form())
			m.names = append(m.names, n)
			reference = reference[at[1]:]
		case star >= 0:
			form.WriteString(regexp.QuoteMeta(reference[:star]) + ".*")
			reference = reference[star+1:]
		default:
			form.WriteString(regexp.QuoteMeta(reference))
			reference = ""
		}
	}
	m.form = regexp.MustCompile(form.String() + "$")
	return m
}

// read says what the names of the description stand for in a reference, by how they are
// written there.
func (m matcher) read(reference string) map[string]string {
	found := m.form.FindStringSubmatch(reference)
	if found == nil {
		return nil
	}
	values := map[string]string{}
	for i, n := range m.names {
		values[n.text] = found[i+1]
	}
	return values
}

// means says whether what was read names this value.
func (m matcher) means(read map[string]string, name, value string) bool {
	return read != nil && slices.ContainsFunc(m.names, func(n named) bool { return n.name == name && n.of(value) == read[n.text] })
}
