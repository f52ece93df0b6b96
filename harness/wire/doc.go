// Package wire enacts stories on the wire: real sockets through an embedded
// Toxiproxy, the shop as a real process, a real database, and a wall clock,
// true or divided.
//
//	customer ──► Toxiproxy ──► tap ──► checkout ──► tap ──► Toxiproxy ──► provider, carrier
//	provider ──► Toxiproxy ──► tap ──► checkout
//	checkout ──► Toxiproxy ──► database                  (where it is one over TCP)
//
// The shop may have several processes. Where several of them serve, the tap before them is
// a balancer; each calls its callees at addresses of its own, so that the taps know who
// calls, and a kill of the shop hits the process at an end of its message.
//
// Everything listens on 127.0.0.1, on ports that the system chooses. The
// package knows no particular shop: anyone who composes a world hands it a Compose,
// which makes the fakes and says how the shop's process is started.
//
// A world comes to rest when nothing was seen on any hop for longer than the
// shop's longest time-out; it leaves no process, connection or file behind,
// whatever happened to the story.
package wire
