package target

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Problem is one thing that a description must not say, and where.
type Problem struct {
	File         string
	Line, Column int
	Place        string // "customer.submit"
	Says         string // what is wrong, and what to write instead

	at    []string // the same place, part by part
	cause bool     // a key or the provider is unknown, so that others may follow from it
}

func (p Problem) String() string {
	place := p.Place
	if place != "" {
		place += ": "
	}
	return fmt.Sprintf("%s:%d:%d: %s%s", p.File, p.Line, p.Column, place, p.Says)
}

// Problems are all that is wrong with a description, a line each.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// Schema is the JSON Schema of a description, for editors.
//
//go:embed schema.json
var Schema string

// schema is the schema, and its text, in which the advice stands.
type schema struct {
	compiled *jsonschema.Schema
	text     any
}

func loadSchema(source string) schema {
	text, err := jsonschema.UnmarshalJSON(strings.NewReader(source))
	compiler := jsonschema.NewCompiler()
	if err == nil {
		err = compiler.AddResource("schema.json", text)
	}
	var compiled *jsonschema.Schema
	if err == nil {
		compiled, err = compiler.Compile("schema.json")
	}
	if err != nil {
		panic(err) // the file is part of the program
	}
	return schema{compiled, text}
}

// againstSchema holds a document to a schema.
func againstSchema(file string, root *yaml.Node, source string) (found Problems) {
	value, err := plain(root)
	if err != nil {
		return Problems{{File: file, Line: root.Line, Column: root.Column, Says: err.Error()}}
	}
	s := loadSchema(source)
	var wrong *jsonschema.ValidationError
	if errors.As(s.compiled.Validate(value), &wrong) {
		s.collect(wrong, func(place []string, says string) {
			n := nodeAt(root, place)
			unknown := strings.HasPrefix(says, unknownKey)
			if unknown {
				n = keyAt(root, place)
			}
			if strings.HasPrefix(says, "a duration ") && (n.Tag == "!!int" || n.Tag == "!!float") && n.Value != "0" {
				says = fmt.Sprintf("%s has no unit: write %[1]ss where it is seconds; %s", n.Value, says)
			}
			found = append(found, Problem{File: file, Line: n.Line, Column: n.Column, Place: spell(place), Says: says, at: place, cause: unknown})
		})
	}
	found = found.withoutWhole()
	found.sort()
	return slices.CompactFunc(found, func(a, b Problem) bool { return a.String() == b.String() })
}

// dropTwins takes out what a mapping says a second time, and tells it.
func dropTwins(file string, n *yaml.Node, place ...string) (found Problems) {
	for i := 0; i < len(n.Content); i++ {
		below := n.Content[i]
		if n.Kind != yaml.MappingNode {
			found = append(found, dropTwins(file, below, append(slices.Clone(place), strconv.Itoa(i))...)...)
			continue
		}
		if i%2 != 0 {
			found = append(found, dropTwins(file, below, append(slices.Clone(place), n.Content[i-1].Value)...)...)
			continue
		}
		for j := 0; j < i; j += 2 {
			if first := n.Content[j]; first.Kind == yaml.ScalarNode && first.Value == below.Value && first.Tag == below.Tag {
				at := append(slices.Clone(place), below.Value)
				found = append(found, Problem{File: file, Line: below.Line, Column: below.Column, Place: spell(at), at: at,
					Says: fmt.Sprintf("%s is already defined in line %d: keep one of them", below.Value, first.Line)})
				n.Content = slices.Delete(n.Content, i, i+2)
				i--
				break
			}
		}
	}
	return found
}

// withoutWhole leaves out what is said of a mapping as a whole, such as what it lacks, where
// one of its keys is unknown: that may be the one.
func (p Problems) withoutWhole() Problems {
	return slices.DeleteFunc(slices.Clone(p), func(whole Problem) bool {
		return slices.ContainsFunc(p, func(other Problem) bool {
			return other.cause && slices.Equal(whole.at, other.at[:len(other.at)-1])
		})
	})
}

// haveCause says whether one of them may be why others are told.
func (p Problems) haveCause() bool {
	return slices.ContainsFunc(p, func(one Problem) bool { return one.cause })
}

