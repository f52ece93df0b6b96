package shipping

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every route is one that the carrier serves, and it serves no other.
func TestRoutesAreServed(t *testing.T) {
	served := map[string]bool{}
	for _, r := range Routes() {
		operation, id, _ := route(r.Method, strings.ReplaceAll(r.Path, "{id}", "parcel-1"))
		require.NotEmpty(t, operation, r.Operation)
		require.Equal(t, strings.Contains(r.Path, "{id}"), id == "parcel-1")
		served[operation] = true
	}
	require.Len(t, served, 3)
}
