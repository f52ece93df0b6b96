// Package customer plays a person at a tab with a shop's page in it.
//
// The person is the same whatever the page is made of: she loads it again when it
// does not come, gives up after a while, clicks once or twice, changes the basket,
// goes back and leaves. A FrontEnd is the page, and there are three of them: the
// reference page's own script in a JavaScript engine (package script), requests
// that are described as data (described), and Chromium (browser).
//
// Every click and every screen is told to an observer at its moment, and so is
// each request at the customer's end of the hop.
package customer
