package wire

import (
	"sync"

	"github.com/Shopify/toxiproxy/v2/toxics"

	"github.com/unhappypath/unhappypath/harness/fault"
)

// Those of Toxiproxy's toxics that end a connection stop reading when they have
// done so. What comes after that on the same connection waits for ever to be
// read, and with it a goroutine. Ours are Toxiproxy's, and read on to the end.
type (
	timeout   struct{ toxics.TimeoutToxic }
	resetPeer struct{ toxics.ResetToxic }
	limitData struct{ toxics.LimitDataToxic }
)

func (t *timeout) Pipe(stub *toxics.ToxicStub)   { t.TimeoutToxic.Pipe(stub); drain(stub) }
func (t *resetPeer) Pipe(stub *toxics.ToxicStub) { t.ResetToxic.Pipe(stub); drain(stub) }
func (t *limitData) Pipe(stub *toxics.ToxicStub) { t.LimitDataToxic.Pipe(stub); drain(stub) }

// Cleanup ends the connection, whose bytes were lost.
func (t *timeout) Cleanup(stub *toxics.ToxicStub) {
	t.TimeoutToxic.Cleanup(stub)
	go drain(stub)
}

// drain reads what comes to a connection that its toxic has ended.
func drain(stub *toxics.ToxicStub) {
	for stub.Closed() {
		if chunk := <-stub.Input; chunk == nil {
			return
		}
	}
}

// toxicOf names the toxic of a fault to Toxiproxy.
func toxicOf(k fault.Kind) string {
	switch k {
	case fault.Timeout, fault.ResetPeer, fault.LimitData:
		return "injected_" + string(k)
	}
	return string(k)
}

// setUp makes our toxics known to Toxiproxy, whose registry is a global.
var setUp = sync.OnceFunc(func() {
	toxics.Register(toxicOf(fault.Timeout), new(timeout))
	toxics.Register(toxicOf(fault.ResetPeer), new(resetPeer))
	toxics.Register(toxicOf(fault.LimitData), new(limitData))
})
