#!/usr/bin/env bash
# testify: three green assertions about money that is wrong.
#
# Shown: EqualValues(int64(1999), 1999.99) passes, the same with the arguments swapped fails:
# the actual value is converted to the expected one's type, and a conversion to an integer cuts
# the fraction. JSONEq takes two different payment ids above 2^53 for one (they are read as
# float64). Never passes when its condition is slower than the wait, although it becomes true.
# Gomega's MatchJSON tells the ids apart; its BeEquivalentTo cuts like EqualValues.
# Versions: testify 1.12.1, gomega 1.44.0.
# Why a checkout cares: an amount decoded from JSON into `any` is a float64, and the literal
# beside it is an int: 19.99 for 19 is green. "Never charged twice" asked of a slow provider is green.
# Instead: require.Equal(t, float64(1999), amount), or decode into int64; compare ids as strings
# (json.Decoder.UseNumber); count charges after the provider has come to rest instead of Never.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "an equality assertion on two different amounts or ids fails, whatever their types"
go_install github.com/stretchr/testify@v1.12.1 github.com/onsi/gomega@v1.44.0
cat >"$work/main.go" <<'END'
package main

import (
	"fmt"
	"time"

	"github.com/onsi/gomega"
	"github.com/stretchr/testify/assert"
)

type quiet struct{}

func (quiet) Errorf(string, ...any) {}

func main() {
	var t quiet
	var amount any = 1999.99 // as encoding/json decodes it
	verdict := map[bool]string{true: "passes", false: "fails"}
	fmt.Println("EqualValues(1999, 1999.99)", verdict[assert.EqualValues(t, 1999, amount)])
	fmt.Println("EqualValues(1999.99, 1999)", verdict[assert.EqualValues(t, amount, 1999)])
	matches, _ := gomega.BeEquivalentTo(1999).Match(amount)
	fmt.Println("Expect(1999.99).To(BeEquivalentTo(1999))", verdict[matches])

	one, other := `{"payment": 9007199254740993}`, `{"payment": 9007199254740992}`
	fmt.Println("JSONEq(…993, …992)", verdict[assert.JSONEq(t, one, other)])
	matches, _ = gomega.MatchJSON(one).Match(other)
	fmt.Println("Expect(…992).To(MatchJSON(…993))", verdict[matches])

	chargedTwice := func() bool { time.Sleep(300 * time.Millisecond); return true }
	fmt.Println("Never(chargedTwice), a provider slower than the wait,",
		verdict[assert.Never(t, chargedTwice, 100*time.Millisecond, 10*time.Millisecond)])
}
END
run_go main.go >"$work/seen"
behaves <<'END'
EqualValues(1999, 1999.99) passes
EqualValues(1999.99, 1999) fails
Expect(1999.99).To(BeEquivalentTo(1999)) passes
JSONEq(…993, …992) passes
Expect(…992).To(MatchJSON(…993)) fails
Never(chargedTwice), a provider slower than the wait, passes
END
