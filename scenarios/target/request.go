package target

import (
	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

type request struct {
	Get     string            `yaml:"get"`
	Post    string            `yaml:"post"`
	Put     string            `yaml:"put"`
	Patch   string            `yaml:"patch"`
	Headers map[string]string `yaml:"headers"`
	JSON    any               `yaml:"json"`
	Form    map[string]string `yaml:"form"`
	// Multipart is a form of which each field is a part.
	Multipart map[string]string `yaml:"multipart"`
	Where     *where            `yaml:"where"`
	Follow    bool              `yaml:"follow"`
	Capture   map[string]source `yaml:"capture"`
	When      *when             `yaml:"when"`

	addresses map[string]bool // names under which a path of the shop is known
}

// when says of an open step whether it is made.
type when struct {
	Captured string  `yaml:"captured"`
	Is       *string `yaml:"is"`
}

type source struct {
	JSON   string `yaml:"json"`
	Header string `yaml:"header"`
	Cookie string `yaml:"cookie"`
	// Selector is of an element of the page, whose text it is, or whose attribute.
	Selector  string `yaml:"selector"`
	Attribute string `yaml:"attribute"`
	Units     string `yaml:"units"` // of an amount: minor (the default) or major
}

type screen struct {
	Says   observe.Status `yaml:"says"`
	Status int            `yaml:"status"`
	JSON   map[string]any `yaml:"json"`
	Text   string         `yaml:"text"`
	Shows  string         `yaml:"shows"`
}

// lost is which answers to a look say that there is no such order.
type lost struct {
	Status int            `yaml:"status"`
	JSON   map[string]any `yaml:"json"`
	Text   string         `yaml:"text"`
}

// UnmarshalYAML takes a status alone too.
func (l *lost) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&l.Status)
	}
	type plain lost
	return n.Decode((*plain)(l))
}
