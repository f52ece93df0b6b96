#!/usr/bin/env bash
# How many decimals does a currency have? Ask five libraries.
#
# Shown: the page (Intl.NumberFormat, whose figures follow how prices are written) and Go's
# x/text disagree with ISO 4217, with each other and with the money libraries, for forints,
# Colombian pesos, rupiahs, Pakistani rupees, dinars.
# Versions: Node 20's Intl, currency-codes 2.2.0, dinero.js 2.0.2 (Node), x/text 0.44.0,
# go-money 1.0.15, bojanz/currency 1.4.2 (Go).
# Why a checkout cares: minor units computed with one table and read with another are wrong by a
# factor of 100 or 1000. Neither side can notice: both are valid amounts.
# Instead: take the decimals from the *provider's* list (it has exceptions of its own), store them
# with the amount, and use no formatter to compute.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "the decimals of a currency are a standard (ISO 4217); all tables agree"
npm_install currency-codes@2.2.0 dinero.js@2.0.2
go_install golang.org/x/text@v0.44.0 github.com/Rhymond/go-money@v1.0.15 github.com/bojanz/currency@v1.4.2
cat >"$work/main.go" <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/Rhymond/go-money"
	"github.com/bojanz/currency"
	text "golang.org/x/text/currency"
)

func main() {
	table := map[string][]int{}
	for _, code := range os.Args[1:] {
		decimals, _ := text.Standard.Rounding(text.MustParseISO(code))
		digits, _ := currency.GetDigits(code)
		table[code] = []int{decimals, money.GetCurrency(code).Fraction, int(digits)}
	}
	out, _ := json.Marshal(table)
	fmt.Println(string(out))
}
END
cat >"$work/table.mjs" <<'END'
import { readFileSync } from 'node:fs';
import codes from 'currency-codes';
import * as dinero from 'dinero.js/currencies';
const go = JSON.parse(readFileSync('go.json'));
console.log('      Intl  x/text  ISO 4217  dinero.js  go-money  bojanz');
for (const code of process.argv.slice(2)) {
  const page = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits;
  const [text, goMoney, bojanz] = go[code];
  const row = [page, text, codes.code(code).digits, dinero[code].exponent, goMoney, bojanz];
  console.log(`${code}   ${row.map((n, i) => `${n}`.padEnd([6, 8, 10, 11, 10, 0][i])).join('')}`);
}
END
currencies=(EUR HUF COP IDR PKR IQD RSD AMD UZS MGA)
run_go main.go "${currencies[@]}" >"$work/go.json"
(cd "$work" && node table.mjs "${currencies[@]}" >seen)
behaves <<'END'
      Intl  x/text  ISO 4217  dinero.js  go-money  bojanz
EUR   2     2       2         2          2         2
HUF   0     2       2         2          2         2
COP   0     0       2         2          2         2
IDR   0     0       2         2          2         2
PKR   0     0       2         2          2         2
IQD   0     0       3         3          3         3
RSD   2     0       2         2          2         2
AMD   2     0       2         2          2         2
UZS   2     0       2         2          2         2
MGA   0     0       2         1          2         2
END
