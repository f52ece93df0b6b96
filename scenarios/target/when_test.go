package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A condition is about what an earlier step captured.
func TestAWhenIsOfAnEarlierStep(t *testing.T) {
	const first = "    - {get: /begin, capture: {step: {json: /step}}}\n"
	const last = "    - get: /cart/${basket}\n"
	with := func(steps string) error {
		_, err := parse([]byte(strings.Replace(smallest, last, steps+last, 1)))
		return err
	}
	require.NoError(t, with(first+"    - {post: /address, when: {captured: step, is: address}}\n"))
	for step, says := range map[string]string{
		"    - {post: /address, when: {captured: step}}\n":                                       `shop.yaml:8:24: customer.open.0.when: no earlier step captures "step": capture it in a step before this one`,
		first + "    - {post: /address, when: {captured: order}}\n":                              `shop.yaml:9:24: customer.open.1.when: no earlier step captures "order"; captured are step: capture it in a step before this one`,
		first + "    - {post: /a, when: {captured: step}, capture: {amount: {json: /amount}}}\n": "capture amount in a step without when",
	} {
		require.ErrorContains(t, with(step), says)
	}
	for at, says := range map[string]string{
		"get: /cart/${basket}":             "the last open step loads the page and is always made",
		"submit: {post: \"/buy/${order}\"": "when is for login, basket and open steps",
	} {
		end := "\n      when: {captured: step}"
		if strings.HasPrefix(at, "submit") {
			end = ", when: {captured: step}"
		}
		_, err := parse([]byte(strings.Replace(smallest, at, at+end, 1)))
		require.ErrorContains(t, err, says)
	}
}
