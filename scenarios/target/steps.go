package target

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness"
)

// verb is one thing that a customer of an own story can do. TIME in its form stands for
// a time of the story, and N for a number.
type verb struct {
	form string
	does func(c *harness.Customer, d time.Duration, n int)
}

// verbs are all of them.
var verbs = []verb{
	{"opens the page", func(c *harness.Customer, _ time.Duration, _ int) { c.Opens() }},
	{"submits", func(c *harness.Customer, _ time.Duration, _ int) { c.Submits() }},
	{"submits again", func(c *harness.Customer, _ time.Duration, _ int) { c.ClicksAgain() }},
	{"double-clicks", func(c *harness.Customer, _ time.Duration, _ int) { c.DoubleClicks() }},
	{"waits TIME", func(c *harness.Customer, d time.Duration, _ int) { c.Waits(d) }},
	{string(observe.WaitsToBeTold), func(c *harness.Customer, _ time.Duration, _ int) { c.WaitsToBeTold() }},
	{"waits to be told for TIME", func(c *harness.Customer, d time.Duration, _ int) { c.WaitsToBeTold(d) }},
	{"reloads", func(c *harness.Customer, _ time.Duration, _ int) { c.Reloads() }},
	{"opens another tab", func(c *harness.Customer, _ time.Duration, _ int) { c.NewTab(); c.Opens() }},
	{"turns to tab N", func(c *harness.Customer, _ time.Duration, n int) { c.TurnsTo(n) }},
	{"changes the basket to N", func(c *harness.Customer, _ time.Duration, n int) { c.ChangesBasket(n) }},
	{string(observe.GoesBack), func(c *harness.Customer, _ time.Duration, _ int) { c.GoesBack() }},
	{paysThere, func(c *harness.Customer, _ time.Duration, _ int) { c.PaysAtProvider() }},
	{anotherCardThere, func(c *harness.Customer, _ time.Duration, _ int) { c.PaysWithAnotherCard(provider.NoFunds) }},
	{saysNoThere, func(c *harness.Customer, _ time.Duration, _ int) { c.DeclinesAtProvider() }},
	{returns, func(c *harness.Customer, _ time.Duration, _ int) { c.ReturnsToShop() }},
	{returnsElsewhere, func(c *harness.Customer, _ time.Duration, _ int) { c.ReturnsInAnotherBrowser() }},
	{closesLid, func(c *harness.Customer, d time.Duration, _ int) { c.ClosesLid(d) }},
	{"goes away", func(c *harness.Customer, _ time.Duration, _ int) { c.Leaves() }},
}

// closesLid is how she closes the lid of her computer, and opens it later.
const closesLid = string(observe.ClosesLid) + " for TIME"

// What a customer does on the provider's page, and after it.
const (
	paysThere        = "pays at the provider"
	anotherCardThere = "pays with another card at the provider"
	saysNoThere      = "declines at the provider"
	returns          = "returns to the shop"
	returnsElsewhere = "returns in another browser"
)

// read takes a text apart, if the verb is its verb.
func (v verb) read(text string) (d time.Duration, n int, is bool, err error) {
	form := regexp.QuoteMeta(v.form)
	form = strings.NewReplacer("TIME", `([0-9][0-9a-z.]*)`, "N", `([0-9]{1,4})`).Replace(form)
	found := regexp.MustCompile("^" + form + "$").FindStringSubmatch(text)
	if found == nil {
		return 0, 0, false, nil
	}
	switch {
	case strings.Contains(v.form, "TIME"):
		if d, err = time.ParseDuration(found[1]); err == nil && (d <= 0 || d > longestWait) {
			err = fmt.Errorf("a customer waits for more than 0s, and %s at most", longestWait)
		}
	case strings.HasSuffix(v.form, "N"):
		n, err = strconv.Atoi(found[1])
	}
	return d, n, true, err
}

const longestWait = 24 * time.Hour

// move is what one customer does.
type move struct {
	verb
	who string
	d   time.Duration
	n   int
}

// course is what customers do, one after the other.
type course struct {
	moves []move
	tabs  map[string]int // how many each customer has opened
	away  map[string]bool
}

var stepForm = regexp.MustCompile(`^([a-z0-9]{1,20}) +(.+)$`)

// add reads a step such as “ana waits 10s”.
func (s *course) add(text string) error {
	found := stepForm.FindStringSubmatch(text)
	if found == nil {
		return fmt.Errorf("invalid step %q: want a customer's name, of small letters and digits, and what she does, such as “ana submits”", text)
	}
	for _, v := range verbs {
		d, n, is, err := v.read(strings.Join(strings.Fields(found[2]), " "))
		if err != nil {
			return fmt.Errorf("invalid step %q: %w", text, err)
		}
		if is {
			s.moves = append(s.moves, move{v, found[1], d, n})
			return s.follow(text)
		}
	}
	var forms []string
	for _, v := range verbs {
		forms = append(forms, "“"+v.form+"”")
	}
	return fmt.Errorf("invalid step %q: a customer %s; TIME is such as 10s, and N a number", text, strings.Join(forms, ", "))
}

// follow keeps count of tabs, so that nobody turns to one that she has not.
func (s *course) follow(text string) error {
	if s.tabs == nil {
		s.tabs, s.away = map[string]int{}, map[string]bool{}
	}
	last := s.moves[len(s.moves)-1]
	who, none := last.who, s.tabs[last.who] == 0 || s.away[last.who]
	switch last.form {
	case "turns to tab N":
		if last.n < 1 || last.n > s.tabs[who] {
			return fmt.Errorf("invalid step %q: by then %s has %d", text, who, s.tabs[who])
		}
		s.away[who] = false
	case string(observe.GoesBack):
		if none {
			return fmt.Errorf("invalid step %q: no page is open then", text)
		}
	case "goes away":
		s.away[who] = true
	case returns:
		if none {
			return fmt.Errorf("invalid step %q: by then %s was not sent to the provider", text, who)
		}
	case "opens another tab", returnsElsewhere:
		s.tabs[who]++
		s.away[who] = false
	case "waits TIME", string(observe.WaitsToBeTold), "waits to be told for TIME", closesLid:
	default:
		if none {
			s.tabs[who]++
			s.away[who] = false
		}
	}
	return nil
}

// has says whether somebody does what has this form.
func (s *course) has(form string) bool {
	return slices.ContainsFunc(s.moves, func(m move) bool { return m.form == form })
}

func (s *course) play(stage *harness.Stage) {
	customers := map[string]*harness.Customer{}
	for _, m := range s.moves {
		if customers[m.who] == nil {
			customers[m.who] = stage.Customer(m.who)
		}
		m.does(customers[m.who], m.d, m.n)
	}
}
