package vipps

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRegisteringWebhooks(t *testing.T) {
	const path = "/webhooks/v1/webhooks"
	body := func(url, event string) string { return `{"url":"` + url + `","events":["` + event + `"]}` }
	const captured = "epayments.payment.captured.v1"
	for _, test := range []struct {
		name, body string
		status     int
	}{
		{"https", body("https://shop.example/hook", captured), 201},
		{"http to a loopback address", body("http://127.0.0.1:8080/hook", captured), 201},
		{"http to this machine", body("http://localhost/hook", captured), 201},
		{"http to IPv6 loopback", body("http://[::1]:1/hook", captured), 201},
		{"http to a test's host", body("http://checkout.test/hook", captured), 201},
		{"http to a host of no domain", body("http://checkout:8080/hook", captured), 201},
		{"http to the Internet", body("http://shop.example/hook", captured), 400},
		{"http to an address", body("http://10.0.0.1/hook", captured), 400},
		{"no URL", body("checkout", captured), 400},
		{"an app", body("shop://hook", captured), 400},
		{"an unknown event", body("https://shop.example/hook", "epayments.payment.lost.v1"), 400},
		{"no event", `{"url":"https://shop.example/hook","events":[]}`, 400},
		{"a field too many", `{"url":"https://shop.example/hook","events":["` + captured + `"],"secret":"mine"}`, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := open(t, nil).send("POST", path, test.body, nil)
			require.Equal(t, test.status, a.Status, a.Body)
		})
	}

	t.Run("five for an event", func(t *testing.T) {
		s := open(t, nil)
		for range 5 {
			require.Equal(t, 201, s.send("POST", path, body("https://shop.example/hook", captured), nil).Status)
		}
		require.Equal(t, 400, s.send("POST", path, body("https://shop.example/hook", captured), nil).Status)
		require.Equal(t, 201, s.send("POST", path, body("https://shop.example/hook", "epayments.payment.created.v1"), nil).Status)
	})

	t.Run("listed without the secret, and deleted", func(t *testing.T) {
		s := open(t, nil)
		a := s.send("POST", path, body("https://shop.example/hook", captured), nil)
		id, secret := a.field("id").(string), a.field("secret").(string)
		list := s.send("GET", path, "", nil)
		require.Equal(t, 200, list.Status)
		require.Contains(t, list.Body, id)
		require.NotContains(t, list.Body, secret)
		require.Equal(t, 204, s.send("DELETE", path+"/"+id, "", nil).Status)
		require.Equal(t, 404, s.send("DELETE", path+"/"+id, "", nil).Status)
		require.Equal(t, `{"webhooks":[]}`, s.send("GET", path, "", nil).Body)
	})

	t.Run("an operator meets the same rules", func(t *testing.T) {
		p := open(t, nil).provider
		_, _, err := p.RegisterWebhook("http://shop.example/hook")
		require.Error(t, err)
		_, _, err = p.RegisterWebhook("https://shop.example/hook", "nonsense")
		require.Error(t, err)
		_, secret, err := p.RegisterWebhook("https://shop.example/hook")
		require.NoError(t, err)
		require.NotEmpty(t, secret)
	})
}

func FuzzReachable(f *testing.F) {
	f.Add("https://shop.example/hook")
	f.Add("http://127.0.0.1.example/")
	f.Add("http://[::1]:80")
	f.Fuzz(func(t *testing.T, raw string) {
		if !reachable(raw, false) {
			return
		}
		u, err := url.Parse(raw)
		require.NoError(t, err)
		require.NotEmpty(t, u.Host)
		require.False(t, u.Scheme == "http" && strings.HasSuffix(u.Hostname(), ".example"))
	})
}
