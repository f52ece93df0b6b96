package fault_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/fault"
)

// spots are one of each place, at each phase.
func spots() (list []fault.Spot) {
	for _, phase := range []fault.Phase{fault.Arrives, fault.Answered} {
		for _, place := range []fault.Place{fault.AMessage, fault.AField, fault.ABody, fault.AProcess, fault.AHop, fault.AToken, fault.ARepeat, fault.AScreen} {
			list = append(list, fault.Spot{Of: place, Phase: phase, Name: "status"})
		}
		for _, place := range []fault.Place{fault.AValue, fault.ACopy} {
			list = append(list, fault.Spot{Of: place, Phase: phase, Name: "/amount/value", Value: "49900"})
		}
	}
	return append(list, fault.Spot{Of: fault.APayment}, fault.Spot{Of: fault.AnEnd}, fault.Spot{Of: fault.AnEnd, Name: "checkout"})
}

// wrong says what a Spec lacks, or "".
func wrong(s fault.Spec) string {
	p := s.Proof
	proofs := 0
	for _, is := range []bool{p.Told, p.Answers != 0, p.Fails != nil || p.HoldsUp != nil, p.None != ""} {
		if is {
			proofs++
		}
	}
	switch {
	case s.Kind == "" || s.Does == "" || s.Builder == "":
		return "a name, what it does and a builder"
	case !slices.Contains([]fault.Dealt{fault.ByTap, fault.ByProxy, fault.OnProcess, fault.AtProvider, fault.ByCustomer, fault.ByDecision, fault.OnLid}, s.Dealt):
		return "who deals it"
	case (s.Dealt == fault.OnProcess) != (s.Process != nil):
		return "how its process begins and ends"
	case s.Toxic != nil && s.Dealt != fault.ByProxy:
		return "a proxy for its toxic"
	case proofs != 1:
		return "one proof"
	case (s.Tries == nil) != (s.Untried != ""):
		return "what an exploration tries, or why it tries nothing"
	case s.Rows == nil || (s.Only == "") != (s.Why == ""):
		return "its rows in worldtest"
	}
	return ""
}

func TestEveryKindIsWhole(t *testing.T) {
	seen := map[fault.Kind]bool{}
	builders := map[string]bool{}
	for _, s := range fault.Kinds() {
		require.Empty(t, wrong(s), "the fault %q lacks", s.Kind)
		require.False(t, seen[s.Kind] || builders[s.Builder], "the fault %q comes twice", s.Kind)
		seen[s.Kind], builders[s.Builder] = true, true
		rows, tries := 0, 0
		for _, spot := range spots() {
			for _, f := range s.Rows(spot) {
				rows += holds(t, s, f, spot.Phase)
			}
			if s.Tries != nil {
				for _, try := range s.Tries(spot) {
					tries += holds(t, s, try.Fault, spot.Phase)
					require.NotZero(t, try.Turn, "%s has no turn", try.Fault)
				}
			}
		}
		require.NotZero(t, rows, "%s has no row on any spot", s.Kind)
		require.True(t, s.Tries == nil || tries > 0, "%s is tried on no spot", s.Kind)
	}
}

// A sum becomes one unit more, and a currency another one; what is neither stays.
func TestWhatBecomesOfAValue(t *testing.T) {
	kind, _ := fault.Of(fault.Replace)
	for spot, want := range map[[2]string]string{
		{"/amount/value", "49900"}: "49901", {"total", "499.50"}: "500.50", {"Amount", "0"}: "1", {"/lines/0/amount", "9"}: "10",
		{"/amount/currency", "NOK"}: "EUR", {"currencyCode", "EUR"}: "USD",
		{"quantity", "1"}: "", {"amount", "-1"}: "", {"amount", "1e3"}: "", {"amount", "9999999999999999"}: "", {"total", "NOK"}: "",
		{"country", "NOR"}: "", {"currency", "nok"}: "",
	} {
		got := ""
		for _, try := range kind.Tries(fault.Spot{Of: fault.AValue, Name: spot[0], Value: spot[1]}) {
			require.Equal(t, spot[0], try.Field)
			require.Equal(t, fault.Last, try.Turn)
			got = try.Value
		}
		require.Equal(t, want, got, "%v", spot)
	}
}

