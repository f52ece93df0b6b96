//go:build !race

package harness_test

// racing says whether the race detector watches.
const racing = false
