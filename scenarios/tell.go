package scenarios

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// Case is the label of the three customers' stories.
const Case = "case"

// Variant is the label of a story told in another form: on the wire's own
// clock, only the canonical forms are staged.
const Variant = "variant"

// Directed is the label of a story that aims at a step which shops often get wrong.
// Those come first.
const Directed = "directed"

// Long is the label of a story that takes hours, and is staged in virtual time
// only.
const Long = "long"

// Tell makes specs of a story and returns it. Call it from a variable of a test
// file: there is nothing else to register.
func Tell(s harness.Story) harness.Story {
	s.Told = toldAt(1)
	return tellAt(s, placeOf(1))
}

// tellAt is Tell of a story that is told at a place.
func tellAt(s harness.Story, place string) harness.Story {
	told, places = append(told, s), append(places, place)
	ginkgo.Describe(s.ID, ginkgo.Label(s.Labels...), priority(s), func() {
		stage := staging()
		if stage.Story != "" && stage.Story != s.ID {
			return
		}
		if stage.Again != nil {
			stage.tellAgain(s, *stage.Again)
			return
		}
		if !stage.has(s) {
			return
		}
		if stage.targetShop != nil {
			stage.tellTarget(s)
			return
		}
		for _, world := range stage.Worlds {
			for round := range stage.Rounds {
				stage.tell(s, world, round)
			}
		}
	})
	return s
}

// priority lets a shop's own stories come right after the control runs, and then the
// directed ones.
func priority(s harness.Story) ginkgo.SpecPriority {
	switch {
	case slices.Contains(s.Labels, target.Own):
		return 2
	case isDirected(s):
		return 1
	}
	return 0
}

// has says whether the story is staged by this shard of the suite. Stories are
// dealt out in the order of their ids, which is the same on every machine that
// builds this commit. A story that is asked for by its id is not shared.
func (t *runner) has(s harness.Story) bool {
	place := 0
	for _, other := range told {
		if other.ID < s.ID {
			place++
		}
	}
	return t.Story != "" || t.Shard.Has(place)
}

// tell makes the specs of a story in one world.
func (t *runner) tell(s harness.Story, world string, round int) {
	where := map[string]string{"virtual": "in virtual time", "wire": "on the wire"}[world]
	if round > 0 {
		where += fmt.Sprintf(", round %d", round+1)
	}
	reason := t.cannot(s, world)
	spec := func(name, reason, expects string, without []string) {
		t.progress.leaves(s.ID+" "+name, reason)
		ginkgo.It(name, func(ctx ginkgo.SpecContext) {
			if reason := cmp.Or(reason, t.lacks(s)); reason != "" {
				ginkgo.Skip(reason)
			}
			run := t.enact(ctx, s, world, expects, without, t.Seed+uint64(round))
			if !run.Good() {
				ginkgo.Fail(run.FailureText())
			}
		})
	}
	spec("is kept "+where, reason, "kept", t.Without)
	if !s.Complaint.Is() {
		return
	}
	if by := cmp.Or(t.Provider, checkout.DefaultProvider); s.Complaint.By != "" && s.Complaint.By != by {
		reason = cmp.Or(reason, "its complaint comes true where the shop is paid by "+s.Complaint.By)
	}
	spec(fmt.Sprintf("comes true %s without %s", where, strings.Join(s.Complaint.Off, ", ")), reason, "complaint", s.Complaint.Off)
}

// cannot says why the story is not staged here, or "".
func (t *runner) cannot(s harness.Story, world string) string {
	if why := needsAnother(s, t.Provider); why != "" && t.targetShop == nil {
		return why
	}
	if world == "virtual" {
		return t.cannotBeVirtual(s)
	}
	variant := !slices.Contains(s.Labels, Case) || slices.Contains(s.Labels, Variant)
	switch {
	case slices.Contains(s.Labels, Long):
		return "it takes hours: staged in virtual time only"
	case t.Clock == units.Wall && variant:
		return "the wall clock stages the canonical form of each case only"
	case variant && slices.Contains(t.Worlds, "virtual"):
		return "not the canonical form of a case: UNHAPPY_WORLD=wire stages it on the wire"
	}
	return ""
}

// lacks says what the story needs and this machine has not, or "". With CI=true
// that is a failure, never a skip.
func (t *runner) lacks(s harness.Story) string {
	err := t.needs(s)
	if err == nil {
		return ""
	}
	if os.Getenv("CI") == "true" {
		ginkgo.Fail(err.Error())
	}
	return err.Error()
}

// needsAnother says that the story needs another provider of the reference shop, or "".
func needsAnother(s harness.Story, provider string) string {
	why := compose.Lacks(provider, s.Shop)
	if why == "" {
		return ""
	}
	others := slices.DeleteFunc(checkout.Providers(), func(p string) bool { return compose.Lacks(p, s.Shop) != "" })
	return why + ": staged where UNHAPPY_PROVIDER is " + strings.Join(others, " or ")
}

// cannotBeVirtual says what of a story virtual time has not, or "".
func (t *runner) cannotBeVirtual(s harness.Story) string {
	switch {
	case s.Browser:
		return "a browser lives in real time: the story is staged on the wire only"
	case t.Database != "sqlite":
		return "PostgreSQL lives in real time: with UNHAPPY_DB=postgres the stories are staged on the wire only"
	case slices.ContainsFunc(s.Injections, func(s injection.Injection) bool { return s.Fault.Spec().Only == "wire" }):
		return "only a process of its own can be paused: the story is staged on the wire only"
	}
	return ""
}
