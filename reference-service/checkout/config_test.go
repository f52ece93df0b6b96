package checkout

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAMistakeInTheSettingsIsOneLineThatNamesIt(t *testing.T) {
	tests := map[string]struct{ change, says string }{
		"unknown":           {"CHECKOUT_TIMEOUT=1s", "unknown setting CHECKOUT_TIMEOUT; valid are CHECKOUT_LISTEN, "},
		"missing":           {"CHECKOUT_SHIPPING_URL=", "CHECKOUT_SHIPPING_URL is missing: set it to the URL of the carrier"},
		"no database":       {"CHECKOUT_DATABASE=", "CHECKOUT_DATABASE is missing"},
		"two databases":     {"DATABASE_URL=postgres://x", "both set"},
		"no duration":       {"CHECKOUT_LEASE=30", `CHECKOUT_LEASE is "30": valid is a positive duration such as 10s`},
		"negative":          {"CHECKOUT_LEASE=-1s", `CHECKOUT_LEASE is "-1s"`},
		"zero":              {"CHECKOUT_BACKOFF_FIRST=0s", `CHECKOUT_BACKOFF_FIRST is "0s"`},
		"no number":         {"CHECKOUT_PRICE=499.00", `CHECKOUT_PRICE is "499.00": valid is a whole number of minor units`},
		"no workers":        {"CHECKOUT_WORKERS=0", `CHECKOUT_WORKERS is "0": valid is a whole number from 1`},
		"no URL":            {"CHECKOUT_PAYMENTS_URL=provider", `CHECKOUT_PAYMENTS_URL is "provider": valid is a URL`},
		"no currency":       {"CHECKOUT_CURRENCY=USD", "valid are NOK, DKK, EUR"},
		"no merchant":       {"CHECKOUT_PAYMENTS_MSN=acme", "valid are 4 to 6 digits"},
		"no safeguard":      {"CHECKOUT_WITHOUT=lease,luck", `CHECKOUT_WITHOUT is "lease,luck": there is no safeguard "luck"; valid: order-identity, `},
		"no truth":          {"CHECKOUT_STOP_ON_EOF=yes", "valid are true and false"},
		"long seed":         {"CHECKOUT_SEED=" + strings.Repeat("å", 65), "CHECKOUT_SEED is 65 characters long: valid is a text of 1 to 64"},
		"page too hasty":    {"CHECKOUT_PAGE_TIMEOUT=20s", "CHECKOUT_ANSWER_WITHIN is 20s: it must be shorter than CHECKOUT_PAGE_TIMEOUT, 20s"},
		"shop too hasty":    {"CHECKOUT_ANSWER_WITHIN=10s", "CHECKOUT_PROVIDER_TIMEOUT is 10s: it must be shorter than CHECKOUT_ANSWER_WITHIN, 10s"},
		"backwards backoff": {"CHECKOUT_BACKOFF_MAX=1ms", "CHECKOUT_BACKOFF_MAX is 1ms, shorter than CHECKOUT_BACKOFF_FIRST, 1s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out, complaint bytes.Buffer
			code := Main(t.Context(), nil, environment(test.change), &out, &complaint)
			require.Equal(t, 2, code)
			require.Contains(t, complaint.String(), test.says)
			require.Equal(t, 1, strings.Count(complaint.String(), "\n"))
			require.Empty(t, out.String())
		})
	}
}

func TestEverySettingHasItsDefault(t *testing.T) {
	c, err := ParseConfig(environment())
	require.NoError(t, err)
	require.Equal(t, 10*time.Second, c.ProviderTimeout)
	require.Equal(t, int64(49900), c.Price)
	require.Equal(t, 1, c.PageResends)
	require.Empty(t, c.Without)
}

func TestSettingsHaveNoLowerBound(t *testing.T) {
	c, err := ParseConfig(environment("CHECKOUT_PAGE_TIMEOUT=45us", "CHECKOUT_ANSWER_WITHIN=20us",
		"CHECKOUT_PROVIDER_TIMEOUT=10us", "CHECKOUT_LEASE=1ns", "CHECKOUT_PAGE_RESENDS=0"))
	require.NoError(t, err)
	require.Equal(t, time.Nanosecond, c.Lease)
	require.Zero(t, c.PageResends)
}

func TestASeedIsAnyTextOfUpTo64Characters(t *testing.T) {
	for _, seed := range []string{"", "7", "a b=c,d", strings.Repeat("å", 64)} {
		c, err := ParseConfig(environment("CHECKOUT_SEED=" + seed))
		require.NoError(t, err)
		require.Equal(t, seed, c.Seed)
	}
}

func TestTheNamesOfSafeguardsAreChecked(t *testing.T) {
	require.NoError(t, CheckSafeguards(nil))
	require.NoError(t, CheckSafeguards([]string{"lease", "nested-timeouts"}))
	for _, wrong := range []string{"luck", "", "Lease", " lease"} {
		err := CheckSafeguards([]string{"lease", wrong})
		require.ErrorContains(t, err, fmt.Sprintf("there is no safeguard %q; valid: order-identity, ", wrong))
		require.ErrorContains(t, err, ", nested-timeouts")
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestTimeoutsNeedNotNestWithoutTheSafeguard(t *testing.T) {
	_, err := ParseConfig(environment("CHECKOUT_PROVIDER_TIMEOUT=60s", "CHECKOUT_WITHOUT=nested-timeouts"))
	require.NoError(t, err)
}

func TestHelpTellsEverySetting(t *testing.T) {
	var out, complaint bytes.Buffer
	require.Zero(t, Main(t.Context(), []string{"-help"}, nil, &out, &complaint))
	for _, name := range Providers() {
		payments, err := providerSettings(name)
		require.NoError(t, err)
		for _, s := range settings(payments) {
			require.Contains(t, out.String(), s.name+" (")
			require.Contains(t, out.String(), s.help)
		}
	}
	require.Equal(t, 2, Main(t.Context(), []string{"serve"}, nil, &out, &complaint))
	require.Contains(t, complaint.String(), "-help")
}

func TestTheTableOfSafeguardsIsComplete(t *testing.T) {
	require.Len(t, Safeguards, 18)
	var names []string
	for _, g := range Safeguards {
		require.NotContains(t, names, g.Name)
		require.Contains(t, []string{"service", "front end", "both"}, g.Side)
		require.True(t, strings.HasSuffix(g.Saves, "."), g.Saves)
		names = append(names, g.Name)
	}
	c, err := ParseConfig(environment("CHECKOUT_WITHOUT=" + strings.Join(names, ",")))
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(names, c.Has))
}
