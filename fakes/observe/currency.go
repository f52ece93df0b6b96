package observe

import "slices"

// Currencies whose minor unit is not a hundredth, by ISO 4217. The tables of CLDR
// (golang.org/x/text/currency) are about how people write money and differ: there,
// PKR, COP and RSD have no decimals, and providers count them in hundredths.
var (
	undivided   = []string{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
	thousandths = []string{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
	tenths      = []string{"CLF", "UYW"} // of a thousandth
)

// Decimals is how many decimals an amount of the currency has when it is written
// in major units: 2 of NOK, 0 of JPY, 3 of KWD. A word that is no currency has 2.
func Decimals(currency string) int {
	switch {
	case slices.Contains(undivided, currency):
		return 0
	case slices.Contains(thousandths, currency):
		return 3
	case slices.Contains(tenths, currency):
		return 4
	}
	return 2
}
