package observe_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestDecimalsOfCurrencies(t *testing.T) {
	for currency, want := range map[string]int{
		"NOK": 2, "EUR": 2, "PKR": 2, "RSD": 2, "COP": 2, "JPY": 0, "ISK": 0, "XPF": 0, "KWD": 3, "BHD": 3, "CLF": 4,
		"": 2, "nok": 2, "[NOK]": 2, "\x1b[31m": 2,
	} {
		require.Equal(t, want, observe.Decimals(currency), currency)
	}
}
