// Package checkout takes orders, money for them, and sends parcels, and keeps
// its promises when anything on the way breaks.
//
// It promises a customer that for one basket she is charged at most once, that
// what is charged is what her page showed, that goods go out if and only if
// they are paid for, that money which buys nothing goes back, and that anyone who
// asks how her order stands gets a true answer. It keeps these promises when
// messages are lost, late or repeated in either direction, when an answer makes
// no sense, and when the process dies at any point and starts again.
//
// How it does that:
//
//   - An order's id is minted with the basket's page, before the first click.
//     Submitting it commits the order and its first effect in one transaction,
//     and calls nobody.
//   - Each thing to be done in the outside world is one row, an effect, with a
//     deterministic idempotency key and a frozen request. A worker claims it
//     under a lease, so that the worker is the crash recovery too.
//   - An attempt is done, failed or unknown. Unknown neither advances an order
//     nor undoes one: the worker looks what the other side knows and only then
//     asks again, with the same key and the same body.
//   - The order moves, and its next effect is decided on, in the transaction
//     that records the outcome. See the table in machine.go.
//   - A webhook is a signed hint to look, never a fact.
//     Where the provider cannot be asked, what it told is all that there is to look at: it
//     is kept, and read in any order.
//   - The shop gives up only by cancelling at the provider, and believes what
//     the provider says then.
//
// Every mechanism is a safeguard with a name and can be switched off, to show
// what it is good for; see Safeguards.
//
// The package has no globals that change, reads no environment by itself and
// dials nobody but through the Transport that it is given. While nothing is due
// it does not tick, so that it also runs under a virtual clock.
package checkout
