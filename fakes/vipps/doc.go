// Package vipps is a fake Vipps MobilePay: the ePayment API, its access tokens
// and its webhooks, as a real HTTP service with a real ledger. A checkout that
// is tested against it makes the same calls, meets the same refusals and waits
// the same times as against the provider's test environment. It is no mock:
// nobody tells it what to expect.
//
// # What it promises
//
//   - The ledger is the truth. Only the fake writes it; every change of money is
//     told to Config.See at its commit, before the answer goes out, in order.
//   - Every accepted request and every answer satisfies Document, its OpenAPI
//     document. An answer that would not becomes a 500 that says so, and a Note.
//   - A request with an Idempotency-Key changes the books at most once, however
//     many copies of it arrive and however they overlap.
//   - Nothing ticks while nothing is due. All times are package time's, and no
//     lock is held while something waits, so it can live in a synctest bubble
//     (call New inside it).
//   - The same Config.Rand and the same requests give the same ids and tokens,
//     in whatever order the requests arrive.
//
// # What it knows, and from where
//
// The rules are those of the public documentation at
// developer.vippsmobilepay.com, in particular "ePayment API guide" with its
// error codes and rate limits, "Access token API", "Webhooks API guide" and
// "Webhooks: request authentication", and of ePayment API 1.4.1:
//
//   - A payment goes CREATED → AUTHORIZED, ABORTED, EXPIRED or TERMINATED and
//     stays AUTHORIZED whatever is captured, refunded or released later; the
//     aggregate tells that. The customer has 10 minutes.
//   - Cancelling before approval terminates; after it, releases what is still
//     reserved.
//   - The same key with the same request gets the same answer, a refusal too.
//     With another request it gets 409 and code 4010 (capture), 4150 (refund)
//     or 4020. 423, 429 and 5xx do not bind a key: they are to be retried.
//   - A reference is taken for good (4150).
//   - In a minute, a reference allows 5 calls of each kind of write and 120 of
//     each kind of read.
//   - Webhooks are signed (see Sign), ordered within a registration, and retried
//     after 2 s four times, 1 and 2 minutes, hourly to attempt 29, then daily
//     for up to 7 days. A webhook that fails holds up later ones of its payment.
//
// # Where the documentation is silent
//
// These are the fake's own choices:
//
//   - Keys are remembered for ever and belong to the merchant, so that one key
//     serves one request, whatever its kind. Two bodies that differ only in the
//     order of fields or in white space are the same request.
//   - Of two requests with one key at the same time the second waits for the
//     first and gets its answer.
//   - Rate windows slide, and a refused call does not count.
//   - A domain error is 400, but 409 for conflicts, 404 for an unknown reference
//     (5090) and 423 while the bank keeps silent (6160).
//   - A key is bound from the moment that the headers are in order: a body that
//     is malformed is refused for that key for good.
//   - Asking for 151 (no funds) or 186 (card expired), in minor units, ends in
//     ABORTED when the customer approves: she has no other card. 201 stays
//     CREATED for an hour after she approves, cannot be cancelled or expire
//     meanwhile, and is AUTHORIZED then.
//   - created, aborted, expired and terminated carry in the ledger the amount
//     that was asked, and move no money; cancelled carries what was released.
//   - Answers to capture, refund and cancel are application/json. The published
//     document says application/problem+json there, which can only be a slip:
//     clients read it as an error.
//   - Retry-After is not sent, since it is not documented.
//   - A webhook leaves up to 50 ms after its event, and as much after its
//     schedule. After the last attempt it is given up, and the next one of its
//     payment has its turn.
//   - http is taken in place of https where the host cannot be on the public
//     Internet (see RegisterWebhook).
//
// # What it lacks
//
// Express checkout, long-living payments (expiresAt is refused with 5050),
// receipts, QR images, profile data, settlement, partner keys, and the deadlines
// of 180 and 365 days for capture and refund.
package vipps
