package target

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/shipping"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// Own is the label of the stories that a description has.
const Own = "own"

// story is a story of the shop's own, as the description has it.
type story struct {
	ID         string   `yaml:"id"`
	Plot       string   `yaml:"plot"`
	Injections []string `yaml:"injections"`
	Steps      []string `yaml:"steps"`
	Patience   duration `yaml:"patience"`

	line int
}

// UnmarshalYAML remembers where the story stands.
func (s *story) UnmarshalYAML(n *yaml.Node) error {
	type plain story
	err := n.Decode((*plain)(s))
	s.line = n.Line
	return err
}

// plainly is what a customer does where a story does not say.
var plainly = []string{"ana submits", "ana waits to be told"}

// OwnStories are the stories that the description has, in its order. file is what they
// are told in.
func (t *Target) OwnStories(file string) (list []harness.Story) {
	for _, s := range t.Stories {
		own, _ := t.ownStory(s) // it was checked
		own.Told = fmt.Sprintf("%s:%d", file, s.line)
		list = append(list, own)
	}
	return list
}

// wrong is a mistake in a story, and where.
type wrong struct {
	says  string
	place []string // below the story
}

// ownStory is the story as it is staged, and what is wrong with it.
func (t *Target) ownStory(s story) (own harness.Story, mistakes []wrong) {
	tell := func(says string, place ...string) {
		if says != "" {
			mistakes = append(mistakes, wrong{says, place})
		}
	}
	own = harness.Story{ID: s.ID, Plot: s.Plot, Labels: []string{Own}, Patience: time.Duration(s.Patience)}
	for i, text := range s.Injections {
		one, err := t.readInjection(text)
		if err != nil {
			tell(err.Error(), "injections", strconv.Itoa(i))
			continue
		}
		own.Injections = append(own.Injections, one)
	}
	texts := s.Steps
	if len(texts) == 0 {
		texts = plainly
	}
	var script course
	for i, text := range texts {
		if err := script.add(text); err != nil {
			tell(err.Error(), "steps", strconv.Itoa(i))
		}
	}
	own.Shop.ChangesBasket, own.Shop.GoesBack = script.has("changes the basket to N"), script.has(string(observe.GoesBack))
	own.Shop.PaysAtProvider = script.has(paysThere) || script.has(saysNoThere) || script.has(anotherCardThere)
	own.Shop.AnotherCard = script.has(anotherCardThere)
	own.Script = script.play
	if len(mistakes) > 0 {
		return own, mistakes
	}
	if !script.has("submits") && !script.has("double-clicks") {
		tell("nobody submits, so the story puts nothing to the test: add a step such as “ana submits”", "steps")
	}
	if err := own.Check(); err != nil {
		tell(err.Error())
	} else if _, why := t.Story(own); why != "" {
		tell("this shop cannot play it: " + why)
	}
	return own, mistakes
}

// howToWrite is how an injection is written.
const howToWrite = "write “operation #n arrives|answered: fault”, such as “Capture #1 answered: close”, or “operation hop: fault”, such as “Capture hop: down, for 10s”"

// readInjection reads the text of an injection, which must hit something of this shop.
func (t *Target) readInjection(text string) (injection.Injection, error) {
	one, err := injection.ParseInjection(text)
	switch {
	case err != nil && one.Fault.Kind == "" && strings.Contains(text, ": "):
		return one, fmt.Errorf("%w: %s; the faults are %s", err, howToWrite, strings.Join(faults(), ", "))
	case err != nil:
		return one, fmt.Errorf("%w: %s", err, howToWrite)
	case t.noProcess(one.Fault.Process) != "":
		return one, fmt.Errorf("injection %q: %s", text, t.noProcess(one.Fault.Process))
	}
	if why := t.cannotHit(one); why != "" {
		return one, fmt.Errorf("injection %q: %s; the operations are %s", text, why, strings.Join(t.operations(), ", "))
	}
	_, err = injection.Schedule{one}.Resolve(t.AllRoutes())
	return one, err
}

func faults() (names []string) {
	for _, kind := range fault.Kinds() {
		names = append(names, string(kind.Kind))
	}
	return names
}

func (t *Target) operations() (names []string) {
	for _, o := range t.AllRoutes().Operations() {
		names = append(names, string(o))
	}
	return names
}

// cannotHit says why an injection cannot hit this shop as it is written, or "".
func (t *Target) cannotHit(one injection.Injection) string {
	if why := t.cannotStage(one.Fault); why != "" {
		return why
	}
	if one.Operation == "" || one.Fault.IsDecision() {
		return ""
	}
	for _, o := range one.Operation.Each() {
		if why := t.lacks(o); why != "" && !slices.Contains(t.AllRoutes().Operations(), o) {
			return why
		}
	}
	return ""
}

// AllRoutes are how the shop and all with whom it deals spell what their messages are
// for.
func (t *Target) AllRoutes() observe.Routes {
	if t.Shipping.None {
		return t.Routes()
	}
	return append(t.Routes(), shipping.Routes()...)
}

// checkStories looks whether each story can be staged here.
func (t *Target) checkStories(tell func(string, ...string)) {
	for i, s := range t.Stories {
		place := []string{"stories", strconv.Itoa(i)}
		if j := slices.IndexFunc(t.Stories, func(other story) bool { return other.ID == s.ID }); j < i {
			tell(fmt.Sprintf("two stories are called %q: give one of them an id of its own", s.ID), append(place, "id")...)
		}
		_, mistakes := t.ownStory(s)
		for _, m := range mistakes {
			tell(m.says, append(slices.Clone(place), m.place...)...)
		}
	}
}
