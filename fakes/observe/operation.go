package observe

import "slices"

// Hop is one way that messages travel, from caller to callee, such as
// "customer>checkout". A provider or a shop may bring hops of its own.
type Hop string

// The hops of an ordinary shop.
const (
	CustomerHop Hop = "customer>checkout"
	ProviderHop Hop = "checkout>provider"
	WebhookHop  Hop = "provider>checkout"
	ShippingHop Hop = "checkout>shipping"
	// DatabaseHop goes through Toxiproxy where the database is reached over TCP.
	// Nobody reads messages on it, so it has no operations.
	DatabaseHop Hop = "checkout>database"
)

// Operation is what a message is for, whatever its URL. Shops, providers and
// carriers may name further ones; a name begins with a capital and has no spaces.
type Operation string

// Operations of customers at a shop.
const (
	OpenPage     Operation = "OpenPage"     // load the page that shows the basket
	ChangeBasket Operation = "ChangeBasket" // set how many are in the basket
	Submit       Operation = "Submit"       // buy what the basket holds
	OrderStatus  Operation = "OrderStatus"  // ask how the order stands
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

// Operations of a shop at its carrier.
const (
	BookParcel   Operation = "BookParcel"   // have a parcel sent
	CancelParcel Operation = "CancelParcel" // take a booking back
)

// Route is how a shop, a provider or a carrier spells an operation.
type Route struct {
	Operation    Operation
	Hop          Hop
	Method, Path string // Path is a template such as "/orders/{id}"
	// Where says what tells its messages from others of the same method and path;
	// the zero Where is for a route that needs none.
	Where Where
}

// Where is a value that a message has, to the letter: in its JSON body, in a header
// or in its query. GraphQL needs it, where every operation is POST /graphql.
type Where struct {
	// One of these says where the value is.
	JSON   string // a JSON Pointer (RFC 6901) into the body
	Header string
	Query  string
	Value  string
}

// Is says whether there is anything to tell a message by.
func (w Where) Is() bool { return w.JSON != "" || w.Header != "" || w.Query != "" }

// Routes are a table of routes. Of several that fit a message, the first counts.
type Routes []Route

// Of are the routes that spell an operation.
func (r Routes) Of(o Operation) (list Routes) {
	for _, route := range r {
		if route.Operation == o {
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
