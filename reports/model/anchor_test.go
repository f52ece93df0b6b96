package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnchorsAreStableAndNeedNoEscape(t *testing.T) {
	a := anchors{}
	require.Equal(t, "story/wire-100/kept", a.of("story/wire-100/kept"))
	require.Equal(t, "story/wire-100/kept/2", a.of("story/wire-100/kept"))
	require.Equal(t, "story", a.alias("story"))
	require.Empty(t, a.alias("story"))
	require.Regexp(t, `^[-a-zA-Z0-9_./]+$`, Plain(`"><script> ÷ …`))
	require.NotEqual(t, Plain("a b"), Plain("a+b"), "what was lost is told apart")
	require.NotEmpty(t, Plain(""))
}
