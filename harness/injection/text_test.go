package injection_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	. "github.com/unhappypath/unhappypath/harness/injection"
)

// everyWord has one injection of every builder, and how it prints.
func everyWord() map[string]Injection {
	put := OnPath(observe.CustomerHop, "PUT", "/orders/{id}")
	capture := OnPath(observe.ProviderHop, "POST", "/epayment/v1/payments/{reference}/capture")
	const u, d = fault.Upstream, fault.Downstream
	return map[string]Injection{
		"customer>checkout: latency 1m30s downstream":                                                         Toxic(observe.CustomerHop, d, Latency(90*time.Second)),
		"customer>checkout: latency 1m30s downstream, for 50s":                                                Toxic(observe.CustomerHop, d, Latency(90*time.Second)).Lasting(50 * time.Second),
		"checkout>provider: bandwidth 3KB/s upstream":                                                         Toxic(observe.ProviderHop, u, Bandwidth(3)),
		"checkout>provider: timeout downstream":                                                               Toxic(observe.ProviderHop, d, Silence(0)),
		"checkout>provider: timeout 2.5s downstream":                                                          Toxic(observe.ProviderHop, d, Silence(2500*time.Millisecond)),
		"provider>checkout: reset_peer 1ms upstream":                                                          Toxic(observe.WebhookHop, u, ResetPeer(time.Millisecond)),
		"checkout>shipping: slow_close 4s downstream":                                                         Toxic(observe.ShippingHop, d, SlowClose(4*time.Second)),
		"checkout>shipping: slicer 12B 3µs downstream":                                                        Toxic(observe.ShippingHop, d, Slicer(12, 3*time.Microsecond)),
		"checkout>provider at 20s: down, for 10s":                                                             Down(observe.ProviderHop).From(20 * time.Second).Lasting(10 * time.Second),
		"checkout>provider seen captured #2: down":                                                            Down(observe.ProviderHop).When("captured", 2),
		"checkout>provider seen captured: down":                                                               Down(observe.ProviderHop).When("captured", 0),
		"customer>checkout PUT /orders/{id} #1 arrives: down":                                                 Down(observe.CustomerHop).AtMessage("PUT", "/orders/{id}", 1),
		"Submit arrives: hang":                                                                                On(observe.Submit).Hangs(),
		"Submit #1 answered: close":                                                                           On(observe.Submit).Nth(1).Answered().Closes(),
		"Submit #1 arrives: latency 1m30s downstream, for 50s":                                                On(observe.Submit).Nth(1).Toxic(d, Latency(90*time.Second)).Lasting(50 * time.Second),
		"Submit|OrderStatus answered: rename status as Zust":                                                  On(observe.Submit, observe.OrderStatus).Answered().Renames("status", "Zust"),
		"PaymentWebhook hop: down, for 24h0m0s":                                                               OnHopOf(observe.PaymentWebhook).Down().Lasting(24 * time.Hour),
		"GetPayment hop seen captured #2: down":                                                               OnHopOf(observe.GetPayment).Down().When("captured", 2),
		"GetPayment hop at 1s: latency 1s upstream":                                                           OnHopOf(observe.GetPayment).Toxic(u, Latency(time.Second)).From(time.Second),
		"customer>checkout PUT /orders/{id} arrives: hang":                                                    put.Hangs(),
		"customer>checkout PUT /orders/{id} #1 answered: close":                                               put.Nth(1).Answered().Closes(),
		"customer>checkout PUT /orders/{id} #2 answered: reset":                                               put.Nth(2).Answered().Resets(),
		"customer>checkout PUT /orders/{id} #1 arrives: delay 10s":                                            put.Nth(1).Delays(10 * time.Second),
		"customer>checkout PUT /orders/{id} #1 arrives: duplicate":                                            put.Nth(1).Duplicates(),
		"customer>checkout PUT /orders/{id} arrives: answer 503":                                              put.Answers(503),
		"customer>checkout PUT /orders/{id} arrives: answer 502 html":                                         put.AnswersWith(502, fault.HTML),
		"customer>checkout PUT /orders/{id} answered: answer 500 empty":                                       put.Answered().AnswersWith(500, fault.NoBody),
		"customer>checkout PUT /orders/{id} answered: rename status as Zust":                                  put.Answered().Renames("status", "Zust"),
		"customer>checkout PUT /orders/{id} answered: rename as as as":                                        put.Answered().Renames("as", "as"),
		"customer>checkout PUT /orders/{id} answered: drop status":                                            put.Answered().Drops("status"),
		"customer>checkout PUT /orders/{id} arrives: drop /payment/amount":                                    put.Drops("/payment/amount"),
		"customer>checkout PUT /orders/{id} arrives: replace /amount/value with 49901":                        put.Replaces("/amount/value", "49901"),
		"customer>checkout PUT /orders/{id} answered: replace with with with":                                 put.Answered().Replaces("with", "with"),
		"customer>checkout PUT /orders/{id} #1 arrives: duplicate 5ms":                                        put.Nth(1).DuplicatesAfter(5 * time.Millisecond),
		"customer>checkout PUT /orders/{id} arrives: pause checkout":                                          put.Pauses("checkout"),
		"customer>checkout PUT /orders/{id} answered: drop upstream":                                          put.Answered().Does(fault.Fault{Kind: fault.Drop, Field: "upstream"}),
		"customer>checkout PUT /orders/{id} answered: retype status":                                          put.Answered().Retypes("status"),
		"customer>checkout PUT /orders/{id} answered: truncate":                                               put.Answered().Truncates(),
		"Capture #1 arrives: expire_token":                                                                    On(observe.Capture).Nth(1).ExpiresToken(),
		"checkout>provider seen authorized #1: expire_token":                                                  {Hop: observe.ProviderHop, Trigger: Trigger{Saw: "authorized", N: 1}, Fault: fault.Fault{Kind: fault.ExpireToken}},
		"customer>checkout PUT /orders/{id} answered: truncate 0B":                                            put.TruncatesAfter(0),
		"customer>checkout PUT /orders/{id} answered: stall":                                                  put.Stalls(),
		"Capture #1 answered: stall 7B, for 1m40s":                                                            On(observe.Capture).Nth(1).StallsAfter(7).Lasting(100 * time.Second),
		"checkout>provider POST /epayment/v1/payments/{reference}/capture #1 answered: kill checkout, for 5s": capture.Nth(1).Answered().Kills("checkout").Lasting(5 * time.Second),
		"checkout>provider at 1s: pause upstream, for 2s":                                                     {Hop: observe.ProviderHop, Trigger: Trigger{At: time.Second}, Fault: fault.Fault{Kind: fault.Pause, Process: "upstream"}, For: 2 * time.Second},
		"ApproveAtProvider #1: approve_late 2m0s":                                                             OnPayment(1).ApprovesLate(2 * time.Minute),
		"ApproveAtProvider #2: decline":                                                                       OnPayment(2).Declines(),
		"ApproveAtProvider: abandon, 2 times":                                                                 OnPayment(0).Abandons().AtLeast(2),
		"Submit #1 answered: close_lid, for 1h0m0s":                                                           On(observe.Submit).Nth(1).Answered().ClosesLid().Lasting(time.Hour),
		"customer>checkout at 5s: close_lid, for 1h0m0s":                                                      {Hop: observe.CustomerHop, Trigger: Trigger{At: 5 * time.Second}, Fault: fault.Fault{Kind: fault.CloseLid}, For: time.Hour},
		"Submit after the story: resubmit":                                                                    On(observe.Submit).Resubmits(),
		"Submit after the story: resubmit after restarting checkout":                                          On(observe.Submit).ResubmitsAfterRestarting("checkout"),
		"customer>checkout * /a:b arrives: hang, 3 times":                                                     {Hop: observe.CustomerHop, Trigger: Trigger{Method: "*", Path: "/a:b", Phase: fault.Arrives}, Fault: fault.Fault{Kind: fault.Hang}, Times: 3},
	}
}

