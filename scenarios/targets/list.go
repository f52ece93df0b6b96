package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

// defect is a row of testdata/targets/defects.yaml.
type defect struct {
	Name     string
	Sample   string // the shop that has it, see listed
	Wrong    string
	After    string
	Breaks   []string // the standard promises of which one breaks
	Customer string   // what she does; "": she buys
	Schedule []written
	Twin     string
	Excused  string // why exploring a plain purchase need not find it
}

// written is an injection of a schedule, as the list writes it.
type written struct{ harness.Injection }

// UnmarshalYAML reads what Injection.String writes.
func (i *written) UnmarshalYAML(n *yaml.Node) error { return i.UnmarshalText([]byte(n.Value)) }

// schedule is the smallest that is expected to show the defect.
func (d defect) schedule() (s harness.Schedule) {
	for _, one := range d.Schedule {
		s = append(s, one.Injection)
	}
	return s
}

// readList reads the list and looks whether each row is whole.
func readList(path string) (list []defect, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	known := map[string]bool{}
	for _, d := range list {
		if err := d.check(); err != nil {
			return nil, fmt.Errorf("%s: defect %q: %w", path, d.Name, err)
		}
		if known[d.Name] {
			return nil, fmt.Errorf("%s: defect %q stands there twice", path, d.Name)
		}
		known[d.Name] = true
	}
	return list, nil
}

var nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (d defect) check() error {
	switch {
	case !nameForm.MatchString(d.Name):
		return errors.New("invalid name: want words in lower case with hyphens between")
	case !slices.Contains(listed(), d.Sample):
		return fmt.Errorf("invalid sample %q: want one of %s", d.Sample, strings.Join(listed(), ", "))
	case d.Wrong == "" || d.Twin == "" || d.After == "":
		return errors.New("“wrong”, “after” and “twin” are needed, a sentence each")
	case len(d.Breaks) == 0:
		return errors.New("“breaks” is needed: a defect breaks a promise")
	case scripts[d.Customer] == nil:
		return fmt.Errorf("invalid customer %q: want one of %q", d.Customer, slices.Sorted(maps.Keys(scripts)))
	case d.Customer == buys && len(d.Schedule) == 0:
		return errors.New("“schedule” is needed: without a fault the shop sells correctly")
	}
	for _, name := range d.Breaks {
		if !slices.ContainsFunc(harness.StandardPromises(), func(p harness.Promise) bool { return p.Name == name }) {
			return fmt.Errorf("%q is no standard promise", name)
		}
	}
	return nil
}

// What a customer may do; the list says the others in its own words.
const (
	buys          = ""
	changesBasket = "changes the basket in another tab"
)

// scripts are what customers do. An exploration knows the plain purchase alone.
var scripts = map[string]func(*harness.Stage){
	buys: func(s *harness.Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	},
	"double-clicks": func(s *harness.Stage) {
		ana := s.Customer("ana")
		ana.DoubleClicks()
		ana.WaitsToBeTold()
	},
	changesBasket: func(s *harness.Stage) {
		ana := s.Customer("ana")
		ana.Opens()
		ana.NewTab()
		ana.Opens()
		ana.TurnsTo(1)
		ana.Submits()
		ana.Waits(5 * time.Second)
		ana.TurnsTo(2)
		ana.ChangesBasket(2)
		ana.WaitsToBeTold()
	},
	// Two customers, who need not come at once.
	"buys, and another one wants the same": func(s *harness.Stage) {
		ana, ben := s.Customer("ana"), s.Customer("ben")
		ana.Opens()
		ben.Opens()
		ana.Submits()
		s.Waits(3 * time.Second)
		ben.Submits()
		ana.WaitsToBeTold(2 * time.Minute)
		ben.WaitsToBeTold(time.Minute)
	},
	// Her page, or a proxy before the shop, sends the submit once more when all is over.
	"buys and sends the same again": func(s *harness.Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(2 * time.Minute)
		ana.Waits(30 * time.Second)
		ana.ClicksAgain()
		ana.Waits(time.Minute)
	},
}

// story is what is staged: a plain purchase, or another word of the customer's.
func (d defect) story() harness.Story {
	return harness.Story{
		ID: corpus.Plain, Plot: "Ana buys, and something goes wrong.",
		Injections: d.schedule(), Script: scripts[d.Customer],
		Shop: harness.Shop{ChangesBasket: d.Customer == changesBasket},
	}
}
