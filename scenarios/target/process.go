package target

import (
	"cmp"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// Address is the host and port of a service that runs already.
func (t *Target) Address() (string, error) {
	at, err := url.Parse(t.Service.URL)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(at.Hostname(), cmp.Or(at.Port(), "80")), nil
}

// Start is how a process of the shop is started, with all that the description names. No
// shell reads it, and of our own environment it gets PATH and what is inherited
// by name.
func (t *Target) Start(p Process, f Facts, clock units.Clock) (process.Command, error) {
	return t.command(p.Command, p.Folder, p.Environment, f, clock)
}

// Forget is the command with which the shop is made to forget; ok says whether
// there is one.
func (t *Target) Forget(f Facts, clock units.Clock) (c process.Command, ok bool, err error) {
	if len(t.Reset.Command) == 0 {
		return c, false, nil
	}
	c, err = t.command(t.Reset.Command, t.Service.Folder, t.Service.Environment, f, clock)
	return c, true, err
}

func (t *Target) command(words []string, folder string, environment map[string]string, f Facts, clock units.Clock) (process.Command, error) {
	program, err := t.program(words[0])
	if err != nil {
		return process.Command{}, err
	}
	folder, err = t.workFolder(folder)
	if err != nil {
		return process.Command{}, err
	}
	command := process.Command{Path: program, Dir: folder, Env: []string{"PATH=" + os.Getenv("PATH")}, Everybody: true}
	for _, word := range words[1:] {
		command.Args = append(command.Args, f.fill(word, clock))
	}
	for _, name := range t.Service.Inherit {
		if value, set := os.LookupEnv(name); set {
			command.Env = append(command.Env, name+"="+value)
		}
	}
	for name, text := range environment {
		command.Env = append(command.Env, name+"="+f.fill(text, clock))
	}
	slices.Sort(command.Env)
	return command, nil
}

// Secrets are what no record may have of the service's environment: the values of
// secrets' names, and whatever is inherited, for nobody here knows what that is.
func (t *Target) Secrets(f Facts, clock units.Clock) (list []string) {
	for _, name := range t.Service.Inherit {
		list = append(list, partsOf(os.Getenv(name))...)
	}
	for _, p := range append(t.Shop(), Process{Environment: t.Service.Environment}) {
		for name, text := range p.Environment {
			if redact.IsSecretName(name) && described.Placeholder.FindString(text) != text { // a fact is the world's own
				list = append(list, partsOf(f.fill(text, clock))...)
			}
		}
	}
	return list
}

// partsOf are the parts of a secret that may stand alone: the lines of a key,
// written on several or on one, the texts in a JSON value, and the password of an
// address.
func partsOf(secret string) (list []string) {
	var value any
	if json.Unmarshal([]byte(secret), &value) == nil {
		list = textsIn(value)
	}
	list = append(list, secret)
	for _, text := range slices.Clone(list) {
		list = append(list, strings.FieldsFunc(strings.ReplaceAll(text, `\n`, "\n"), func(r rune) bool { return r == '\n' || r == '\r' })...)
	}
	if address, err := url.Parse(secret); err == nil {
		password, _ := address.User.Password()
		list = append(list, password)
	}
	return list
}

// textsIn are all texts of a JSON value.
func textsIn(value any) (list []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, part := range v {
			list = append(list, textsIn(part)...)
		}
	case map[string]any:
		for _, part := range v {
			list = append(list, textsIn(part)...)
		}
	}
	return list
}

// Times of a shop, where the description does not say.
const (
	defaultWithin = 60 * time.Second // real time; a busy machine starts a large service slowly
	defaultQuiet  = 60 * time.Second

	defaultTimeOut   = 45 * time.Second
	defaultLookEvery = 2 * time.Second
	// defaultLookFor is longer than any customer waits to be told (five minutes,
	// where a story says nothing else), so that what heals late is still seen.
	defaultLookFor = 30 * time.Minute
)

// ReadyWithin is how long the service may take to be ready, in real time.
func (t *Target) ReadyWithin() time.Duration { return t.Service.Within.or(defaultWithin) }

// QuietFor is for how long nothing moves before the shop is at rest.
func (t *Target) QuietFor() time.Duration { return t.Quiet.or(defaultQuiet) }
