package webhooks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// all are the notices of a handler that acts on each, and may be killed.
func all(w provider.Webhooks) map[string]bool {
	acts := map[string]bool{}
	for _, p := range w.Purchases {
		for _, name := range namesOf(p) {
			acts[name] = true
		}
	}
	return acts
}

func TestASequenceIsItsText(t *testing.T) {
	for name, w := range fakes.Webhooks() {
		for _, s := range plan(w, w.Purchases, all(w), false, 400, 1) {
			again, err := ParseSequence(s.String(), w)
			require.NoError(t, err, name)
			require.Equal(t, s, again)
		}
	}
}

func TestAWrongSequenceSaysWhatIsValid(t *testing.T) {
	w := fakes.Webhooks()["vipps"]
	for text, says := range map[string]string{
		"":                            "want PURCHASE: NOTICE, NOTICE",
		"sung: CREATED":               `unknown purchase "sung": want paid or refused`,
		"paid: SUNG":                  `unknown notice "SUNG" of a purchase that is paid: want CREATED or AUTHORIZED`,
		"paid: CREATED,":              `invalid delivery "": want a notice`,
		"paid: CREATED killed cut":    "invalid delivery",
		"paid: CREATED sung":          `unknown manner "sung" of a delivery: want killed-at:N (N per cent of the time that it takes, from 1 to 99) or killed or killed-at:effect or cut`,
		"paid: CREATED killed-at:0":   `unknown manner "killed-at:0"`,
		"paid: CREATED killed-at:100": `unknown manner "killed-at:100"`,
		"paid: CREATED killed-at:07":  `unknown manner "killed-at:07"`,
		"paid: CREATED forged:stale":  `unknown manner "forged:stale"`,
		"paid: CREATED\x1b[31m":       `unknown notice "CREATED\x1b[31m"`,
		"paid: CREATED + + CAPTURED ": "invalid delivery",
	} {
		_, err := ParseSequence(text, w)
		require.ErrorContains(t, err, says, text)
	}
}

func FuzzParseSequence(f *testing.F) {
	w := fakes.Webhooks()["vipps"]
	f.Add("paid: CREATED, AUTHORIZED killed, CAPTURED + CAPTURED forged:unsigned")
	f.Add("refused: ABORTED cut,CREATED")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSequence(text, w)
		if err != nil {
			return
		}
		again, err := ParseSequence(s.String(), w)
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}

// Every three notices come in every order, where the provider keeps none.
func TestEveryThreeComeInEveryOrder(t *testing.T) {
	w := fakes.Webhooks()["stripe"]
	seen := map[string]map[[3]string]bool{}
	for _, s := range plan(w, w.Purchases, nil, false, 0, 1) {
		var names []string
		for _, step := range s.Steps {
			if len(step) == 1 && step[0].Manner == Plain {
				names = append(names, step[0].Notice)
			}
		}
		for i, a := range names {
			for j := i + 1; j < len(names); j++ {
				for _, c := range names[j+1:] {
					if seen[s.Purchase] == nil {
						seen[s.Purchase] = map[[3]string]bool{}
					}
					if b := names[j]; a != b && b != c && a != c {
						seen[s.Purchase][[3]string{a, b, c}] = true
					}
				}
			}
		}
	}
	for _, p := range w.Purchases {
		n := len(namesOf(p))
		require.Len(t, seen[p.Name], n*(n-1)*(n-2), p.Name)
	}
}

func TestAProvidersOrderIsKept(t *testing.T) {
	w := fakes.Webhooks()["vipps"]
	for _, s := range plan(w, w.Purchases, all(w), false, 400, 1) {
		purchase, err := w.Find(s.Purchase)
		require.NoError(t, err)
		place, next := places(namesOf(purchase)), 0
		for _, d := range s.all() {
			if !d.Manner.Forged() {
				require.LessOrEqual(t, place[d.Notice], next, s)
				next = max(next, place[d.Notice]+1)
			}
		}
	}
}

func TestAPlanIsTheSameBySeed(t *testing.T) {
	w := fakes.Webhooks()["stripe"]
	list := plan(w, w.Purchases, all(w), false, 700, 7)
	require.Len(t, list, 700)
	require.Equal(t, list, plan(w, w.Purchases, all(w), false, 700, 7))
	require.NotEqual(t, list, plan(w, w.Purchases, all(w), false, 700, 8))
	killed := false
	for _, s := range list {
		require.False(t, killed && !s.kills(), "those that kill nobody come first")
		killed = s.kills()
	}
	require.True(t, killed)
	for _, s := range plan(w, w.Purchases, nil, false, 700, 7) {
		require.False(t, s.kills())
	}
}

// A handler is killed at each tenth of its time where it acts, and once where it does not.
func TestKillsAreWhereTheHandlerActs(t *testing.T) {
	w := fakes.Webhooks()["stripe"]
	kills := map[string]int{}
	for _, s := range plan(w, w.Purchases, map[string]bool{"payment_intent.succeeded": true}, false, 0, 1) {
		for _, d := range s.all() {
			if d.Manner.AtWork() {
				kills[d.Notice]++
			}
		}
	}
	require.Equal(t, 12, kills["payment_intent.succeeded"])
	for _, name := range []string{"payment_intent.created", "refund.created", "charge.refund.updated", "charge.dispute.created"} {
		require.Equal(t, 1, kills[name], name)
	}

	starts := 0 // of a handler that takes long to start
	for _, s := range plan(w, w.Purchases, map[string]bool{"payment_intent.succeeded": true}, true, 300, 1) {
		if s.kills() {
			starts++
		}
	}
	require.Equal(t, 6, starts)
}

func TestForgeriesOfAllKindsArePlanned(t *testing.T) {
	for name, w := range fakes.Webhooks() {
		left := map[Manner]bool{Killed: true, killedAtPerCent(25): true, killedAtPerCent(50): true, killedAtPerCent(75): true, firstEffect: true, Cut: true, Unanswered: true, Late: true, Rotated: true}
		for _, m := range forgeries(w) {
			left[m] = true
		}
		for _, s := range plan(w, w.Purchases, all(w), false, 0, 1) {
			for _, d := range s.all() {
				delete(left, d.Manner)
			}
		}
		require.Empty(t, left, name)
	}
}

func TestSimplerSequencesAreSimpler(t *testing.T) {
	s, err := ParseSequence("paid: CREATED killed, AUTHORIZED, CAPTURED + CAPTURED, CAPTURED forged:unsigned", fakes.Webhooks()["vipps"])
	require.NoError(t, err)
	for _, less := range simpler(s) {
		require.NotEqual(t, s.String(), less.String())
		require.LessOrEqual(t, less.weight(), s.weight()+1)
		require.LessOrEqual(t, len(less.all()), len(s.all()))
	}
	require.Empty(t, simpler(inOrder(provider.Paid, []string{"CREATED"})))
}