// A copy that differs wishes for one more, too.
func TestWhatBecomesOfAValueInACopy(t *testing.T) {
	kind, _ := fault.Of(fault.DuplicateChanged)
	for spot, want := range map[[2]string]string{
		{"/lines/0/quantity", "1"}: "2", {"qty", "99"}: "100", {"itemCount", "3"}: "4", {"/amount", "49900"}: "49901", {"currency", "NOK"}: "EUR",
		{"quantity", "1.5"}: "", {"quantity", "9999"}: "", {"country", "1"}: "", {"basket", "b-ana"}: "",
	} {
		got := ""
		for _, try := range kind.Tries(fault.Spot{Of: fault.ACopy, Phase: fault.Arrives, Name: spot[0], Value: spot[1]}) {
			got = try.Value
		}
		require.Equal(t, want, got, "%v", spot)
	}
}

// What hits a shop that has not thought of it is tried: the copy that comes while the
// first is under way, and what is answered without the callee.
func TestWhatIsTriedOfAMessage(t *testing.T) {
	tries := func(k fault.Kind, at fault.Phase) map[string]fault.Turn {
		s, _ := fault.Of(k)
		list := map[string]fault.Turn{}
		for _, try := range s.Tries(fault.Spot{Of: fault.AMessage, Phase: at}) {
			list[try.String()] = try.Turn
		}
		return list
	}
	require.Equal(t, map[string]fault.Turn{"duplicate": fault.Later, "duplicate 1µs": fault.Early}, tries(fault.Duplicate, fault.Arrives))
	require.Equal(t, map[string]fault.Turn{"duplicate": fault.Later}, tries(fault.Duplicate, fault.Answered))
	failures := map[string]fault.Turn{"answer 503": fault.Early, "answer 500 empty": fault.Later, "answer 502 html": fault.Later}
	require.Equal(t, failures, tries(fault.Answer, fault.Answered), "nothing is refused after the work was done")
	failures["answer 403"], failures["answer 409"], failures["answer 429"] = fault.Early, fault.Later, fault.Later
	require.Equal(t, failures, tries(fault.Answer, fault.Arrives))
}

// holds checks a fault of a kind, and that its text reads as that fault; it counts those
// that may hit at the phase.
func holds(t *testing.T, s fault.Spec, f fault.Fault, at fault.Phase) int {
	t.Helper()
	require.Equal(t, s.Kind, f.Kind)
	read, err := fault.Parse(f.String())
	require.NoError(t, err)
	require.Equal(t, f, read)
	if f.Check(at) != nil {
		return 0
	}
	return 1
}

// The check of the catalogue finds each part that a Spec lacks.
func TestALackingKindIsFound(t *testing.T) {
	for want, spoil := range map[string]func(*fault.Spec){
		"a name, what it does and a builder":                 func(s *fault.Spec) { s.Builder = "" },
		"who deals it":                                       func(s *fault.Spec) { s.Dealt = "" },
		"how its process begins and ends":                    func(s *fault.Spec) { s.Dealt = fault.OnProcess },
		"a proxy for its toxic":                              func(s *fault.Spec) { s.Toxic = []fault.Attribute{{}} },
		"one proof":                                          func(s *fault.Spec) { s.Proof = fault.Proof{} },
		"what an exploration tries, or why it tries nothing": func(s *fault.Spec) { s.Tries = nil },
		"its rows in worldtest":                              func(s *fault.Spec) { s.Rows = nil },
	} {
		s := fault.Fault{Kind: fault.Hang}.Spec()
		require.Empty(t, wrong(s))
		spoil(&s)
		require.Equal(t, want, wrong(s))
	}
}
