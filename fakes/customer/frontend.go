package customer

import (
	"context"
	"errors"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// FrontEnd is a page to the person in front of it. It tells of each click that it
// gets, of its screens and of its requests. Its methods are called from one
// goroutine, the script of the story; the page works on in the background. Only an
// open page is clicked on or changed.
type FrontEnd interface {
	// Load loads the page of a basket, once. What was open before is left.
	Load(ctx context.Context, basket string) error
	// Shows tells of a screen that is not the page's own.
	Shows(observe.View)
	// Click clicks the submit button and does not wait for what comes of it. nth
	// says which click of a series it is, from 1: a double click has two.
	Click(ctx context.Context, nth int) error
	// Change sets how many of it are in the open page's basket. What comes of it is
	// in the history; an error is the harness's.
	Change(ctx context.Context, quantity int) error
	// Close leaves the page and returns when nothing of it runs any more. It can be
	// called twice.
	Close()
}

// BackButton is a FrontEnd whose page can be left for the one before.
type BackButton interface {
	// Back returns when the page before is there; shop says whether it is one of the
	// shop's, to be clicked on.
	Back(ctx context.Context) (shop bool, err error)
}

// ColdClicks is a FrontEnd that can click on a connection of its own.
type ColdClicks interface {
	// Chill ends the idle connections, so that the next request needs a new one.
	Chill()
}

// Sleeps is a FrontEnd on a computer whose lid can be closed: see Lid. Its methods may be
// called from any goroutine.
type Sleeps interface {
	// Sleep returns when nothing of the page moves any more and its connections are cut.
	Sleep() error
	// Wake lets it go on.
	Wake() error
}

// Repeats is a FrontEnd that can do once more what it did, also when its page was left.
type Repeats interface {
	// Resubmit sends the last submit once more, the same bytes, on a new connection, and
	// returns when it was answered, or was not in time. An error is of a page that never
	// sent one.
	Resubmit(ctx context.Context) error
	// Look asks once how the order of that submit stands, where the page ever asks. What
	// comes of it is in the history.
	Look(ctx context.Context)
}

// ErrNoRepeat is of a page that cannot send the same submit once more.
var ErrNoRepeat = errors.New("this kind of page cannot send the same submit again")

var (
	// ErrOtherPage is no bad network: a page came and cannot be used. It was cut or
	// changed on its way, or its description is wrong. She gives up.
	ErrOtherPage = errors.New("the page came, and it is not the one that was described")
	// ErrFailing is of a page that is nothing but an error, with nothing in its way that
	// could be the cause. She gives up sooner than on one that something keeps from her.
	ErrFailing = errors.New("the shop answers with an error")
	// ErrUndescribed is of a page that cannot be asked for, whatever the network
	// does: its description lacks something. That is no story.
	ErrUndescribed = errors.New("the description is incomplete")
)
