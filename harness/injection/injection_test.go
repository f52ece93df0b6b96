package injection_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	. "github.com/unhappypath/unhappypath/harness/injection"
)

func TestAnInjectionThatCannotBeIsRefused(t *testing.T) {
	put := OnPath(observe.CustomerHop, "PUT", "/orders/{id}")
	with := func(s Injection, change func(*Injection)) Injection { change(&s); return s }
	for because, injection := range map[string]Injection{
		"invalid hop":                                              {},
		"no fault":                                                 {Hop: observe.CustomerHop},
		"for one of them":                                          put.Hangs().From(time.Second),
		"a path that begins with /":                                OnPath(observe.CustomerHop, "PUT", "orders").Hangs(),
		"a path has no spaces":                                     OnPath(observe.CustomerHop, "PUT", "/my orders").Hangs(),
		"a method is in capitals":                                  OnPath(observe.CustomerHop, "put", "/orders").Hangs(),
		"nobody can see yet whether an injection":                  OnPath(observe.DatabaseHop, "PUT", "/orders").Hangs(),
		"hang hits a message":                                      {Hop: observe.CustomerHop, Fault: fault.Fault{Kind: fault.Hang}},
		`want "upstream" or "downstream"`:                          Toxic(observe.CustomerHop, "sideways", Latency(time.Second)),
		"latency needs a duration":                                 Toxic(observe.CustomerHop, fault.Upstream, Latency(0)),
		"kill takes no direction":                                  Toxic(observe.CustomerHop, fault.Upstream, fault.Fault{Kind: fault.Kill, Process: "checkout"}),
		"close takes no status":                                    put.Does(fault.Fault{Kind: fault.Close, Status: 500}),
		"close takes no field":                                     put.Does(fault.Fault{Kind: fault.Close, Field: "status"}),
		"drop takes no new name":                                   put.Answered().Does(fault.Fault{Kind: fault.Drop, Field: "a", As: "b"}),
		"close takes no process":                                   put.Does(fault.Fault{Kind: fault.Close, Process: "checkout"}),
		"kill needs a process":                                     put.Kills(""),
		`"a b" is no name`:                                         put.Kills("a b"),
		"nothing about an injection is negative":                   put.Hangs().Lasting(-1),
		"invalid status 600 of answer: want 200 to 599":            put.Answers(600),
		"truncate hits an answer: use it when the message is":      put.Does(fault.Fault{Kind: fault.Truncate}),
		"stall hits an answer: use it when the message is":         put.Does(fault.Fault{Kind: fault.Stall}),
		"resubmit comes \"after the story\" and nothing else does": {Operation: observe.Submit, Fault: fault.Fault{Kind: fault.Resubmit}},
		"has no other trigger":                                     On(observe.Submit).Resubmits().From(time.Second),
		"only a Submit comes \"after the story\"":                  with(On(observe.Submit).Resubmits(), func(s *Injection) { s.Operation = observe.Capture }),
		"nothing else does: want":                                  with(OnHopOf(observe.Submit).Down(), func(s *Injection) { s.Trigger.End = true }),
		"when it \"arrives\" or is \"answered":                     with(put.Hangs(), func(s *Injection) { s.Trigger.Phase = "leaves" }),
	} {
		t.Run(because, func(t *testing.T) { require.ErrorContains(t, injection.Check(), because) })
	}
}

func TestACheckNamesEverythingThatIsWrongAtOnce(t *testing.T) {
	err := Injection{Hop: "moon", Fault: fault.Fault{Kind: fault.Answer}, Times: -1}.Check()
	require.ErrorContains(t, err, "invalid hop")
	require.ErrorContains(t, err, "answer hits a message")
	require.ErrorContains(t, err, "invalid status 0")
	require.ErrorContains(t, err, "negative")
}

func TestAnInjectionMustFireOnceUnlessItSaysMore(t *testing.T) {
	for times, must := range map[int]int{0: 1, 1: 1, 2: 2} {
		require.Equal(t, must, Injection{Times: times}.MustFire())
	}
}

func TestAPathFitsATemplateSegmentBySegment(t *testing.T) {
	for _, c := range []struct {
		template, path string
		fits           bool
	}{
		{"/orders/{id}", "/orders/b-ana-1", true},
		{"/orders/{id}", "/orders/b-ana-1?wait=20", true},
		{"/orders/{id}", "/orders/", false},
		{"/orders/{id}", "/orders", false},
		{"/orders/{id}", "/orders/1/2", false},
		{"/orders/{id}", "/order/1", false},
		{"/orders/{id}/refund", "/orders/1/refund", true},
		{"/orders/{id}/refund", "/orders/1/capture", false},
		{"/{a}/{b}", "/x/y", true},
		{"/orders", "/orders", true},
		{"/orders", "/orders/", false},
		{"/orders", "/Orders", false},
		{"/", "/", true},
		{"/{id", "/x", false},
		{"", "", true},
	} {
		require.Equal(t, c.fits, observe.MatchPath(c.template, c.path), "%s and %s", c.template, c.path)
	}
}
