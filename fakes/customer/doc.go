// Package customer plays a person at a checkout page, without a browser.
//
// The page is the real one: its own behaviour script runs in a JavaScript
// engine with an event loop for each document, bound to the network and the
// clock that the world provides. What the page waits for, sends again, reads
// and shows is the script's doing; this package adds the person, who opens,
// clicks and leaves, and what a browser would do around the script: it loads
// the page, cancels what is under way when the page is left, and keeps
// connections warm.
//
// Every click and every screen is told to an observer at its moment, and so is
// each request at the customer's end of the hop. Unlike Chromium, the network
// stack here does not re-send a PUT by itself; package browser is for that.
package customer
