package scenarios

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
)

// Case is the label of the three customers' stories.
const Case = "case"

// Variant is the label of a story told in another form: on the wire's own
// clock, only the canonical forms are staged.
const Variant = "variant"

// Tell makes specs of a story and returns it. Call it from a variable of a test
// file: there is nothing else to register.
func Tell(s harness.Story) harness.Story {
	ginkgo.Describe(s.ID, ginkgo.Label(s.Labels...), func() {
		stage := staging()
		if stage.Replay != "" && stage.Replay != s.ID {
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

// tell makes the specs of a story in one world.
func (t *theatre) tell(s harness.Story, world string, round int) {
	again := ""
	if round > 0 {
		again = fmt.Sprintf(", round %d", round+1)
	}
	spec := func(name, expects string, without []string) {
		ginkgo.It(name+again, func(ctx ginkgo.SpecContext) {
			if reason := t.cannot(s); reason != "" {
				ginkgo.Skip(reason)
			}
			run := t.enact(ctx, s, world, expects, without)
			if !run.Good() {
				ginkgo.Fail(run.FailureText())
			}
		})
	}
	spec("is kept on the "+world, "kept", t.Without)
	if s.Complaint.Is() {
		spec(fmt.Sprintf("comes true on the %s without %s", world, strings.Join(s.Complaint.Off, ", ")), "complaint", s.Complaint.Off)
	}
}

// cannot says why the story cannot be staged here, or "". With CI=true a
// missing part is a failure, never a skip.
func (t *theatre) cannot(s harness.Story) string {
	if t.Clock == harness.Wall && slices.Contains(s.Labels, Variant) {
		return "a variant: the wall clock stages the canonical form of each case only"
	}
	if err := t.needs(s); err != nil {
		if os.Getenv("CI") == "true" {
			ginkgo.Fail(err.Error())
		}
		return err.Error()
	}
	return ""
}
