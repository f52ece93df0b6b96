package target

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Target is a shop as its file describes it.
type Target struct {
	Version int     `yaml:"version"`
	Name    string  `yaml:"name"`
	Service Service `yaml:"service"`
	// Processes are the shop's, where it has several, in the order of the file.
	Processes processes `yaml:"processes"`
	Reset     Reset     `yaml:"reset"`
	Database  string    `yaml:"database"`
	Clock     divisor   `yaml:"clock"`
	Quiet     duration  `yaml:"quiet"`
	Webhooks  string    `yaml:"webhooks"` // a path; "": it takes none
	Payments  Payments  `yaml:"payments"`
	Shipping  Shipping  `yaml:"shipping"`
	Money     Money     `yaml:"money"`
	Customer  Customer  `yaml:"customer"`
	// Callees are further services that the shop calls, by name.
	Callees    map[string]Callee `yaml:"callees"`
	Fulfilment *Fulfilment       `yaml:"fulfilment"`
	Stories    []story           `yaml:"stories"`
	Explore    Explore           `yaml:"explore"`

	folder   string // the file's
	provider provider.Kind
}

// Explore is how the shop is explored.
type Explore struct {
	AtOnce int `yaml:"at_once"` // shops that run at the same time at most; 0: nobody says
	// WholeQuiet says that every run waits for the whole quiet time.
	WholeQuiet bool `yaml:"whole_quiet"`
}

// Service is how the service is started, or where it runs.
type Service struct {
	Command     []string          `yaml:"command"`
	Folder      string            `yaml:"folder"`
	Environment map[string]string `yaml:"environment"`
	Inherit     []string          `yaml:"inherit"`
	Ready       Ready             `yaml:"ready"`
	Within      duration          `yaml:"within"` // real time
	URL         string            `yaml:"url"`
	Replicas    int               `yaml:"replicas"`
	// Elsewhere are hosts of other machines that the service writes down and never calls.
	Elsewhere []string `yaml:"elsewhere"`
}

// Ready is how one knows that the service listens.
type Ready struct {
	Get  string `yaml:"get"`
	Line string `yaml:"line"`
}

// Reset is how the shop forgets what it knew: by a restart where nothing else is
// said.
type Reset struct {
	Command []string `yaml:"command"`
	Post    string   `yaml:"post"`
}

// UnmarshalYAML takes the word “restart” too.
func (r *Reset) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return nil
	}
	type plain Reset
	return n.Decode((*plain)(r))
}

// Payments is what the shop and the provider have to know of each other.
type Payments struct {
	Provider  string `yaml:"provider"`
	Port      int    `yaml:"port"`
	Reference string `yaml:"reference"`
	// TLS says that the shop's client calls HTTPS only; the shop is told whom to trust.
	TLS bool `yaml:"tls"`
	// Script says that the shop's page loads the provider's script, and that she pays there.
	Script bool `yaml:"script"`
	// ThreeDSecure says that each customer's bank wants her to authenticate what she pays.
	ThreeDSecure bool `yaml:"three_d_secure"`
	// GivesUpAfter is how long the shop waits for an approval; 0: nobody knows.
	GivesUpAfter duration `yaml:"gives_up_after"`
	// WebhookSecret is what webhooks are signed with, where the service runs
	// already.
	WebhookSecret string `yaml:"webhook_secret"`
	// Account is what the shop knows its account with the provider by, where it is
	// not what the provider's package presets: see provider.Kind. Own are those that
	// the schema knows by name.
	Account map[string]string `yaml:"account"`
	Own     map[string]string `yaml:",inline"`
}

// account is all that the description says of the account.
func (p Payments) account() map[string]string {
	all := maps.Clone(p.Own)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, p.Account)
	return all
}

// Shipping is whether the shop tells a carrier.
type Shipping struct {
	Port    int  `yaml:"port"`
	Refunds bool `yaml:"refunds"` // the shop pays back what the carrier refuses
	Parcels int  `yaml:"parcels"` // in how many an order is sent; 0: in one
	None    bool
}

// UnmarshalYAML takes the word “none” too.
func (s *Shipping) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		s.None = true
		return nil
	}
	type plain Shipping
	return n.Decode((*plain)(s))
}

// Money is what the page shows, in minor units.
type Money struct {
	Amount   int64  `yaml:"amount"`
	Due      *int64 `yaml:"due"` // nil: the amount
	Currency string `yaml:"currency"`
}

// Customer is how the front end behaves.
type Customer struct {
	Browser    *Browser       `yaml:"browser"`
	Login      []request      `yaml:"login"`
	Basket     []request      `yaml:"basket"`
	Open       []request      `yaml:"open"`
	Submit     request        `yaml:"submit"`
	TimeOut    duration       `yaml:"timeout"`
	Resends    int            `yaml:"resends"`
	Silence    duration       `yaml:"silence"`
	Unanswered observe.Status `yaml:"unanswered"`
	Look       *request       `yaml:"look"`
	LookEvery  duration       `yaml:"look_every"`
	LookFor    duration       `yaml:"look_for"`
	Lost       lost           `yaml:"lost"`
	Change     *request       `yaml:"change"`
	Screens    []screen       `yaml:"screens"`
}

