// Package tap stands on the wire beside the service under test: it sees and
// numbers every message of one hop, and deals the message faults.
//
//	customer ──► Toxiproxy ──► tap ──► checkout ──► tap ──► Toxiproxy ──► provider
//
// The tap decides which message; Toxiproxy decides how bytes travel. What a
// tap promises:
//
//   - One request from the caller is one request to the callee: the tap writes
//     it to a connection by itself, so that no HTTP client in between can send
//     it again. (net/http's Transport re-sends a POST that carries an
//     Idempotency-Key when a reused connection dies under it.)
//   - Connections are paired: each connection of the caller has one of its own
//     to the callee, warm or cold like it, and dies with it.
//   - A request that reached the tap is carried out even when its caller has
//     left, as on a real network.
//   - The Host header and the body pass unchanged, signatures included.
//
// A tap speaks HTTP/1.1. It needs nothing of the service under test.
package tap
