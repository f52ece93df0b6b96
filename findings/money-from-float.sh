#!/usr/bin/env bash
# From a price to minor units: three libraries, three wrong amounts.
#
# Shown: go-money's NewFromFloat cuts instead of rounding: 19.99 becomes 1998 cents. currency.js
# and numeral take a decimal comma for a thousands separator: "19,99" is 1999 whole euros, and
# "1.234,56" is 1.23. On one page toFixed writes 1.00 where Intl.NumberFormat writes 1.01.
# Versions: go-money 1.0.15 (Go), currency.js 2.0.4, numeral 2.0.6, Node 20.
# Why a checkout cares: the page shows one amount and the provider is asked for another; a cent
# less refuses the capture ("amount mismatch"), a factor of 100 does not refuse.
# Instead: keep minor units as integers from the price list to the provider; parse what a person
# typed with the locale named (currency.js: { decimal: ',', separator: '.' }); money.New(1999, "EUR").
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a money library turns 19.99 into 1999 minor units, and refuses a number it cannot read"
npm_install currency.js@2.0.4 numeral@2.0.6
go_install github.com/Rhymond/go-money@v1.0.15
cat >"$work/main.go" <<'END'
package main

import (
	"fmt"

	"github.com/Rhymond/go-money"
)

func main() {
	for _, price := range []float64{19.99, 8.2, 0.29, 136.98} {
		amount := money.NewFromFloat(price, money.EUR)
		fmt.Printf("go-money: NewFromFloat(%v) is %d minor units, %s\n", price, amount.Amount(), amount.Display())
	}
}
END
cat >"$work/prices.js" <<'END'
const currency = require('currency.js');
const numeral = require('numeral');
for (const typed of ['19,99', '1.234,56'])
  console.log(`"${typed}": currency.js ${currency(typed).intValue} minor units, numeral ${numeral(typed).value()}`);
const euro = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });
for (const price of [1.005, 10.075, 2.675])
  console.log(`${price}: Intl ${euro.format(price)}, toFixed ${price.toFixed(2)}, Math.round(price * 100) ${Math.round(price * 100)}`);
END
run_go main.go >"$work/seen"
node "$work/prices.js" >>"$work/seen"
behaves <<'END'
go-money: NewFromFloat(19.99) is 1998 minor units, €19.98
go-money: NewFromFloat(8.2) is 819 minor units, €8.19
go-money: NewFromFloat(0.29) is 28 minor units, €0.28
go-money: NewFromFloat(136.98) is 13697 minor units, €136.97
"19,99": currency.js 199900 minor units, numeral 1999
"1.234,56": currency.js 123 minor units, numeral 1.23456
1.005: Intl €1.01, toFixed 1.00, Math.round(price * 100) 100
10.075: Intl €10.08, toFixed 10.07, Math.round(price * 100) 1007
2.675: Intl €2.68, toFixed 2.67, Math.round(price * 100) 268
END
