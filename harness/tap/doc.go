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
//   - An answer that does not say how long it is, or is longer than 16 MiB, is
//     passed on as it comes, unless it ends at once. It is told of at its end,
//     marked as a stream, and is no message under way meanwhile. Where the caller
//     leaves, the callee's end of the stream ends too.
//   - A fault on a stream is dealt in bounded time. A field of server-sent events or JSON lines
//     is changed one by one until the fault heals; a stream is cut
//     inside what came first; whatever needs a whole answer waits 5 s of the story for
//     its end. Where it did not come, a note says that the fault had no effect.
//   - An answer packed with gzip, br or deflate is recorded unpacked. One that a
//     fault changes is packed again in the same way, which its caller has asked
//     for, and loses the ETag and digests of what it was.
//   - A WebSocket's handshake is answered with 501 and a sentence.
//
// A tap speaks HTTP/1.1. It needs nothing of the service under test.
package tap
