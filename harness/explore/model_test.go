package explore_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerRole {
		serve()
	}
	goleak.VerifyTestMain(m)
}

// model is a shop in a nutshell, which answers in a microsecond: the customer
// submits, the shop pays, captures and ships, and whatever is lost is sent again,
// once. What makes its customers unhappy is known, so that it can be said what an
// exploration must find.
type model struct {
	// breaks says which promise a schedule breaks, or "".
	breaks func(s Schedule, seed uint64) string
	// flaky lets a broken schedule come out well when it is enacted again.
	flaky bool
	seen  sync.Map
}

var modelMessages = []explore.Message{
	{Hop: CustomerHop, Method: "PUT", Path: "/orders/{id}", N: 1, Fields: []string{"status"}, Body: true},
	{Hop: ProviderHop, Method: "POST", Path: "/payments", N: 1, Fields: []string{"reference"}, Body: true},
	{Hop: ProviderHop, Method: "POST", Path: "/payments/{id}/capture", N: 1, Body: true},
	{Hop: ShippingHop, Method: "POST", Path: "/shipments", N: 1},
}

// loses says whether an injection takes a message or its answer away.
func loses(s Injection) bool {
	return slices.Contains([]fault.Kind{fault.Hang, fault.Close, fault.Reset, fault.Kill, fault.Truncate, fault.Stall}, s.Fault.Kind)
}

func (m *model) before(p explore.Trial) bool {
	_, seen := m.seen.LoadOrStore(p.Injections.String(), true)
	return seen
}

func (m *model) try(_ context.Context, p explore.Trial) (explore.Outcome, error) {
	return m.enact(p, m.breaks)
}

func (m *model) enact(p explore.Trial, breaks func(Schedule, uint64) string) (explore.Outcome, error) {
	o := explore.Outcome{Verdict: Kept, Messages: slices.Clone(modelMessages), Sign: "1 charge"}
	var lost []string
	for _, message := range modelMessages {
		key := fmt.Sprint(message.Hop, message.Method, message.Path)
		if slices.ContainsFunc(p.Injections, func(s Injection) bool {
			return loses(s) && s.Trigger.N == 1 && key == fmt.Sprint(s.Hop, s.Trigger.Method, s.Trigger.Path)
		}) {
			again := message
			again.N = 2
			o.Messages = append(o.Messages, again)
			lost = append(lost, key)
		}
	}
	for i, s := range p.Injections {
		if s.Trigger.N > 1 && !slices.Contains(lost, fmt.Sprint(s.Hop, s.Trigger.Method, s.Trigger.Path)) {
			o.Missed = append(o.Missed, i)
			o.Verdict, o.Because = Unproven, "the injection had no effect: it was not installed"
		}
	}
	// A lost message shows in the ledgers, a changed one in nothing.
	o.Sign += "; " + strings.Join(lost, ", ")
	if promise := breaks(p.Injections, p.Seed); promise != "" && !(m.flaky && m.before(p)) {
		o.Verdict, o.Breaks, o.Because, o.Sentence = Broken, []string{promise}, promise+" broke", "Ana was charged TWICE."
		o.Sign += "; " + promise
	}
	o.Trace(p.Injections)
	return o, nil
}

// has says whether the schedule has such an injection on a message of that path.
func has(s Schedule, path string, fits func(Injection) bool) bool {
	return slices.ContainsFunc(s, func(one Injection) bool { return one.Trigger.Path == path && fits(one) })
}

func config(m *model) explore.Config {
	return explore.Config{
		Story: explore.StoryHeader{ID: "plain-purchase"}, Seed: 1, Try: m.try, Workers: 4,
		Processes: []string{"checkout"}, Audit: 1000,
	}
}
