package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A function that a reference cannot have is told with those that there are.
func TestAWrongReferenceIsTold(t *testing.T) {
	for reference, says := range map[string]string{
		"shop-${order | sha256 | cut 20}": "",
		"shop-${order | sha3}":            `shop.yaml:5:23: payments.reference: invalid function "sha3" in ${order | sha3}: want sha256, sha1, md5, upper or cut N, such as ${order | sha256 | cut 20}`,
		"${order | cut}":                  `invalid function "cut" in ${order | cut}: want cut and a number from 8 to 128, such as cut 20`,
		"${order | md5 | cut 4}":          `invalid function "cut 4"`,
		"${run | sha1}":                   "${run | sha1} cannot be followed back to a customer: functions are for order, basket, customer; capture it as order",
		"${nobody | sha1}":                "nothing is known as ${nobody}; known are",
	} {
		_, err := parse([]byte(strings.Replace(smallest, "money:", "payments: {reference: \""+reference+"\"}\nmoney:", 1)))
		if says == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, says)
	}
}
