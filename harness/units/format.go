package units

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// longestCurrency is how much of a page's word for a currency is told, in bytes.
const longestCurrency = 12

// Price writes an amount of minor units as a customer reads it: "NOK 1,499.00",
// "JPY 499", "KWD 4.990".
func Price(amount int64, currency string) string {
	if currency == "" {
		currency = "?"
	}
	if len(currency) > longestCurrency || strings.ContainsFunc(currency, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		currency = strconv.QuoteToGraphic(redact.Truncate(currency, longestCurrency)) // a page said so, and means no good
	}
	sign, digits := "", strconv.FormatInt(amount, 10)
	if amount < 0 {
		sign, digits = "-", digits[1:]
	}
	decimals := observe.Decimals(currency)
	if missing := decimals + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, fraction := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals > 0 {
		whole += "."
	}
	return currency + " " + sign + whole + fraction
}

// FormatDuration writes a time of the story as a person says it: "47.2 s", "10 min 17 s",
// "3 h 0 min".
func FormatDuration(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// FormatCount says how often: “never”, “once”, “twice”, “3 times”.
func FormatCount(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
