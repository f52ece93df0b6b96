package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// The page that a redirect leads to tells of the order, whether a look describes it or not.
func TestAPageThatWasFollowedTells(t *testing.T) {
	for follow, tells := range map[string]bool{"": false, ", follow: true": true} {
		shop, err := parse([]byte(strings.Replace(smallest, "{post: \"/buy/${order}\"", "{post: \"/buy/${order}\""+follow, 1)))
		require.NoError(t, err)
		require.Equal(t, tells, shop.FrontEnd(1).Submit.Follow)
		for path, told := range map[string]bool{"/thanks/o-1?new=1": tells, "/cart/b-ana": false} {
			entry, has := shop.Told(shop.Owners(), observe.Event{Kind: observe.Answered, Message: &observe.Message{
				Hop: observe.CustomerHop, Call: "ana-3", Method: "GET", Path: path, Status: 200, Body: `{"status":"paid"}`,
			}})
			require.Equal(t, told, has, path)
			if has {
				require.Equal(t, "b-ana", entry.Basket)
				require.Equal(t, observe.StatusShipped, entry.State)
			}
		}
	}
	_, err := parse([]byte(strings.Replace(smallest, "{post: \"/buy/${order}\"", "{post: \"/buy/${order}\", follow: GET", 1)))
	require.ErrorContains(t, err, "customer.submit.follow: follow is true or false")
}
