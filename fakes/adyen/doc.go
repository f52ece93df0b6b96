// Package adyen is a fake Adyen: payments, details and modifications of Checkout, version
// 71, and its standard webhooks, as a real HTTP service with a real ledger. It is no mock:
// nobody tells it what to expect.
//
// # What it promises
//
//   - The ledger is the truth. Only the fake writes it; every change of money is told to
//     Config.See at its commit, before the answer goes out, in order.
//   - A capture, a cancel or a refund is answered "received", which says nothing of money.
//     What it comes to happens two seconds later, and only a webhook tells it: a shop that
//     takes the answer for the charge sends goods that nobody paid for.
//   - A request with an Idempotency-Key changes the books at most once, however many
//     copies of it arrive and however they overlap.
//   - What is not played is answered 501 with its name, and told as Message.Unplayed:
//     nothing is known of a shop that asked for it.
//   - It takes API keys only that no real account has: see CheckAPIKey. Webhooks say
//     "live": "false".
//   - Nothing ticks while nothing is due. All times are package time's, and no lock is
//     held while something waits, so it can live in a synctest bubble (call New inside).
//   - The same Config.Rand and the same requests give the same ids, in whatever order the
//     requests arrive.
//
// # What is played
//
// Of each operation these fields. Any other that the published document has is answered
// 501, and what it has not is refused with code 702.
//
//	POST /v71/payments                            amount, merchantAccount, metadata, paymentMethod (type: scheme, or one
//	                                              that sends her to a page: eps, ideal, klarna, klarna_account,
//	                                              klarna_paynow, mobilepay, swish, trustly, twint, vipps), reference,
//	                                              returnUrl; without effect: applicationInfo, billingAddress, browserInfo,
//	                                              channel, checkoutAttemptId, countryCode, dateOfBirth, deliveryAddress,
//	                                              lineItems, origin, riskData, shopper… (Email, IP, Interaction, Locale, Name,
//	                                              Reference, Statement), telephoneNumber
//	POST /v71/payments/details                    details.redirectResult
//	POST /v71/payments/{pspReference}/captures    amount, merchantAccount, reference; without effect: applicationInfo, lineItems
//	POST /v71/payments/{pspReference}/cancels     merchantAccount, reference; without effect: applicationInfo
//	POST /v71/payments/{pspReference}/refunds     amount, merchantAccount, merchantRefundReason, reference; without effect: as captures
//	POST /v71/cancels                             merchantAccount, paymentReference, reference; without effect: applicationInfo
//	webhooks                                      AUTHORISATION, CAPTURE, CAPTURE_FAILED, CANCELLATION, TECHNICAL_CANCEL, REFUND,
//	                                              REFUND_FAILED, OFFER_CLOSED, each with one item
//	Pages                                         where a redirect leads her; she comes back with redirectResult
//
// Not played, among others: sessions, payment links, reversals, amount updates, orders,
// stored cards, 3-D Secure on the shop's page, splits and stores, captures without being
// asked for, several captures of one payment, disputes, reports, Terminal API, and a way to
// ask how a payment stands: Adyen has none. A shop lives by webhooks and by asking again
// under the same key.
//
// # What it knows, and from where
//
// The rules are those of docs.adyen.com, in particular "API idempotency", "Capture",
// "Cancel", "Refund", "Verify HMAC signatures", "Troubleshoot webhooks" and "Redirect",
// and of CheckoutService-v71.json of github.com/Adyen/adyen-openapi:
//
//   - A key has 64 characters at most and is the company's. The first answer is given
//     again, with the key in a header. Keys hold 31 days at the least; here, for good.
//   - A reference may come twice: without the same key, it is another payment.
//   - An answer that sends her to a page has no pspReference yet: details and
//     AUTHORISATION have it.
//   - What a capture leaves over is released.
//   - A webhook's signature covers eight of its fields and no time, is in its body, and is
//     made when the webhook is. An answer of 2xx takes it. Else it is sent again after 9,
//     18 and 27 seconds, 2, 5, 10, 15 and 30 minutes, 1, 2, 4 hours and then each 8, for 30
//     days.
//
// # Where the documentation is silent
//
// These are the fake's own choices:
//
//   - Another request under a key is refused with code 704, as one that comes while the
//     first is under way; only the latter has Transient-Error.
//   - The outcome of a modification takes 2 s. One that cannot be is answered "received",
//     too, and its webhook says why: success is "false".
//   - A webhook leaves up to 200 ms after its event, and an answer may take 10 s.
//   - A cancel also ends a payment that its customer has not decided: she cannot pay it
//     any more. By reference it is the latest payment of that reference.
//   - She has 30 minutes. Then OFFER_CLOSED is told.
//   - The bank says nothing for an hour of the amount 20100, in minor units.
//   - A capture or refund that fails later (Config.FailCaptures, FailRefunds) is told by
//     CAPTURE_FAILED or REFUND_FAILED alone, whose success is true; it never was in the books.
//   - In the ledger, aborted is a payment that she or her bank refused; terminated one that
//     was cancelled before anything was held; expired one that she left open.
package adyen
