package injection

import (
	"errors"
	"fmt"
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// ErrNoRoute says that a shop has no message of an operation.
var ErrNoRoute = errors.New("no route")

// Resolve gives each injection on an operation the hop, method and path by which
// the routes spell it. Its error, an ErrNoRoute, names an operation that they lack.
// Injections on a path are left as they are.
func (s Schedule) Resolve(routes observe.Routes) (Schedule, error) {
	resolved := slices.Clone(s)
	for i, one := range s {
		if one.Fault.IsDecision() { // of a customer, wherever she pays
			resolved[i].Hop = observe.PayingHop
			continue
		}
		if one.Operation == "" {
			if hops := hopsOf(routes); one.Hop != "" && !slices.Contains(hops, one.Hop) {
				return nil, fmt.Errorf("injection %q: no hop %q: the shop has %v", one, one.Hop, hops)
			}
			continue
		}
		spelled := routes.Of(one.Operation)
		if len(spelled) == 0 {
			return nil, fmt.Errorf("injection %q: %w for %s: the shop has %v", one, ErrNoRoute, one.Operation, routes.Operations())
		}
		resolved[i].Hop = spelled[0].Hop
		resolved[i].Trigger.Method, resolved[i].Trigger.Path = "", ""
		if len(spelled) == 1 && one.IsMessage() {
			resolved[i].Trigger.Method, resolved[i].Trigger.Path = spelled[0].Method, spelled[0].Spelling()
		}
	}
	return resolved, nil
}

// hopsOf are the hops of a shop with these routes.
func hopsOf(routes observe.Routes) []observe.Hop {
	hops := observe.Hops()
	for _, r := range routes {
		if !slices.Contains(hops, r.Hop) {
			hops = append(hops, r.Hop)
		}
	}
	return hops
}

// Named names the operations of injections that were written with the paths of
// these routes, as earlier versions did. A path that no route spells stays.
func (s Schedule) Named(routes observe.Routes) Schedule {
	named := slices.Clone(s)
	for i, one := range s {
		if one.Operation != "" || !one.IsMessage() {
			continue
		}
		var operations []observe.Operation
		for _, r := range routes {
			any := one.Trigger.Method == "*"
			if r.Hop == one.Hop && (any || r.Method == one.Trigger.Method) && observe.SameTemplate(r.Spelling(), one.Trigger.Path) {
				operations = append(operations, r.Operation)
			}
		}
		if len(operations) > 0 {
			named[i].Operation = observe.OneOf(operations...)
		}
	}
	return named
}

// isMessage says whether the injection waits for a message.
func (s Injection) IsMessage() bool {
	return s.Trigger.Phase != "" || s.Trigger.Method != "" || s.Trigger.Path != ""
}

// fits says whether a message, as a tap saw it, is one that the injection waits for.
func (s Injection) Fits(hop observe.Hop, operation observe.Operation, method, path string) bool {
	if s.Operation != "" && (operation != "" || s.Trigger.Method == "") {
		return s.Operation.Has(operation)
	}
	return s.Hop == hop && (s.Trigger.Method == "*" || s.Trigger.Method == method) && observe.MatchPath(s.Trigger.Path, path)
}

// waitsFor names the messages that the injection waits for.
func (s Injection) WaitsFor() string {
	if s.Operation != "" {
		return string(s.Operation)
	}
	return s.Trigger.Method + " " + s.Trigger.Path
}
