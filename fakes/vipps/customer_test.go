package vipps

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// What the customer decides about a payment takes the place of her approval, when she
// would have given it: of that payment alone, and only while it waits for her.
func TestTheCustomerDecides(t *testing.T) {
	for name, row := range map[string]struct {
		decides provider.Decision
		cancels bool // the shop, before she would have approved
		books   []string
		told    string // when it made a difference, or "" for never
	}{
		"declines":              {provider.Decision{Declines: true}, false, []string{"created 1000", "aborted 1000"}, "3s"},
		"never approves":        {provider.Decision{Never: true}, false, []string{"created 1000", "expired 1000"}, "3s"},
		"approves late":         {provider.Decision{Late: time.Minute}, false, []string{"created 1000", "authorized 1000"}, "3s"},
		"approves far too late": {provider.Decision{Late: time.Hour}, false, []string{"created 1000", "expired 1000"}, "3s"},
		"finds it cancelled":    {provider.Decision{Declines: true}, true, []string{"created 1000", "terminated 1000"}, ""},
	} {
		t.Run(name, inStoryTime(func(t *testing.T) {
			began, told, asked := time.Now(), "", ""
			s := open(t, func(c *Config) {
				c.ApproveAfter = 3 * time.Second
				c.Decides = func(reference string) provider.Decision {
					if asked += reference; reference != order {
						return provider.Decision{}
					}
					d := row.decides
					d.Took = func() { told += time.Since(began).String() }
					return d
				}
			})
			s.create(order, 1000)
			if row.cancels {
				s.modify(order, "cancel", 0)
			}
			pass(63*time.Second - 1)
			require.NotContains(t, s.books(), "authorized 1000")
			pass(2 * time.Hour)
			require.Equal(t, row.books, s.books())
			require.Equal(t, row.told, told)
			require.Equal(t, order, asked)

			s.header.Set("Authorization", "Bearer "+s.token())
			s.create("order-0002", 1000)
			pass(3 * time.Second)
			require.Equal(t, []string{"created 1000", "authorized 1000"}, s.books()[len(row.books):], "the other one she approves")
		}))
	}
	t.Run("at once", func(t *testing.T) {
		told := 0
		s := open(t, func(c *Config) {
			c.ApproveAfter = 0
			c.Decides = func(string) provider.Decision {
				return provider.Decision{Declines: true, Took: func() { told++ }}
			}
		})
		s.create(order, 1000)
		require.Equal(t, []string{"created 1000", "aborted 1000"}, s.books())
		require.Equal(t, "1", fmt.Sprint(told))
	})
}
