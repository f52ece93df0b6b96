package environment

import (
	"sync/atomic"

	"github.com/unhappypath/unhappypath/harness/injection"
)

// Decisions asks the injector what customers do about their payments, once there is one.
// A world arms it, and a composer hands Of to the provider.
type Decisions struct {
	injector atomic.Pointer[injection.Injector]
}

// Arm tells who is asked.
func (d *Decisions) Arm(a *injection.Injector) { d.injector.Store(a) }

// Of is what the customer does about a payment that was asked for just now.
func (d *Decisions) Of(payment string) injection.Decision {
	if a := d.injector.Load(); a != nil {
		return a.Decides(payment)
	}
	return injection.Decision{}
}