// without leaves out the problems that may come of these alone: at the same place, below
// it or above it, and of what a story needs.
func (p Problems) without(more Problems) (list Problems) {
	for _, m := range more {
		if !slices.ContainsFunc(p, func(other Problem) bool {
			shared := min(len(m.at), len(other.at))
			return slices.Equal(m.at[:shared], other.at[:shared]) || len(m.at) == 2 && m.at[0] == "stories"
		}) {
			list = append(list, m)
		}
	}
	return list
}

// sort orders them by their lines, what others may follow from first.
func (p Problems) sort() {
	slices.SortFunc(p, func(a, b Problem) int { return strings.Compare(a.order(), b.order()) })
}

func (p Problem) order() string {
	return fmt.Sprintf("%t %08d %08d %s", !p.cause, p.Line, p.Column, p.Says)
}

// plain is a YAML value as JSON has it.
func plain(n *yaml.Node) (any, error) {
	var value any
	if err := n.Decode(&value); err != nil {
		return nil, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("a name that is no text: %w", err)
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
}

// collect tells the innermost things that are wrong. Where the schema has advice
// for a choice that failed, that is told instead of every way in which it did.
func (s schema) collect(e *jsonschema.ValidationError, tell func([]string, string)) {
	part := s.part(e.SchemaURL)
	advice, _ := part["$comment"].(string)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			says := unknownName(name, part)
			if _, patterned := part["patternProperties"]; patterned {
				says = fmt.Sprintf("%q is no name here: %s", name, advice)
			}
			tell(append(slices.Clone(e.InstanceLocation), name), says)
		}
		return
	case *kind.Required:
		if _, choice := part["properties"]; choice {
			tell(e.InstanceLocation, "it lacks "+strings.Join(k.Missing, ", "))
			return
		}
	case *kind.OneOf, *kind.AnyOf, *kind.Not, *kind.Pattern, *kind.Const, *kind.Type:
		if advice != "" {
			tell(e.InstanceLocation, advice)
			return
		}
	case *kind.Enum:
		tell(e.InstanceLocation, fmt.Sprintf("%v is none of %s", k.Got, list(k.Want)))
		return
	}
	if len(e.Causes) == 0 {
		text := e.ErrorKind.LocalizedString(message.NewPrinter(language.English))
		if described, has := part["description"].(string); has {
			text += "; " + described
		}
		tell(e.InstanceLocation, text)
	}
	for _, cause := range e.Causes {
		s.collect(cause, tell)
	}
}

// part is the part of the schema that an address names.
func (s schema) part(address string) map[string]any {
	_, fragment, _ := strings.Cut(address, "#")
	fragment, err := url.PathUnescape(fragment) // the names in it are patterns, here and there
	if err != nil {
		return nil
	}
	p, err := jsonpointer.New(fragment)
	if err != nil {
		return nil
	}
	part, _, err := p.Get(s.text)
	if err != nil {
		return nil
	}
	object, _ := part.(map[string]any)
	return object
}

func list(values []any) string {
	words := make([]string, len(values))
	for i := range values {
		words[i] = fmt.Sprint(values[i])
	}
	return strings.Join(words, ", ")
}

// nodeAt finds the node at a place, or the innermost one on the way to it. keyAt finds its
// key, also where its value is one word.
func nodeAt(n *yaml.Node, place []string) *yaml.Node { return find(n, place, false) }
func keyAt(n *yaml.Node, place []string) *yaml.Node  { return find(n, place, true) }

func find(n *yaml.Node, place []string, key bool) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if len(place) == 0 {
		return n
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value != place[0] {
				continue
			}
			if len(place) == 1 && (key || n.Content[i+1].Kind == yaml.MappingNode || n.Content[i+1].Kind == yaml.SequenceNode) {
				return n.Content[i] // a person looks for the name
			}
			return find(n.Content[i+1], place[1:], key)
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(place[0]); err == nil && i >= 0 && i < len(n.Content) {
			return find(n.Content[i], place[1:], key)
		}
	}
	return n
}

func spell(place []string) string { return strings.Join(place, ".") }
