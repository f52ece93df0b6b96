package observe

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestARequestWithALiveKeyIsMarked(t *testing.T) {
	const key = "sk_live_" + "0123456789abcdef"
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))
	for name, c := range map[string]struct {
		kind    Kind
		message Message
		want    string
	}{
		"a bearer":          {Arrived, Message{Hop: ProviderHop, Header: map[string]string{"Authorization": "Bearer " + key}}, "sk_live_… in the header Authorization"},
		"a user's name":     {Arrived, Message{Hop: ProviderHop, Header: map[string]string{"Authorization": basic}}, "sk_live_… in the header Authorization"},
		"a form":            {Sent, Message{Hop: PayingHop, Body: "a=1&key=p" + key[1:]}, "pk_live_… in its body"},
		"a query":           {Sent, Message{Hop: "checkout>mail", Path: "/v1?k=r" + key[1:]}, "rk_live_… in its address"},
		"a test key":        {Arrived, Message{Hop: ProviderHop, Header: map[string]string{"Authorization": "Bearer sk_test_0123456789"}}, ""},
		"part of a word":    {Arrived, Message{Hop: ProviderHop, Body: "task_live_0123456789"}, ""},
		"an answer":         {Received, Message{Hop: ProviderHop, Body: key}, ""},
		"a customer's text": {Sent, Message{Hop: CustomerHop, Body: key}, ""},
	} {
		e := Event{Kind: c.kind, Message: &c.message}.WithLiveKey()
		require.Equal(t, c.want, e.Message.LiveKey, name)
		require.Empty(t, c.message.LiveKey, "what was seen does not change")
	}
	require.Nil(t, Event{Kind: Note}.WithLiveKey().Message)
}
