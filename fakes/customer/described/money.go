package described

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Major says that a captured amount is in major units: 499.00 instead of 49900.
const Major = "major"

var (
	plainDecimal = regexp.MustCompile(`^[0-9]{1,14}(\.[0-9]{1,30})?$`)
	threeLetters = regexp.MustCompile(`^[A-Za-z]{3}$`)
)

// currency is what the page shows: three letters, in any case.
func (v variables) currency() (string, error) {
	text, is := v["currency"].(string)
	if !is || !threeLetters.MatchString(text) {
		return "", fmt.Errorf("its currency is %s: want three letters, such as NOK", spelled(v["currency"]))
	}
	return strings.ToUpper(text), nil
}

// minor is the amount that is known under the name, in the currency's smallest
// unit. One in major units is a plain decimal with a point, as a number or as a
// text. What has more decimals than the currency is rounded half up, as a page
// does that shows it and a shop that asks a provider for it.
func (v variables) minor(name, units, currency string) (int64, error) {
	value := v[name]
	var text string
	switch it := value.(type) {
	case json.Number:
		text = it.String()
	case string:
		text = it
	default:
		return 0, fmt.Errorf("its %s is %s: want a number", name, spelled(value))
	}
	if units != Major {
		amount, err := strconv.ParseInt(text, 10, 64)
		if err != nil || amount < 0 {
			return 0, fmt.Errorf("its %s is %s: want a whole number of minor units, such as 49900; an amount such as 499.00 needs units: major where it is captured", name, spelled(value))
		}
		return amount, nil
	}
	if !plainDecimal.MatchString(text) {
		return 0, fmt.Errorf("its %s is %s: want a plain decimal of major units with a point, such as 499.00", name, spelled(value))
	}
	amount, _ := new(big.Rat).SetString(text)
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(observe.Decimals(currency))), nil)
	amount.Mul(amount, new(big.Rat).SetInt(scale)).Add(amount, big.NewRat(1, 2))
	return new(big.Int).Quo(amount.Num(), amount.Denom()).Int64(), nil // 18 digits fit
}

// longestValue is how much of a value a sentence quotes.
const longestValue = 60

// spelled is a value that an answer has, for a sentence.
func spelled(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return "no JSON"
	}
	if short := []rune(string(text)); len(short) > longestValue {
		return string(short[:longestValue]) + "…"
	}
	return string(text)
}