// Browser is the page in a real browser, by selectors; see browser.Page.
type Browser struct {
	Open     string                    `yaml:"open"`
	Submit   string                    `yaml:"submit"`
	Says     Reading                   `yaml:"says"`
	Words    map[string]observe.Status `yaml:"words"`
	Text     Reading                   `yaml:"text"`
	Amount   Reading                   `yaml:"amount"`
	Minor    bool                      `yaml:"minor"`
	Currency Reading                   `yaml:"currency"`
	Order    Reading                   `yaml:"order"`
	Basket   string                    `yaml:"basket"`
	Sends    sent                      `yaml:"sends"`
	Looks    sent                      `yaml:"looks"`
	Reads    []string                  `yaml:"reads"`
}

// Reading is one thing that can be read from a page.
type Reading struct {
	Selector  string `yaml:"selector"`
	Attribute string `yaml:"attribute"`
}

// sent is a message that a page in a browser sends: “POST /buy/{id}”, or where that
// does not tell it apart, the same with what does.
type sent struct {
	Message string `yaml:"message"`
	Where   *where `yaml:"where"`
}

// UnmarshalYAML takes the message alone too.
func (m *sent) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		m.Message = n.Value
		return nil
	}
	type plain sent
	return n.Decode((*plain)(m))
}

// where is what tells a message apart from others of its method and path: one
// place, and the text that is there.
type where struct {
	JSON   map[string]string `yaml:"json"`
	Header map[string]string `yaml:"header"`
	Query  map[string]string `yaml:"query"`
}

// duration is written “20s”, in story time unless it says otherwise.
type duration time.Duration

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *duration) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := time.ParseDuration(n.Value)
	*d = duration(parsed)
	return unread(n, err)
}

func (d duration) or(otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return time.Duration(d)
}

// divisor is what the shop's time-outs are divided by.
type divisor units.Clock

// UnmarshalYAML implements yaml.Unmarshaler.
func (c *divisor) UnmarshalYAML(n *yaml.Node) error {
	clock, err := units.ParseClock(n.Value)
	*c = divisor(clock)
	return unread(n, err)
}

// unread is an error of one value, with which the rest is read all the same.
func unread(n *yaml.Node, err error) error {
	if err == nil {
		return nil
	}
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %v", n.Line, err)}}
}

// StoryClock is what the clock is divided by: not at all, where the file says nothing,
// for a shop's time-outs are true ones unless somebody divides them.
func (t *Target) StoryClock() units.Clock { return max(units.Wall, units.Clock(t.Clock)) }

// Folder is the one that the file lies in.
func (t *Target) Folder() string { return t.folder }

// maxFile is how large a description may be.
const maxFile = 1 << 20

// Provider is the one that the shop deals with, and Account the shop's with it.
func (t *Target) Provider() provider.Kind    { return t.provider }
func (t *Target) Account() map[string]string { return t.provider.Filled(t.Payments.account()) }

// Load reads the file of that name, of a shop that deals with one of the providers.
func Load(path string, providers provider.Catalog) (*Target, error) {
	path, text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	t, root, err := parse(name, text, providers)
	wrong := Problems(nil)
	if err != nil && !errors.As(err, &wrong) {
		return nil, err
	}
	if t != nil {
		t.folder = filepath.Dir(path)
	}
	if t != nil && !wrong.haveCause() {
		wrong = append(wrong, t.checkPlaces(name, root)...)
	}
	if len(wrong) > 0 {
		wrong.sort()
		return nil, wrong
	}
	return t, nil
}

// Parse reads a description. name is what errors call it. Its error is a
// Problems where the text can be read and says what it must not.
func Parse(name string, text []byte, providers provider.Catalog) (*Target, error) {
	t, _, err := parse(name, text, providers)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// parse gives what could be read beside a Problems, so that all that is wrong is
// told at once.
func parse(name string, text []byte, providers provider.Catalog) (*Target, *yaml.Node, error) {
	root, err := readYAML(name, text)
	if err != nil {
		return nil, nil, err
	}
	found := append(dropTwins(name, root), againstSchema(name, root, Schema)...)
	t := &Target{}
	if err := root.Decode(t); err != nil && (len(found) == 0 || !errors.As(err, new(*yaml.TypeError))) {
		if len(found) > 0 {
			return nil, root, found
		}
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	} // what the schema refuses is left out of what was read, and the rest is there
	t.Customer.findAddresses()
	if found = append(found, found.without(t.check(name, root, providers, found.haveCause()))...); len(found) > 0 {
		found.sort()
		return t, root, found
	}
	return t, root, nil
}
