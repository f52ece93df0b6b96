// Package compose composes the reference shop for those who stage it: the specs,
// the benchmarks and the load test. It is the one place that knows the shop,
// the fakes and the worlds at once, and it knows no test framework.
package compose
