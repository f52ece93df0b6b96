//go:build race

package record_test

// racing says whether the race detector watches.
const racing = true
