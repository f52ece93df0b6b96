package observe

// EntryOp is what an Entry of somebody's books says that was done.
type EntryOp string

const (
	// The provider's ledger.
	MoneyCreated    EntryOp = "created"
	MoneyAuthorized EntryOp = "authorized"
	MoneyCaptured   EntryOp = "captured"
	MoneyRefunded   EntryOp = "refunded"
	MoneyCancelled  EntryOp = "cancelled"
	MoneyTerminated EntryOp = "terminated"
	MoneyAborted    EntryOp = "aborted"
	MoneyExpired    EntryOp = "expired"
	MoneyDeclined   EntryOp = "declined" // an attempt to pay, after which another may succeed
	// The carrier's.
	ParcelBooked     EntryOp = "booked"
	ParcelCancelled  EntryOp = "cancelled"
	ParcelHandedOver EntryOp = "handed over"
	// The shop's.
	OrderTold EntryOp = "told"
)

// EndsPayment says whether a payment ends by it: nothing may be taken afterwards.
func (op EntryOp) EndsPayment() bool {
	return op == MoneyCancelled || op == MoneyTerminated || op == MoneyAborted || op == MoneyExpired
}

// Verb is what a customer does.
type Verb string

const (
	Opens         Verb = "opens" // a page, or the same one anew
	Clicks        Verb = "clicks"
	ChangesBasket Verb = "changes the basket"
	GoesBack      Verb = "goes back"
	WaitsToBeTold Verb = "waits to be told"
	Leaves        Verb = "leaves" // closes the tab
	GoesToPay     Verb = "goes to the provider to pay"
	ComesBack     Verb = "comes back from the provider"
	ClosesLid     Verb = "closes the lid" // of her computer
	OpensLid      Verb = "opens the lid"
	// When the story is over: see fault.Resubmit.
	SendsAgain Verb = "sends the same submit again"
	LooksAgain Verb = "looks how the order stands"
)

// Fate is what happened to an injection.
type Fate string

const (
	Installed Fate = "installed" // it is in place
	Fired     Fate = "fired"     // it did what it is there for
	Healed    Fate = "healed"    // it is gone again
)

// Stage is what happened to a process.
type Stage string

const (
	ProcessStarted Stage = "started"
	ProcessReady   Stage = "ready"    // it listens
	ProcessLivesOn Stage = "lives on" // it served another story before, and is to forget it now
	ProcessKilled  Stage = "killed"
	ProcessPaused  Stage = "paused"
	ProcessResumed Stage = "resumed"
	ProcessExited  Stage = "exited"  // by itself
	ProcessStopped Stage = "stopped" // it was asked to
)

// IsEnd says whether the process runs no more.
func (s Stage) IsEnd() bool {
	return s == ProcessKilled || s == ProcessExited || s == ProcessStopped
}

// IsRunning says whether the process came up.
func (s Stage) IsRunning() bool {
	return s == ProcessStarted || s == ProcessReady || s == ProcessLivesOn
}

// Bank is what a customer's bank does with a payment that she approves.
type Bank string

// SilentBank does not say for an hour whether it agreed. In the end it did.
const SilentBank Bank = "silent"

// RejectingBank agrees, and the first capture is rejected after the provider has received
// it. The next one is made.
const RejectingBank Bank = "rejecting"
