// Package stripe is a fake Stripe: the payment API with its refunds, idempotency keys and
// webhooks, as a real HTTP service with a real ledger. A checkout that is tested against
// it makes the same calls through the same clients, and meets the same refusals. It is no
// mock: nobody tells it what to expect.
//
// # What it promises
//
//   - The ledger is the truth. Only the fake writes it; every change of money is told to
//     Config.See at its commit, before the answer goes out, in order.
//   - Every request is read by Document, Stripe's own OpenAPI document, and every answer
//     to what is played satisfies it.
//   - A request with an Idempotency-Key changes the books at most once within the key's
//     life, however many copies of it arrive and however they overlap.
//   - What is not played is answered 501 with its name, and told as Message.Unplayed:
//     nothing is known of a shop that asked for it.
//   - Keys of the live mode open nothing: see CheckNoLiveKey.
//   - Nothing ticks while nothing is due. All times are package time's, and no lock is
//     held while something waits, so it can live in a synctest bubble (call New inside).
//   - The same Config.Rand and the same requests give the same ids, in whatever order the
//     requests arrive.
//
// # What is played
//
// Of each operation these parameters, with all in them, and expand. Everything else that
// Stripe's document has is answered 501. What it has not is refused as Stripe does it:
// 404 for a path, 400 parameter_unknown for a parameter. An id that names nothing is
// resource_missing: 404 in a path, 400 in a parameter.
//
//	POST /v1/payment_intents               amount, currency, confirm, capture_method, confirmation_method,
//	                                       automatic_payment_methods, payment_method, payment_method_types (card),
//	                                       payment_method_data (card), customer, description, metadata, receipt_email,
//	                                       return_url, off_session, error_on_requires_action, setup_future_usage, shipping,
//	                                       statement_descriptor, statement_descriptor_suffix, transfer_group, mandate_data,
//	                                       use_stripe_sdk, confirmation_token
//	GET  /v1/payment_intents/{intent}      client_secret
//	GET  /v1/payment_intents               limit, starting_after; so too GET of refunds (payment_intent, charge),
//	                                       charges (payment_intent) and events (type)
//	POST /v1/payment_intents/{intent}      as to create, without what confirms
//	POST …/{intent}/confirm                payment_method, payment_method_data, return_url, client_secret, and what is told above of confirming
//	POST …/{intent}/capture                amount_to_capture, metadata, statement_descriptor, statement_descriptor_suffix
//	POST …/{intent}/cancel                 cancellation_reason
//	POST /v1/refunds                       payment_intent, charge, amount, reason, metadata
//	GET  /v1/refunds/{refund}, /v1/charges/{charge}, /v1/payment_methods/{payment_method}, /v1/events/{id}, /v1/disputes/{dispute}
//	POST /v1/customers, /v1/customers/{customer}
//	                                       name, email, phone, description, address, shipping, metadata, preferred_locales,
//	                                       invoice_settings (default_payment_method), payment_method (to create)
//	GET, DELETE /v1/customers/{customer}
//	GET  /v1/customers                     limit, starting_after, email; …/{customer}/payment_methods: limit, starting_after, type
//	POST /v1/payment_methods               type (card), card, billing_details, metadata, allow_redisplay (is not told)
//	POST …/{payment_method}/attach         customer; …/detach
//	POST /v1/test_helpers/confirmation_tokens
//	                                       payment_method, payment_method_data (card), return_url, setup_future_usage, shipping;
//	                                       Stripe.js asks the same by POST /v1/confirmation_tokens
//	GET  /v1/confirmation_tokens/{confirmation_token}
//	GET  /v1/payment_methods               limit, starting_after, customer, type
//	POST /v1/setup_intents                 confirm, usage, customer, payment_method, payment_method_types (card), payment_method_data (card),
//	                                       automatic_payment_methods, description, metadata, return_url, use_stripe_sdk, mandate_data
//	POST …/{intent}, …/confirm, …/cancel   as for payment intents; GET …/{intent} (client_secret), GET (customer, payment_method)
//	POST /v1/webhook_endpoints             url, enabled_events, description, metadata; POST …/{webhook_endpoint}: disabled, too
//	GET, DELETE …/{webhook_endpoint}, GET /v1/webhook_endpoints, GET /v1/disputes (payment_intent, charge)
//	POST /v1/checkout/sessions             mode (payment), line_items (price_data), success_url, cancel_url, client_reference_id, customer,
//	                                       customer_email, metadata, expires_at, payment_method_types (card),
//	                                       payment_intent_data (metadata, description, capture_method)
//	GET  /v1/checkout/sessions             limit, starting_after
//	GET  /v1/checkout/sessions/{session}, POST …/{session}/expire
//	(payment_method_data[card] has number, cvc, exp_month, exp_year or token, as Stripe's script sends it; the document lacks it)
//	expand                                 latest_charge, charge, payment_method, payment_intent, customer
//
// A page of the shop may load Stripe.js (see script.js), on observe.PayingHop, and ask there
// what a publishable key opens: to confirm, to look and to make a method. It asks each thing
// once: where no answer comes, its caller hears api_connection_error. A customer who
// declines has a card that is declined.
//
// Customers pay a session on its page, and say yes to their banks on another: see Pages.
//
// Rate limits, locks and failures of the API and of its edge come when they are asked for,
// and never by chance: see Provider.Fail. A secret of webhooks is replaced by
// Provider.RotateSecret, as an operator does.
//
// Not played, among others: other methods than cards, Connect (on_behalf_of, transfer_data, application fees),
// multicapture (final_capture), payment_method_options, incremental authorization, answers to disputes, balances,
// searches, subscriptions, and version 2 of the API.
//
// # What it knows, and from where
//
// The rules are those of docs.stripe.com, in particular "The Payment Intents API",
// "Idempotent requests", "Errors", "Error codes", "Testing" and "Webhooks":
//
//   - An intent goes requires_payment_method → requires_confirmation → requires_action →
//     processing → requires_capture → succeeded, or canceled. A decline takes it back to
//     requires_payment_method.
//   - The first status and body for a key are kept once execution has begun, a 500 too,
//     and replayed with Idempotent-Replayed. Other parameters for it are a 400
//     idempotency_error. While the first is under way others are a 409, and nothing of
//     them is kept. Keys are forgotten after 24 hours.
//   - An authorization of a card lapses after 7 days.
//   - A webhook is signed at the time of its sending, with each secret of its endpoint.
//     Webhooks come in any order, and are sent again for three days until they are taken.
//
// # Where the documentation is silent
//
// These are the fake's own choices:
//
//   - A webhook leaves up to 200 ms after its event. It is sent again after 5 s, and each
//     time after four times as long, 12 hours at most. An answer may take 10 s.
//   - A customer pays an intent that waits for a payment method by herself, after
//     Config.ApproveAfter, with pm_card_visa, or pm_card_threeDSecure2Required where
//     Config.Authenticates says so. One that was created with a method is the shop's to
//     confirm. She authenticates what needs it after the same time: on the page of a session
//     with her yes to it.
//   - The bank says nothing for an hour of the amount 20100, in minor units.
//   - A session's intent is in the ledger from the session's creation on, and in the API
//     once it is paid. A customer who says no on the page has tried a card that was
//     declined, and goes to cancel_url; the session stays open. One whose card is declined
//     stays on the page, which answers 402, and tries another card. It expires
//     after 24 hours,
//     for which nobody waits.
//   - automatic_async captures at once, and tells the balance transaction 2 s later.
//   - A refund by pm_card_pendingRefund succeeds after an hour, one by pm_card_refundFail
//     fails then. The books have a refund once it is sure.
//   - A payment by pm_card_createDispute is disputed an hour later. The ledger is silent
//     about it: it tells what the shop took.
//   - A confirmation token confirms one intent, again where its card was declined, and within
//     12 hours of its creation. Any other use is a 400. What the request says goes before
//     what the token has.
//   - A customer who declines has a card that is declined where she described it on the shop's
//     page, also where the shop's server confirms the payment.
//   - A customer says yes to her bank about a setup intent after Config.ApproveAfter. There
//     is no page for that, and Config.Declines and Decides do not ask about it.
//   - Webhooks go to loopback addresses only, where Config has no Transport.
//   - In the ledger, declined is an attempt that was refused; terminated an intent that
//     was canceled before anything was reserved; cancelled what was released of a
//     reservation, by a cancelation, a lapse or a partial capture.
//   - The smallest amounts are the published ones for their currencies, and 50 for others.
package stripe
