package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	. "github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
)

// submit and look are messages of hers at the shop, by their number.
func atShop(kind observe.Kind, method string, n, status int) observe.Event {
	return observe.Event{Actor: string(observe.CustomerHop), Kind: kind, Message: &observe.Message{
		Hop: observe.CustomerHop, Method: method, Path: "/orders/b-ana-1", N: n, Status: status, Body: map[string]string{"PUT": "{}"}[method],
	}}
}

func keyed(e observe.Event, key string) observe.Event { e.Entry.Key = key; return e }

func firedWith(n int) observe.Event {
	e := Injected(0, observe.Fired)
	e.Effect.N, e.Effect.Hop = n, observe.CustomerHop
	return e
}

// atEnd is a purchase that is over, and an epilogue: the second submit and the second look
// are answered with these statuses, and what else happens then.
func atEnd(submit, look int, more ...observe.Event) *Run {
	moments := append([]Moment{At(0, atShop(observe.Arrived, "PUT", 1, 0))}, Bought()...)
	moments = append(moments,
		At(60, Does(observe.LooksAgain)),
		At(61, atShop(observe.Arrived, "GET", 2, 0)),
		At(62, keyed(Told("b-ana-1", observe.StatusShipped), "2"), atShop(observe.Answered, "GET", 2, 200)),
		At(70, Does(observe.SendsAgain)),
		At(71, atShop(observe.Arrived, "PUT", 3, 0)),
		At(72, atShop(observe.Answered, "PUT", 3, submit), firedWith(3)),
		At(80, more...),
		At(90, Does(observe.LooksAgain)),
		At(91, atShop(observe.Arrived, "GET", 4, 0)),
		At(92, atShop(observe.Answered, "GET", 4, look)),
	)
	r := RunOf(moments...)
	r.Schedule = injection.Schedule{injection.On(observe.Submit).ResubmitsAfterRestarting("checkout")}
	return r
}

// What a shop may answer to the same submit when all is over, and what breaks which promise.
func TestASubmitThatComesAgainAtTheEnd(t *testing.T) {
	told := func(status observe.Status, key string) []observe.Event {
		return []observe.Event{keyed(Told("b-ana-1", status), key)}
	}
	for name, row := range map[string]struct {
		run    *Run
		breaks []string
	}{
		"conflict":               {atEnd(409, 200), nil},
		"not found":              {atEnd(404, 200), nil},
		"gone":                   {atEnd(410, 200), nil},
		"error":                  {atEnd(500, 503), nil},
		"shipped, as before":     {atEnd(200, 200, told(observe.StatusShipped, "3")...), nil},
		"worked on, as always":   {atEnd(202, 200, told(observe.StatusChecking, "3")...), nil},
		"her session is gone":    {atEnd(401, 403), nil},
		"another outcome":        {atEnd(200, 200, told(observe.StatusRefused, "3")...), []string{"charged-once", "outcomes-stand"}},
		"a look tells another":   {atEnd(200, 200, told(observe.StatusChecking, "4")...), []string{"outcomes-stand"}},
		"a look knows nothing":   {atEnd(200, 404), []string{"outcomes-stand"}},
		"a look finds it gone":   {atEnd(200, 410), []string{"outcomes-stand"}},
		"another charge":         {atEnd(200, 200, Authorized("b-ana-2", 49900), Captured("b-ana-2", 49900)), []string{"charged-once", "goods-match-money"}},
		"another parcel":         {atEnd(200, 200, Booked("b-ana-2")), []string{"goods-match-money"}},
		"another reservation":    {atEnd(200, 200, Authorized("b-ana-2", 49900)), []string{"charged-once", "nothing-left-reserved"}},
		"charged and given back": {atEnd(200, 200, Authorized("b-ana-2", 49900), Captured("b-ana-2", 49900), Refunded("b-ana-2", 49900)), []string{"charged-once"}},
	} {
		t.Run(name, func(t *testing.T) {
			row.run.Judge(StandardPromises())
			var broke []string
			for _, ruling := range row.run.Rulings {
				if ruling.Verdict == Broken {
					broke = append(broke, ruling.Promise)
				}
			}
			require.Equal(t, row.breaks, broke, row.run.FailureText())
			require.Equal(t, Kept, row.run.Ruling(EveryInjectionTookEffect).Verdict)
			require.Contains(t, row.run.Sentence(), "When all was over the shop was restarted, and Ana sent the same submit again.")
		})
	}
}

// An epilogue took effect where the shop answered the same bytes that it had got before.
func TestAnEpilogueIsProvenByTheSameBytes(t *testing.T) {
	r := atEnd(200, 200)
	for i := range r.History {
		if m := r.History[i].Message; m != nil && m.N == 3 {
			m.Body = `{"another": "one"}`
		}
	}
	require.Equal(t, Unproven, Judged(r, EveryInjectionTookEffect).Verdict)

	r = Happy()
	r.Schedule = injection.Schedule{injection.On(observe.Submit).Resubmits()}
	ruling := Judged(r, EveryInjectionTookEffect)
	require.Equal(t, Unproven, ruling.Verdict)
	require.Contains(t, ruling.Because, "Submit after the story: resubmit")
	require.NotContains(t, r.Sentence(), "again")
}

// What no epilogue asked for is judged as ever: a look that comes to nothing is no word.
func TestALookWithoutAnEpilogueIsNoWord(t *testing.T) {
	r := atEnd(200, 404)
	r.Schedule = nil
	require.Equal(t, Kept, Judged(r, "outcomes-stand").Verdict)
}
