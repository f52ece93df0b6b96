package observe

import "time"

// Kind says what an Event tells, and which of its payloads is set.
type Kind string

const (
	Sent     Kind = "sent"     // a caller handed a request to the network (Message)
	Arrived  Kind = "arrived"  // a callee read the whole request (Message)
	Answered Kind = "answered" // a callee handed its answer to the network (Message)
	Received Kind = "received" // a caller read the whole answer (Message)
	Failed   Kind = "failed"   // a caller got no answer (Message, with Error)

	Action Kind = "action" // a customer did something (Act)
	Screen Kind = "screen" // a customer's screen changed (View)
	Shot   Kind = "shot"   // a picture of her last screen in that tab was taken (View): a history has it in the Screen
	Order  Kind = "order"  // the shop told of an order (Entry)
	Money  Kind = "money"  // the provider wrote its ledger (Entry)
	Parcel Kind = "parcel" // the carrier wrote its ledger (Entry)

	Injected Kind = "injection" // an injection was put in place, fired or healed (Effect)
	Process  Kind = "process"   // a process of the shop started, was killed, … (Life)
	Drift    Kind = "drift"     // an answer lacks what the front end reads (Message, with Missing)
	Note     Kind = "note"      // anything else worth a line in the report (Text)
)

// CouldNotLook begins the note on a page that cannot ask how its order stands.
const CouldNotLook = "the page cannot look: "

// ScriptStopped begins the note on an error that a page's script did not catch.
const ScriptStopped = "the page's script stopped: "

// Event is one thing that somebody saw. Exactly one payload is set, by Kind.
type Event struct {
	At    time.Duration `json:"at"`  // story time since the script started, in nanoseconds
	Actor string        `json:"who"` // who saw it: "ana", "customer>checkout", "provider", …
	Seq   int           `json:"seq"` // the actor's own count, from 1
	Kind  Kind          `json:"kind"`

	Message *Message `json:"message,omitempty"`
	Act     *Act     `json:"act,omitempty"`
	View    *View    `json:"view,omitempty"`
	Entry   *Entry   `json:"entry,omitempty"`
	Effect  *Effect  `json:"effect,omitempty"`
	Life    *Life    `json:"life,omitempty"`
	Text    string   `json:"text,omitempty"`
}

// ByTap says whether the tap of the message's hop told of it, and not one of its ends.
func (e Event) ByTap() bool { return e.Message != nil && e.Actor == string(e.Message.Hop) }

// Observer takes what was seen. Nil is not a valid Observer; use Nobody.
type Observer func(Event)

// Nobody watches.
func Nobody(Event) {}

// Message is one sighting of an HTTP message.
type Message struct {
	Hop    Hop    `json:"hop"`            // "customer>checkout"
	Call   string `json:"call,omitempty"` // the caller's name for the call; equal at both ends
	N      int    `json:"n,omitempty"`    // the tap's number on the wire, from 1 on each hop; 0 elsewhere
	Method string `json:"method"`
	Path   string `json:"path"` // with the query
	// Copy says that a fault sent it, and not the caller: no injection counts it.
	Copy bool `json:"copy,omitempty"`
	// Process is the shop's process that sent it or that got it, as a tap could tell;
	// "" where the shop has no more than one.
	Process string `json:"process,omitempty"`
	// Operation is what the message is for, where a tap could tell by the routes.
	Operation Operation `json:"op,omitempty"`
	// Unanswered says that the callee is made of a description which has no answer to
	// this, so that what it said instead proves nothing.
	Unanswered bool `json:"unanswered,omitempty"`
	// Unplayed is what a fake was asked and has no word for, such as an operation or a
	// parameter: nobody knows what the real service would have said.
	Unplayed string `json:"unplayed,omitempty"`
	// LiveKey says which live key of a provider a request carries, and where: "sk_live_…
	// in the header Authorization". It never holds the key.
	LiveKey string `json:"live_key,omitempty"`

	Status int               `json:"status,omitempty"` // of an answer
	Header map[string]string `json:"header,omitempty"` // canonical names; secrets masked by who records
	Body   string            `json:"body,omitempty"`   // at most MaxBody bytes of it
	Error  Class             `json:"error,omitempty"`  // of Failed; of an answer, how it broke off
	// Stream says that an answer was passed on as it came: it is told of at its end,
	// so that its time says nothing of how fast it was.
	Stream bool `json:"stream,omitempty"`
	// Missing names the fields that the front end reads from this answer and
	// that it does not have (Drift).
	Missing []string `json:"missing,omitempty"`
}

