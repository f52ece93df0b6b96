package target_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// However a secret is written, none of its parts that may stand alone is shown.
func TestThePartsOfAnInheritedSecretAreSecrets(t *testing.T) {
	t.Setenv("CREDENTIALS", `{"private_key":"-----BEGIN KEY-----\nQUJDREVGR0hJSktMTU5PUA\n-----END KEY-----","id":["client-4711-x"]}`)
	t.Setenv("KEY", `-----BEGIN KEY-----\nUVdFUlRZVUlPUEFTREY=\n`)
	t.Setenv("DATABASE", "postgres://shop:s3cr3t-of-the-shop@db/shop")
	shop := with(t)
	shop.Service.Inherit = []string{"CREDENTIALS", "KEY", "DATABASE"}
	secrets := shop.Secrets(target.Facts{}, units.Wall)
	for _, part := range []string{"QUJDREVGR0hJSktMTU5PUA", "client-4711-x", "UVdFUlRZVUlPUEFTREY=", "s3cr3t-of-the-shop"} {
		require.Contains(t, secrets, part)
	}
	require.NotContains(t, secrets, "private_key")
}
