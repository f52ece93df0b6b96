package environment

import (
	"context"

	"github.com/unhappypath/unhappypath/harness/injection"
)

// Tab is one open page before a customer. The page tells its screens to the
// observer that it was made with; it works on in the background.
type Tab interface {
	// Open loads the page of a basket, anew if it is open already, and returns
	// when it can be clicked. Where the customer gives up on a page that does not
	// come, the error is an observe.ErrNoPage.
	Open(ctx context.Context, basket string) error
	// Click clicks the submit button so many times in a row, as fast as a
	// double click does, and returns without waiting for what comes of it.
	Click(ctx context.Context, times int) error
	// Change sets how many of it are in the basket of the open page, and returns
	// when the shop has heard of it, or has not; not every kind of page can.
	Change(ctx context.Context, quantity int) error
	// Chill ends the connections that the page keeps open, so that its next
	// request goes out on a cold one; not every kind of page can.
	Chill() error
	// Close closes the page.
	Close()
}

// BackButton is what a Tab has in which a page can be left for the one before.
type BackButton interface {
	// Back presses the back button and returns when the page before is there;
	// shop says whether that is one of the shop's, to be clicked on.
	Back(ctx context.Context) (shop bool, err error)
}

// Lid is what a Tab has that is on a computer whose lid can be closed. Its methods may be
// called from any goroutine. An error says that this kind of page is on none.
type Lid interface {
	// CloseLid returns when nothing of the page moves any more and its connections are cut.
	CloseLid() error
	// OpenLid lets the page go on, with what it remembers.
	OpenLid() error
}

// Repeats is what a Tab has in which the last submit can be sent once more.
type Repeats interface {
	// Resubmit sends it, the same bytes, and returns when it was answered, or was not in
	// time. An error says why it cannot.
	Resubmit(ctx context.Context) error
	// Look asks once how the order of that submit stands.
	Look(ctx context.Context)
}

// Pays is what a Tab has whose customer pays on the provider's page.
type Pays interface {
	// ToPay waits until the shop's page says where she pays, and returns that URL.
	ToPay(ctx context.Context) (url string, err error)
	// Pay leaves the shop's page for the provider's, and says yes or no there. The first card
	// that she tries is declined by that code; "": by none. back is where
	// she is sent then, or "". Where she gives up on the page, the error is an
	// observe.ErrNoPage.
	Pay(ctx context.Context, url string, yes bool, declined string) (back string, err error)
	// Return loads the page to which she is sent back, as Open does.
	Return(ctx context.Context, url, basket string) error
}

// OtherBrowser is the name of a tab that shares nothing with the others of its customer.
const OtherBrowser = "another browser"

// Environment is a world that was built for one enactment.
type Environment interface {
	injection.Backend
	// Tab gives a customer a browser tab.
	Tab(customer, tab string) (Tab, error)
	// Settle returns when nothing moves any more, or says why it still does.
	Settle(ctx context.Context) error
	// Arm tells the environment who deals the injections, before the script starts.
	Arm(*injection.Injector)
	// Close takes everything down. It leaves nothing behind, whatever happened.
	Close() error
}