// Act is something that a customer did.
type Act struct {
	Does   Verb   `json:"does"`
	Basket string `json:"basket,omitempty"` // the wish to buy that it belongs to
	Order  string `json:"order,omitempty"`  // the order id the page carried
	Amount int64  `json:"amount,omitempty"` // as shown on the page, in minor units
	Money  string `json:"money,omitempty"`  // its currency, ISO 4217
	// Due is what the provider is to take at this click, where that is not Amount:
	// a gift card of the shop's own pays the rest, or all. Minor units; nil: Amount.
	Due *int64 `json:"due,omitempty"`
	Tab string `json:"tab,omitempty"` // which of her tabs, where she has several
}

// Takes is what the provider is to take at this click, in minor units.
func (a Act) Takes() int64 {
	if a.Due != nil {
		return *a.Due
	}
	return a.Amount
}

// IsPriced says whether it is known what the page showed, or what was due.
func (a Act) IsPriced() bool { return a.Due != nil || a.Amount > 0 }

// IsFree says whether nothing was due.
func (a Act) IsFree() bool { return a.Due != nil && *a.Due == 0 }

// View is what a screen shows from this moment on.
type View struct {
	Says   Status `json:"says"`
	Text   string `json:"text,omitempty"`   // the words on the screen
	Basket string `json:"basket,omitempty"` // the wish to buy that it speaks of
	Tab    string `json:"tab,omitempty"`
	Shot   string `json:"shot,omitempty"` // a picture of it, JPEG or PNG in base64, where there is one
}

// Entry is one line of somebody's books: the shop's (Order), the provider's
// (Money) or the carrier's (Parcel).
type Entry struct {
	Op        EntryOp `json:"op"`
	Reference string  `json:"reference"`        // the provider's, the carrier's or the shop's id of it
	Key       string  `json:"key,omitempty"`    // the idempotency key that it came with; of an order: the message's number on the wire
	Amount    int64   `json:"amount,omitempty"` // minor units
	Currency  string  `json:"currency,omitempty"`
	State     Status  `json:"state,omitempty"`  // order: the state that the shop told
	Basket    string  `json:"basket,omitempty"` // order: the basket that it told; parcel: the one that it carries
	// Owner is the wish to buy that money or a parcel belongs to, where the one that
	// built the world knows it and the reference does not say.
	Owner string `json:"owner,omitempty"`
	// Names are what the shop wrote into a payment, by which it may be told whose that
	// is where the reference is the provider's own. No record has them.
	Names []string `json:"-"`
}

// Effect is the fate of an injection.
type Effect struct {
	Injection int    `json:"injection"` // its place in the schedule, from 0
	What      Fate   `json:"what"`
	Text      string `json:"text,omitempty"` // the injection in words, or the evidence that it took effect
	Call      string `json:"call,omitempty"` // the message that it took effect
	N         int    `json:"n,omitempty"`    // that message's number on the wire
	Hop       Hop    `json:"hop,omitempty"`
	Payment   string `json:"payment,omitempty"` // the reference of the payment that a customer decided about
}

// Life is a process's.
type Life struct {
	Process string `json:"process"`
	PID     int    `json:"pid,omitempty"`
	What    Stage  `json:"what"`
	Text    string `json:"text,omitempty"`
}

// MaxBody is how many bytes of a body a Message keeps; the rest is forwarded
// but not recorded.
const MaxBody = 64 << 10
