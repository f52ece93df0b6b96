package observe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Hop is one way that messages travel, from caller to callee, such as
// "customer>checkout". A provider or a shop may bring hops of its own.
type Hop string

// The hops of an ordinary shop.
const (
	CustomerHop Hop = "customer>checkout"
	ProviderHop Hop = "checkout>provider"
	WebhookHop  Hop = "provider>checkout"
	ShippingHop Hop = "checkout>shipping"
	// PayingHop is where customers pay: in the provider's app or on its page.
	PayingHop Hop = "customer>provider"
	// DatabaseHop goes through Toxiproxy where the database is reached over TCP.
	// Nobody reads messages on it, so it has no operations.
	DatabaseHop Hop = "checkout>database"
)

var hopForm = regexp.MustCompile(`^[a-z][a-z0-9-]*>[a-z][a-z0-9-]*$`)

// Check says what is wrong with the name of a hop.
func (h Hop) Check() error {
	if !hopForm.MatchString(string(h)) {
		return fmt.Errorf("invalid hop %q: want caller>callee, such as %s", string(h), ProviderHop)
	}
	return nil
}

// Caller and Callee are the ends of a hop.
func (h Hop) Caller() string { caller, _, _ := strings.Cut(string(h), ">"); return caller }
func (h Hop) Callee() string { _, callee, _ := strings.Cut(string(h), ">"); return callee }

// Customer is who made a call on the hop, by its name; "" where she is not known.
func (h Hop) Customer(call string) string {
	if h.Caller() != CustomerHop.Caller() {
		return ""
	}
	return customerOfCall.FindString(call)
}

// customerOfCall is a customer's name in that of a call, such as "ana/tab 2-3".
var customerOfCall = regexp.MustCompile("^[a-z0-9]+")

// Operation is what a message is for, whatever its URL. Shops, providers and
// carriers may name further ones; a name begins with a capital and has no spaces.
type Operation string

// Operations of customers at a shop.
const (
	OpenPage     Operation = "OpenPage"     // load the page that shows the basket
	ChangeBasket Operation = "ChangeBasket" // set how many are in the basket
	Submit       Operation = "Submit"       // buy what the basket holds
	OrderStatus  Operation = "OrderStatus"  // ask how the order stands
	ReturnToShop Operation = "ReturnToShop" // load the page to which the provider sends her back
)

// Operations of a shop at its provider, and of the provider at the shop.
const (
	Authenticate   Operation = "Authenticate"   // get an access token
	CreatePayment  Operation = "CreatePayment"  // ask for a payment, which the customer then approves
	GetPayment     Operation = "GetPayment"     // ask how a payment stands
	Capture        Operation = "Capture"        // take reserved money
	Refund         Operation = "Refund"         // give captured money back
	CancelPayment  Operation = "CancelPayment"  // release reserved money
	PaymentWebhook Operation = "PaymentWebhook" // the provider tells the shop of a payment
)

// Operations of customers at the provider.
const (
	PayAtProvider     Operation = "PayAtProvider"     // load the page to which the shop sends her
	ApproveAtProvider Operation = "ApproveAtProvider" // say yes to a payment, or no
)

// Operations of a shop at its carrier.
const (
	BookParcel   Operation = "BookParcel"   // have a parcel sent
	CancelParcel Operation = "CancelParcel" // take a booking back
)

// Route is how a shop, a provider or a carrier spells an operation.
type Route struct {
	Operation Operation `json:"operation"`
	Hop       Hop       `json:"hop"`
	Method    string    `json:"method"`
	Path      string    `json:"path"` // a template such as "/orders/{id}"
	// Where says what tells its messages from others of the same method and path;
	// the zero Where is for a route that needs none.
	Where Where `json:"where,omitzero"`
}

// Where is a value that a message has, to the letter: in its JSON body, in a header
// or in its query. GraphQL needs it, where every operation is POST /graphql.
type Where struct {
	// One of these says where the value is.
	JSON   string `json:"json,omitempty"` // a JSON Pointer (RFC 6901) into the body
	Header string `json:"header,omitempty"`
	Query  string `json:"query,omitempty"`
	Value  string `json:"value"`
}

// Is says whether there is anything to tell a message by.
func (w Where) Is() bool { return w.JSON != "" || w.Header != "" || w.Query != "" }

// Spelling is the route as records and triggers spell it: its path, with a mark
// behind it that says what tells its messages apart, such as
// "/graphql[operationName=Complete]".
func (r Route) Spelling() string { return r.Path + r.Where.Mark() }

// Routes are a table of routes. Of several that fit a message, the first with a
// Where counts, or else the first.
type Routes []Route

// OneOf are several operations, for what is said of each of them, as one:
// "Submit|OrderStatus".
func OneOf(operations ...Operation) Operation {
	words := make([]string, len(operations))
	for i, o := range operations {
		words[i] = string(o)
	}
	return Operation(strings.Join(words, "|"))
}

// Each are the operations that OneOf has put together.
func (o Operation) Each() (list []Operation) {
	for word := range strings.SplitSeq(string(o), "|") {
		list = append(list, Operation(word))
	}
	return list
}

// Has says whether the operation is another, or one of those put together in it.
func (o Operation) Has(one Operation) bool {
	return o == one || one != "" && slices.Contains(o.Each(), one)
}

// Check says what is wrong with an operation's name, or nil.
func (o Operation) Check() error {
	for _, one := range o.Each() {
		for i, c := range one {
			if letter := c >= 'A' && c <= 'Z' || i > 0 && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9'); !letter {
				return fmt.Errorf("invalid operation %q: want letters and digits, the first a capital, such as %s", one, Submit)
			}
		}
		if one == "" {
			return fmt.Errorf("invalid operation %q: want a name such as %s", o, Submit)
		}
	}
	return nil
}

// Of are the routes that spell an operation, or one of those put together in it.
func (r Routes) Of(o Operation) (list Routes) {
	for _, route := range r {
		if o.Has(route.Operation) {
			list = append(list, route)
		}
	}
	return list
}

// Operations are those that the table spells, each once, in the table's order.
func (r Routes) Operations() (list []Operation) {
	for _, route := range r {
		if !slices.Contains(list, route.Operation) {
			list = append(list, route.Operation)
		}
	}
	return list
}

// Named is the operation of a message of the hop, by its method and its path with
// the mark that a tap has written behind it; "" where no route spells it.
func (r Routes) Named(hop Hop, method, path string) Operation {
	for _, route := range r {
		if route.Hop == hop && route.Method == method && MatchPath(route.Spelling(), path) {
			return route.Operation
		}
	}
	return ""
}
