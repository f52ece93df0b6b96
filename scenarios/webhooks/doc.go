// Package webhooks tests a handler of a provider's webhooks alone: no front end is
// described, and no checkout. A short file says where the handler is, whose webhooks it
// takes, by which secret they are signed, how it is started where it may be killed, and
// how its effects are counted.
//
// What it promises:
//
//   - A right handler has one effect for each purchase that is paid, however its notices
//     come: twice, several at once, late, in another order, cut off, with the handler
//     killed while it works on one, or right after its answer. It has none for a purchase that is refused, and none
//     for a notice that the provider did not sign.
//   - An effect is what the shop itself counts. A lost effect is judged only after the
//     notices that the handler did not take were sent again, as the provider does.
//   - A kill before an answer counts only where the handler had all of the request, died by
//     it, and not a byte of an answer came. Notices of which no kill took effect make a
//     run UNPROVEN.
//   - What is wrong is run again alone before it is reported, minimized to the fewest
//     deliveries, and printed with the line that replays it.
//   - Failures of one cause are one finding, with what it explains.
//   - A count that cannot be one of effects is UNPROVEN, and no verdict about the handler.
//   - A handler that is down, that has no effect of a purchase that goes well, or that
//     refuses right signatures is UNPROVEN: it is never green.
package webhooks