func TestAnInjectionPrintsAsASentenceThatParsesToTheSameInjection(t *testing.T) {
	for text, injection := range everyWord() {
		t.Run(text, func(t *testing.T) {
			require.NoError(t, injection.Check())
			require.Equal(t, text, injection.String())
			read, err := ParseInjection(text)
			require.NoError(t, err)
			require.Equal(t, injection, read)
		})
	}
}

func TestAScheduleSurvivesJSON(t *testing.T) {
	var schedule, read Schedule
	for _, injection := range everyWord() {
		schedule = append(schedule, injection)
	}
	text, err := json.Marshal(schedule)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, schedule, read)
	require.Len(t, strings.Split(schedule.String(), "\n"), len(schedule), "one injection a line")
}

// TestEveryInjectionThatChecksParsesBack is the property behind replays, for
// injections that nobody thought of.
func TestEveryInjectionThatChecksParsesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	valid := 0
	for range 30_000 {
		injection := anyInjection(random)
		if injection.Check() != nil {
			continue
		}
		valid++
		read, err := ParseInjection(injection.String())
		require.NoError(t, err)
		require.Equal(t, injection, read, "%s", injection)
	}
	require.Greater(t, valid, 80, "the generator must make valid injections too")
}

// anyInjection makes any injection, valid or not, of names that could be mistaken
// for something else.
func anyInjection(r *rand.Rand) Injection {
	names := []string{"", "", "", "as", "upstream", "seen", "PUT", "5s", "12B", "at", "#1", "a b", "a,", "x:", "a: b", "a\u00a0b"}
	paths := []string{"", "", "/", "/orders/{id}", "/a:", "/a b", "/#1", "orders", "/arrives"}
	name := func() string { return names[r.IntN(len(names))] }
	kinds := []fault.Kind{
		fault.Latency, fault.Bandwidth, fault.Timeout, fault.ResetPeer, fault.SlowClose, fault.Slicer, fault.LimitData, fault.Down,
		fault.Hang, fault.Close, fault.Reset, fault.Delay, fault.Duplicate, fault.Answer, fault.Truncate, fault.Stall, fault.Rename, fault.Drop,
		fault.Retype, fault.Replace, fault.Kill, fault.Pause, fault.ExpireToken, fault.Decline, fault.ApproveLate,
	}
	seldom := func(n int) int64 { return max(0, r.Int64N(int64(n))-int64(n)/2) }
	s := Injection{
		Hop: observe.Hops()[r.IntN(len(observe.Hops()))],
		Trigger: Trigger{
			Method: []string{"", "", "PUT", "*", "put", "PUT:"}[r.IntN(6)], Path: paths[r.IntN(len(paths))],
			Phase: []fault.Phase{"", fault.Arrives, fault.Answered}[r.IntN(3)], N: int(seldom(6)),
		},
		Fault: fault.Fault{Kind: kinds[r.IntN(len(kinds))], Duration: time.Duration(seldom(1e12))},
		For:   time.Duration(seldom(1e12)), Times: int(seldom(6)),
	}
	if r.IntN(2) == 0 {
		s.Fault.Direction = []fault.Direction{fault.Upstream, fault.Downstream}[r.IntN(2)]
	}
	if s.Fault.IsDecision() && r.IntN(4) > 0 {
		s.Operation, s.Hop, s.Trigger.Method, s.Trigger.Path, s.Trigger.Phase = observe.ApproveAtProvider, "", "", "", ""
	}
	switch r.IntN(6) {
	case 0:
		s.Trigger.Saw, s.Fault.Rate = observe.EntryOp(name()), seldom(1000)
	case 1:
		s.Trigger.At, s.Fault.Status = time.Duration(seldom(1e12)), int(seldom(1200))
		s.Fault.Body = []fault.Body{"", fault.HTML, fault.NoBody, "xml"}[r.IntN(4)]
	case 2:
		s.Fault.Field, s.Fault.As = name(), name()
		s.Fault.Value = []string{"", name()}[r.IntN(2)]
	case 3:
		s.Fault.Field = name()
		s.Fault.Cut = fault.Cut(seldom(9))
	case 4:
		s.Fault.Process = name()
	}
	return s
}

