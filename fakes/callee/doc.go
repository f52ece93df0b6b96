// Package callee is a service that a shop calls, made of data: a list of requests with
// their answers, and no state.
//
// What it promises:
//
//   - Of several answers that fit a request, the first with a Where counts, or else the
//     first.
//   - A request that no answer fits gets Otherwise, or where there is none, 404 with a
//     sentence, and its answer is told as Unanswered: nobody knows what the real service
//     says there.
//   - Work is written down when it is done, before the answer goes out, and once for
//     each value of its Key.
package callee
