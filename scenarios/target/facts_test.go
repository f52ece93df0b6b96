package target_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/scenarios/target"
)

func TestADatabaseIsKnownInParts(t *testing.T) {
	facts, err := target.OfDatabase("postgres://shop:s%2Fcret@127.0.0.1:15432/story_7?sslmode=disable")
	require.NoError(t, err)
	require.Equal(t, target.Facts{
		"database.url": "postgres://shop:s%2Fcret@127.0.0.1:15432/story_7?sslmode=disable", "database.host": "127.0.0.1", "database.port": "15432",
		"database.name": "story_7", "database.user": "shop", "database.password": "s/cret",
	}, facts)
	_, err = target.OfDatabase("postgres://[")
	require.Error(t, err)
}

// What a description may name is listed as far as there is such a thing at this shop.
func TestOnlyWhatThereIsIsListed(t *testing.T) {
	sometimes := []string{"payments.ca", "shipping.url", "database.url", "database.password", "webhooks.url", "webhooks.secret"}
	for name, row := range map[string]struct {
		with  string
		lists []string
	}{
		"a carrier":       {"", []string{"shipping.url"}},
		"no carrier":      {"shipping: none\n", nil},
		"a database":      {"database: postgres\nshipping: none\n", []string{"database.url", "database.password"}},
		"no database":     {"database: none\nshipping: none\n", nil},
		"webhooks":        {"webhooks: /hook\nshipping: none\n", []string{"webhooks.url", "webhooks.secret"}},
		"its certificate": {"payments: {tls: true}\nshipping: none\n", []string{"payments.ca"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.NewReplacer("[go, version]", "[go, \"${shop.url}\"]", "money:", row.with+"money:").Replace(smallest)
			_, err := parse([]byte(text))
			require.ErrorContains(t, err, "nothing is known as ${shop.url}; there are service.port,")
			for _, fact := range sometimes {
				require.Equal(t, slices.Contains(row.lists, fact), strings.Contains(err.Error(), fact), "%s: %v", fact, err)
			}
		})
	}
	elsewhere := strings.Replace(smallest, "[go, version]", "[go, 'https://api.shop.no']", 1)
	_, err := parse([]byte(elsewhere))
	require.ErrorContains(t, err, "say ${payments.url}, ${shipping.url} or ${callees.NAME.url};")
	_, err = parse([]byte(strings.Replace(elsewhere, "money:", "shipping: none\nmoney:", 1)))
	require.ErrorContains(t, err, "say ${payments.url} or ${callees.NAME.url};")
}
