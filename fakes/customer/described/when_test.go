package described_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// A step with a condition is made only where what was captured fits it.
func TestAStepIsMadeWhenItIsNeeded(t *testing.T) {
	address := "address"
	for name, row := range map[string]struct {
		when described.Condition
		step string
		made int
	}{
		"no condition": {described.Condition{}, "", 1},
		"there":        {described.Condition{Captured: "step"}, "pay", 1},
		"empty":        {described.Condition{Captured: "step"}, "", 0},
		"not captured": {described.Condition{Captured: "other"}, "pay", 0},
		"equal":        {described.Condition{Captured: "step", Is: &address}, "address", 1},
		"not equal":    {described.Condition{Captured: "step", Is: &address}, "pay", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/begin" {
					serve(w, `{"step":"`+row.step+`"}`)
					return
				}
				serveCart(w)
			})
			f := page()
			f.Open = append([]described.Request{
				{Method: "GET", Path: "/begin", Capture: map[string]described.Source{"step": {JSON: "/step"}}},
				{Method: "POST", Path: "/address", When: row.when},
			}, f.Open...)
			require.NoError(t, s.tab(f).Open(t.Context(), "b-ana"))
			require.Equal(t, row.made, s.sent("/address"))
		})
	}
}
