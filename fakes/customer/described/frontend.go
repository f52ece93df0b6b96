package described

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// FrontEnd is what a page does. Its times are in the world's own clock.
type FrontEnd struct {
	// Login are the requests with which she logs in, one after the other: once in each
	// browser that she uses, before all others.
	Login []Request
	// Basket are the requests that fill her basket, one after the other: she puts goods into
	// it, once, before the first page is loaded. What they and Login capture is known in all
	// of her tabs.
	Basket []Request
	// Open are the requests that load the page, one after the other. What the
	// last one brings is what the page says when it is loaded. Where that is that her order
	// is under way or over, it need not have what is captured of a page to buy on: what an
	// earlier page in her browser knew is known on, and there is nothing to click.
	Open []Request
	// Submit is what a click on the button sends.
	Submit Request
	// Look asks how the order stands; nil: the page never asks.
	Look *Request
	// Change sets how many of it are in the basket; nil: it cannot be changed.
	Change *Request

	// Screens say what is put on the screen for an answer: the first one that
	// fits. An answer that none fits leaves the screen as it is.
	Screens []Screen
	// Unanswered is on the screen when a submit, sent as often as it is sent, got
	// no answer; zero: the screen stays as it is.
	Unanswered View

	TimeOut   time.Duration // for how long it waits for the answer to a submit
	Resends   int           // how often it sends a submit again that got none
	Silence   time.Duration // after which it says Checking and looks; 0: it says nothing
	LookEvery time.Duration
	LookFor   time.Duration // after which it asks no more
	// Lost says which answers to a look say that the shop has no such order: the page
	// sends it again, unless it is just doing so; zero: none does.
	Lost Fits

	// Amount and Currency are what the page shows, where no request of Open
	// captures them under the names "amount" and "currency"; Due is what the
	// provider is to take where that is less, as with a gift card of the shop's
	// own, and is captured as "due". Nil: what the page shows. In minor units.
	Amount   int64
	Due      *int64
	Currency string
}

// captured says whether a request of Open captures something under the name, and an
// amount in which units.
func (f FrontEnd) captured(name string) (units string, is bool) {
	for _, r := range f.Open {
		if from, does := r.Capture[name]; does {
			units, is = from.Units, true
		}
	}
	return units, is
}

// Request is a request as it is described: in every text, ${name} stands for
// what is known under that name.
type Request struct {
	Method  string
	Path    string
	Headers map[string]string
	// Body is sent as JSON; nil: none. A text that is nothing but one ${name}
	// becomes the value itself, a number or whatever it was.
	Body any
	// Form is sent as a form instead, Multipart as one with a part for each field, as a
	// form sends files.
	Form, Multipart map[string]string
	// Follow says that a redirect of the shop is followed to the page that it leads to,
	// which is the answer then.
	Follow bool
	// Capture remembers something of the answer under a name, also of the redirects to it.
	Capture map[string]Source
	// When says whether a request of Login, Basket or Open is made; zero: it always is.
	When Condition
}

// Condition is about what an earlier request captured: that it is there and not
// empty, or that it Is a text.
type Condition struct {
	Captured string
	Is       *string
}

func (c Condition) holds(known variables) bool {
	if c.Captured == "" {
		return true
	}
	value := known[c.Captured]
	if c.Is != nil {
		return value != nil && fmt.Sprint(value) == *c.Is
	}
	return value != nil && fmt.Sprint(value) != ""
}

// Source says where in an answer something is: in one of these.
type Source struct {
	JSON   string // a JSON Pointer (RFC 6901) into its body
	Header string
	Cookie string
	// Selector is a CSS selector of an element of its HTML, whose Attribute, or without
	// one whose text, it is.
	Selector, Attribute string
	Units               string // of an amount: Major, or "" for minor ones
}

// View is what a screen says: a word that reports and promises know, and the
// text that the customer reads.
type View struct {
	Says observe.Status
	Text string
}

// Screen is a view, and the answers that it is for: all that is given must fit.
type Screen struct {
	View
	Fits
}

// Fits is which answers something is for.
type Fits struct {
	Status int            // of the answer; 0: any
	JSON   map[string]any // JSON Pointer → what is there; nil: that it is there
	Text   string         // is somewhere in the body
}
