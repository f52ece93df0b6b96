package scenarios

import (
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
)

// What a story file needs to say, so that it need not name the harness.
type (
	Story    = harness.Story
	Schedule = harness.Schedule
	Stage    = harness.Stage
	Shop     = harness.Shop
)

// Case is the label of the three customers' stories.
const Case = "case"

// Variant is the label of a story told in another form: on the wire's own
// clock, only the canonical forms are staged.
const Variant = "variant"

// Tell makes specs of a story. Assign it to a blank variable of a test file.
func Tell(s Story) bool {
	return ginkgo.Describe(s.ID, ginkgo.Label(s.Labels...), func() {
		stage := staging()
		if stage.Replay != "" && stage.Replay != s.ID {
			return
		}
		for _, world := range stage.Worlds {
			ginkgo.It("is kept on the "+world, func(ctx ginkgo.SpecContext) {
				judge(stage.enact(ctx, s, world, "kept", stage.Without))
			})
			if s.Complaint.Is() {
				without := strings.Join(s.Complaint.Off, ", ")
				ginkgo.It(fmt.Sprintf("comes true on the %s without %s", world, without), func(ctx ginkgo.SpecContext) {
					judge(stage.enact(ctx, s, world, "complaint", s.Complaint.Off))
				})
			}
		}
	})
}

// judge fails the spec of a run that is not as it should be.
func judge(run *harness.Run) {
	ginkgo.GinkgoHelper()
	if !run.Good() {
		ginkgo.Fail(run.FailureText())
	}
}
