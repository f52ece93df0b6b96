package harness_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
)

func TestAnInjectionThatCannotBeIsRefused(t *testing.T) {
	put := OnPath(CustomerHop, "PUT", "/orders/{id}")
	with := func(s Injection, change func(*Injection)) Injection { change(&s); return s }
	for because, injection := range map[string]Injection{
		"invalid hop":                                   {},
		"no fault":                                      {Hop: CustomerHop},
		"for one of them":                               put.Hangs().From(time.Second),
		"a path that begins with /":                     OnPath(CustomerHop, "PUT", "orders").Hangs(),
		"a path has no spaces":                          OnPath(CustomerHop, "PUT", "/my orders").Hangs(),
		"a method is in capitals":                       OnPath(CustomerHop, "put", "/orders").Hangs(),
		"nobody can see yet whether an injection":       OnPath(DatabaseHop, "PUT", "/orders").Hangs(),
		"hang hits a message":                           {Hop: CustomerHop, Fault: Fault{Kind: fault.Hang}},
		`want "upstream" or "downstream"`:               Toxic(CustomerHop, "sideways", Latency(time.Second)),
		"latency needs a duration":                      Toxic(CustomerHop, Upstream, Latency(0)),
		"kill takes no direction":                       Toxic(CustomerHop, Upstream, Fault{Kind: fault.Kill, Process: "checkout"}),
		"close takes no status":                         put.Does(Fault{Kind: fault.Close, Status: 500}),
		"close takes no field":                          put.Does(Fault{Kind: fault.Close, Field: "status"}),
		"drop takes no new name":                        put.Answered().Does(Fault{Kind: fault.Drop, Field: "a", As: "b"}),
		"close takes no process":                        put.Does(Fault{Kind: fault.Close, Process: "checkout"}),
		"kill needs a process":                          put.Kills(""),
		`"a b" is no name`:                              put.Kills("a b"),
		"nothing about an injection is negative":        put.Hangs().Lasting(-1),
		"invalid status 600 of answer: want 200 to 599": put.Answers(600),
		"use it when the message is":                    put.Does(Fault{Kind: fault.Truncate}),
		"when it \"arrives\" or is \"answered":          with(put.Hangs(), func(s *Injection) { s.Trigger.Phase = "leaves" }),
	} {
		t.Run(because, func(t *testing.T) { require.ErrorContains(t, injection.Check(), because) })
	}
}

func TestACheckNamesEverythingThatIsWrongAtOnce(t *testing.T) {
	err := Injection{Hop: "moon", Fault: Fault{Kind: fault.Answer}, Times: -1}.Check()
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

func TestAStoryThatCannotBeToldIsRefused(t *testing.T) {
	whole := Story{ID: "customer-1", Plot: "Ana clicks.", Script: func(*Stage) {}}
	require.NoError(t, whole.Check())
	own := whole
	own.Promises = []Promise{{Name: "gift-wrapped"}}
	own.Complaint = Without("lease").Breaking("gift-wrapped", "charged-once")
	require.NoError(t, own.Check(), "a complaint may break the story's own promise")
	for name, c := range map[string]struct {
		change  func(*Story)
		because string
	}{
		"without an id":         {func(s *Story) { s.ID = "" }, `story id ""`},
		"with capitals":         {func(s *Story) { s.ID = "Customer" }, "lower case with hyphens"},
		"with a double hyphen":  {func(s *Story) { s.ID = "a--b" }, "lower case with hyphens"},
		"with a path":           {func(s *Story) { s.ID = "a/b" }, "lower case with hyphens"},
		"with a whole sentence": {func(s *Story) { s.ID = strings.Repeat("ten-letter-", 4) + "x" }, "has 45 characters: want 43 at most"},
		"with a complaint of no promise": {func(s *Story) { s.Complaint = Without("lease").Breaking("charged-once", "charged-onec") },
			`story customer-1 has a complaint that breaks "charged-onec", which is no promise: charged-once, `},
		"with a complaint that switches nothing off": {func(s *Story) { s.Complaint = Complaint{}.Charges(2) }, "begin it with Without"},
		"without a plot":                       {func(s *Story) { s.Plot = " \n" }, "story customer-1 has no Plot"},
		"without a script":                     {func(s *Story) { s.Script = nil }, "story customer-1 has no Script"},
		"with a promise that is judged anyway": {func(s *Story) { s.Promises = StandardPromises() }, `promises "charged-once" twice`},
		"with an excuse of nothing":            {func(s *Story) { s.Excused = []string{"happiness"} }, `excuses "happiness", which is no standard promise: charged-once, `},
		"with a bad injection":                 {func(s *Story) { s.Injections = Schedule{Down("moon")} }, `story customer-1: injection "moon: down": invalid hop "moon"`},
	} {
		t.Run(name, func(t *testing.T) {
			story := whole
			c.change(&story)
			require.ErrorContains(t, story.Check(), c.because)
		})
	}
}

func TestAStorySaysNothingAndGetsTheUsual(t *testing.T) {
	require.Equal(t, 30*time.Second, Story{}.PatienceOrDefault())
	require.Equal(t, time.Minute, Story{Patience: time.Minute}.PatienceOrDefault())
	require.Len(t, Story{}.AllPromises(), len(StandardPromises()))
	require.Len(t, Story{Promises: []Promise{Clicked(1)}}.AllPromises(), len(StandardPromises())+1, "its own come beside the standard ones")
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

func TestAPaceTurnsStoryTimeIntoTheWorldsAndBack(t *testing.T) {
	require.Equal(t, 450*time.Millisecond, Clock(100).Real(45*time.Second))
	require.Equal(t, 45*time.Second, Clock(100).Story(450*time.Millisecond))
	require.Equal(t, time.Second, Clock(0).Real(time.Second), "the zero Clock is the wall clock")
	for text, clock := range map[string]Clock{"wall": Wall, "1": Wall, "100": 100, "1000": 1000} {
		read, err := ParseClock(text)
		require.NoError(t, err)
		require.Equal(t, clock, read)
		again, err := ParseClock(read.String())
		require.NoError(t, err)
		require.Equal(t, clock, again)
	}
	for _, text := range []string{"", "0", "-1", "1001", "fast", "1.5"} {
		_, err := ParseClock(text)
		require.ErrorContains(t, err, "invalid clock")
	}
}