func TestWhatIsNoInjectionIsRefusedWithAReason(t *testing.T) {
	for text, because := range map[string]string{
		"":                             "want “operation trigger: fault”",
		"down":                         "want “operation trigger: fault”",
		"submit arrives: down":         `invalid operation "submit": want letters and digits`,
		"Submit||X arrives: down":      `invalid operation "Submit||X": want a name`,
		"Submit PUT /x arrives: down":  `"PUT" is no part of a trigger`,
		": down":                       "the operation is missing",
		"customer>checkout: ":          "the fault is missing",
		"Moon>checkout: down":          `invalid hop "Moon>checkout": want caller>callee`,
		"customer>checkout: flood":     `there is no fault "flood"`,
		"customer>checkout soon: down": `"soon" is no part of a trigger`,
		"customer>checkout #1: down":   "#1 needs a message or an observation",
		"customer>checkout #x seen captured: down":                        `parsing "x"`,
		"customer>checkout seen: down":                                    "“seen” what?",
		"customer>checkout at noon: down":                                 `invalid duration "noon"`,
		"customer>checkout at: down":                                      "invalid duration",
		"customer>checkout PUT: down":                                     "a message needs a method and a path",
		"customer>checkout PUT /a at 1s answered: down":                   "one of them",
		"customer>checkout arrives: down":                                 "a message needs a method and a path",
		"customer>checkout PUT /a: hang":                                  `a message is hit when it "arrives" or is "answered"`,
		"customer>checkout: hang":                                         "hang hits a message",
		"customer>checkout: latency 1s":                                   `invalid direction "" of latency: want "upstream" or "downstream"`,
		"customer>checkout: latency downstream":                           "latency needs a duration",
		"customer>checkout: latency 1s 2s downstream":                     `"2s" is one word too many`,
		"customer>checkout: latency 5B downstream":                        "latency",
		"customer>checkout: bandwidth 5B upstream":                        `bandwidth: "5B" is one word too many`,
		"customer>checkout: latency much downstream":                      `invalid duration "much"`,
		"customer>checkout: latency -1s downstream":                       "invalid duration -1s of latency: want at least 1ms",
		"customer>checkout: kill":                                         "kill needs a process",
		"customer>checkout: kill a b":                                     `"b" is one word too many`,
		"customer>checkout: down, until 5s":                               "neither “for 50s” nor “2 times”",
		"customer>checkout: down, for ever":                               `invalid duration "ever"`,
		"customer>checkout: down, many times":                             `parsing "many"`,
		"customer>checkout PUT /a arrives: answer 99":                     "invalid status 99 of answer: want 200 to 599",
		"customer>checkout PUT /a arrives: answer":                        "invalid status 0 of answer: want 200 to 599",
		"customer>checkout PUT /a arrives: answer teapot":                 `parsing "teapot"`,
		"customer>checkout PUT /a arrives: truncate":                      "truncate hits an answer: use it when the message is",
		"customer>checkout PUT /a arrives: drop /a~2":                     `invalid JSON Pointer "/a~2"`,
		"customer>checkout PUT /a answered: duplicate 1s":                 "a copy that comes 1s after the first is sent when the message",
		"customer>checkout: bandwidth downstream":                         "invalid rate 0 of bandwidth: want 1 to",
		"customer>checkout: bandwidth 9223372036854775807KB/s downstream": "want 1 to 1073741824 KB/s",
		"customer>checkout: bandwidth -1KB/s downstream":                  "invalid rate -1 of bandwidth",
		"customer>checkout: slicer downstream":                            "invalid size 0 of slicer: want 1 to 2147483647 B",
		"customer>checkout: slicer 9223372036854775807B upstream":         "invalid size 9223372036854775807 of slicer",
		"customer>checkout: slicer 10B 1ns upstream":                      "invalid duration 1ns of slicer: want at least 1µs",
		"customer>checkout: limit_data -1B upstream":                      "invalid size -1 of limit_data",
		"customer>checkout: latency 999µs downstream":                     "invalid duration 999µs of latency: want at least 1ms",
		"customer>checkout: timeout 1ns downstream":                       "invalid duration 1ns of timeout",
		"customer>checkout: reset_peer 1ns downstream":                    "invalid duration 1ns of reset_peer",
		"customer>checkout: slow_close downstream":                        "slow_close needs a duration",
		"customer>checkout PUT /a answered: rename status":                "rename needs a new name",
		"customer>checkout PUT /a answered: drop":                         "drop needs a field",
		"customer>checkout PUT /a arrives: answer 502 xml":                `invalid body "xml" of answer: want "html", "empty", or nothing for JSON`,
		"customer>checkout PUT /a arrives: answer 204 html":               `an answer 204 has no body: leave "html" out`,
		"customer>checkout PUT /a arrives: hang html":                     `hang: "html" is one word too many`,
		"customer>checkout PUT /a arrives: truncate 0B":                   "truncate hits an answer: use it when the message is",
		"customer>checkout PUT /a answered: truncate -3B":                 "invalid size -3 of truncate: want 0 bytes or more",
		"customer>checkout PUT /a arrives: stall":                         "stall hits an answer: use it when the message is",
		"customer>checkout PUT /a answered: stall 5s":                     `stall: "5s" is one word too many`,
		"customer>checkout PUT /a arrives: replace amount":                "replace needs a new value",
		"customer>checkout PUT /a arrives: replace with 1":                `"1" is one word too many`,
		"customer>checkout PUT /a arrives: replace amount with 1:2":       `"1:2" is no name`,
		"customer>checkout PUT /a answered: retype":                       "retype needs a field",
		"customer>checkout PUT /a arrives: delay":                         "delay needs a duration",
		"customer>checkout PUT /a arrives: hang 5s":                       `hang: "5s" is one word too many`,
		"Capture arrives: expire_token 5s":                                `expire_token: "5s" is one word too many`,
		"Submit arrives: meet":                                            "meet needs a duration",
		"Submit answered: meet 1s":                                        "meet hits a request: use it when the message",
		"Submit answered: duplicate_changed a with 1 1s":                  "duplicate_changed hits a request: use it when",
		"Submit arrives: duplicate_changed a 1s":                          "duplicate_changed needs a new value",
		"Submit arrives: duplicate_changed a with 1":                      "duplicate_changed needs a duration",
		"customer>checkout: down 3B":                                      `down: "3B" is one word too many`,
		"customer>checkout PUT /a arrives: answer 500 503":                `"503" is one word too many`,
		"customer>checkout PUT /a arrives: close downstream":              `close: "downstream" is one word too many`,
		"customer>checkout: latency 99999999999h downstream":              "invalid duration",
		"customer>checkout seen a seen b: down":                           `"seen" is no part of a trigger, or one too many`,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := ParseInjection(text)
			require.ErrorContains(t, err, because)
			require.ErrorContains(t, err, "injection ", "the error names the noun that failed")
		})
	}
}

func TestAnUnreadableInjectionLeavesTheOldOneAlone(t *testing.T) {
	injection := Down(observe.ProviderHop)
	require.Error(t, injection.UnmarshalText([]byte("customer>checkout: flood")))
	require.Equal(t, Down(observe.ProviderHop), injection)
}

// FuzzParseInjection: no text panics, and what parses prints to a text that parses
// to the same injection.
func FuzzParseInjection(f *testing.F) {
	for text := range everyWord() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		injection, err := ParseInjection(text)
		if err != nil {
			return
		}
		again, err := ParseInjection(injection.String())
		require.NoError(t, err)
		require.Equal(t, injection, again)
	})
}
