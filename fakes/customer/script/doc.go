// Package script is a customer's page without a browser.
//
// The page is the real one: its own behaviour script runs in a JavaScript
// engine with an event loop for each document, bound to the network and the
// clock that the world provides. What the page waits for, sends again, reads
// and shows is the script's doing; this package does what a browser would do
// around the script: it loads the page, cancels what is under way when the page
// is left, and keeps connections warm.
//
// Unlike Chromium, the network stack here does not re-send a PUT by itself;
// package browser is for that.
package script
