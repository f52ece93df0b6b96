// Package shipping is a fake carrier: it books parcels, lists them and calls
// them off, as a real HTTP service with a real ledger. Its API is nobody's, and
// small on purpose:
//
//	POST /shipments                 {"reference","basket"}, header Idempotency-Key
//	GET  /shipments?reference=R
//	POST /shipments/{id}/cancel
//
// # What it promises
//
//   - The ledger is the truth. Only the fake writes it; every change of a parcel
//     is told to Config.See at its commit, before the answer goes out, in order.
//   - One Idempotency-Key books one parcel at most, however many copies of the
//     request arrive and however they overlap. The same key with the same body
//     gets the same answer, a refusal (422) too; with another body, 409. Keys are
//     kept for good.
//   - Another key books another parcel, even for the same reference. A carrier
//     does not know how many parcels a shop meant to send.
//   - A malformed request (400, 413, 415) leaves no trace: its key is still free.
//   - Calling off twice is as good as once. After the hand-over it is too late (409).
//   - Every accepted request and every answer satisfies Document, its OpenAPI
//     document. An answer that would not becomes a 500 that says so, and a Note.
//   - Nothing ticks while nothing is due. All times are package time's, and no
//     lock is held while something waits, so it can live in a synctest bubble
//     (call New inside it).
package shipping
