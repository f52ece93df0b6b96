package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Complaint is what comes true, to the letter, with safeguards switched off.
type Complaint struct {
	Off  []string // the safeguards
	Want Figures
	// Breaks names the standard promises whose alarm must ring at least.
	Breaks []string
	// By is the provider by whom the shop is paid where it comes true; "": whichever.
	By string
}

// Figures are what can be counted of one wish to buy.
type Figures struct {
	Orders, Charges, Parcels int
	Screen                   observe.Status // the last one
}

// Without begins a Complaint.
func Without(safeguards ...string) Complaint { return Complaint{Off: safeguards} }

// Orders says how many the shop took.
func (c Complaint) Orders(n int) Complaint { c.Want.Orders = n; return c }

// Charges says how many captures the provider's ledger has.
func (c Complaint) Charges(n int) Complaint { c.Want.Charges = n; return c }

// Parcels says how many the carrier's ledger has.
func (c Complaint) Parcels(n int) Complaint { c.Want.Parcels = n; return c }

// Screen says what the customer's screen shows in the end.
func (c Complaint) Screen(says observe.Status) Complaint { c.Want.Screen = says; return c }

// SaysNothing says that the screen never got beyond its spinner.
func (c Complaint) SaysNothing() Complaint { return c.Screen(observe.StatusWaiting) }

// Breaking names standard promises whose alarm must ring.
func (c Complaint) Breaking(promises ...string) Complaint { c.Breaks = promises; return c }

// PaidBy says that it comes true with that provider only.
func (c Complaint) PaidBy(provider string) Complaint { c.By = provider; return c }

// Is says whether there is a complaint at all.
func (c Complaint) Is() bool { return len(c.Off) > 0 }

// Mismatch says how the figures differ from the complaint's, or "".
func (c Complaint) Mismatch(got Figures) string {
	var wrong []string
	compare := func(what string, got, want any) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s: want %v, got %v", what, want, got))
		}
	}
	compare("orders", got.Orders, c.Want.Orders)
	compare("charges", got.Charges, c.Want.Charges)
	compare("parcels", got.Parcels, c.Want.Parcels)
	compare("screen", got.Screen, c.Want.Screen)
	return strings.Join(wrong, "; ")
}

// check says what is wrong with the complaint of a story that is judged by the
// promises.
func (c Complaint) Check(story string, promises []string) error {
	if !c.Is() && (c.Want != Figures{} || len(c.Breaks) > 0) {
		return fmt.Errorf("story %s has a complaint that switches nothing off: begin it with Without and a safeguard", story)
	}
	for _, name := range c.Breaks {
		if !slices.Contains(promises, name) {
			return fmt.Errorf("story %s has a complaint that breaks %q, which is no promise: %s are", story, name, strings.Join(promises, ", "))
		}
	}
	return nil
}

// complaintMismatch says how the run differs from the complaint, or "".
func (r *Run) ComplaintMismatch(c Complaint) string {
	baskets := r.Baskets()
	if len(baskets) != 1 {
		return fmt.Sprintf("a complaint is about one wish to buy, and there were %d", len(baskets))
	}
	if wrong := c.Mismatch(r.FinalBook(baskets[0]).Figures()); wrong != "" {
		return wrong
	}
	for _, name := range c.Breaks {
		if ruling := r.Ruling(name); ruling == nil || ruling.Verdict != Broken {
			return fmt.Sprintf("the promise %s did not break, so its alarm did not ring", name)
		}
	}
	return ""
}
