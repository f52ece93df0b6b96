package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestARowIsWrong(t *testing.T) {
	for _, c := range []struct {
		sample      string
		code        int
		clock, hogs int
		wrong       bool
	}{
		{"node-mended", 0, 5, 4, false},
		{"node-mended", 3, 200, 4, false},
		{"node-mended", 1, 200, 4, true},
		{"node-naive", 1, 5, 0, false},
		{"node-naive", 3, 100, 2, false},
		{"node-naive", 0, 100, 2, true},
		{"node-mended", 3, 20, 0, true},
		{"node-mended", 2, 20, 2, true},
	} {
		require.Equal(t, c.wrong, result{code: c.code}.judge(c.sample, c.clock, c.hogs) != "", c)
	}
}
