package environment

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Shop is what a story may ask of the shop it is staged in. Zero values leave
// the shop as it is.
type Shop struct {
	PageTimeOut time.Duration // how long the front end waits for an answer to a submit
	PageSilence time.Duration // how long it says nothing while none comes
	PageResends int           // how often it sends it again, or Never
	// ScalesWithPage says that the story's latencies are of this PageTimeOut: where the
	// page has another one, they are as much longer or shorter.
	ScalesWithPage bool
	ApproveAfter   time.Duration // how long the customer takes to approve a payment in her app, or Never
	Declines       int           // how many payments, from the first on, the customer's app or bank declines
	// PaysAtProvider says that the shop sends its customers to the provider's page, where
	// they approve: nobody does in an app.
	PaysAtProvider bool
	// AsksProvider says that the story needs a provider that can be asked how a payment
	// stands.
	AsksProvider bool
	// AnotherCard says that the story needs a provider at which a customer whose card is
	// declined may pay with another one.
	AnotherCard  bool
	GivesUpAfter time.Duration // how long the shop waits for the approval of a payment
	Bank         observe.Bank  // what the customer's bank does, where the provider can play that
	Parcels      int           // in how many parcels an order is sent; 0: in one
	NoCarrier    bool          // nobody is told where the goods are
	Fulfilment   bool          // a call or a word of the shop means that goods were sent, and no parcel is seen
	// ChangesBasket says that the story needs a basket that can be changed.
	ChangesBasket bool
	// GoesBack says that the story needs a page that can be left for the one before.
	GoesBack bool
	// ClicksCold says that the story needs a page that can click on a connection of
	// its own.
	ClicksCold bool
	// PaysBack says that the story needs a shop that pays the customer back by itself
	// where its carrier refuses a parcel.
	PaysBack bool
}

// Never, as a number of re-sends or a time of approval, is none at all.
const Never = -1
