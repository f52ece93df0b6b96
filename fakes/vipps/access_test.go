package vipps

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/contract"
)

func TestWhoMayAskAndHow(t *testing.T) {
	long := strings.Repeat("x", 51)
	tests := []struct {
		name   string
		header map[string]string
		status int
	}{
		{"all in order", nil, 201},
		{"all system headers", map[string]string{"Vipps-System-Name": "acme", "Vipps-System-Version": "3.1.2",
			"Vipps-System-Plugin-Name": "acme-shop", "Vipps-System-Plugin-Version": "4.5.6"}, 201},
		{"no token", map[string]string{"Authorization": ""}, 401},
		{"a token that was never issued", map[string]string{"Authorization": "Bearer nonsense"}, 401},
		{"a token without Bearer", map[string]string{"Authorization": "nonsense"}, 401},
		{"no subscription key", map[string]string{"Ocp-Apim-Subscription-Key": ""}, 401},
		{"a wrong subscription key", map[string]string{"Ocp-Apim-Subscription-Key": "wrong"}, 401},
		{"no merchant", map[string]string{"Merchant-Serial-Number": ""}, 400},
		{"no number for a merchant", map[string]string{"Merchant-Serial-Number": "acme"}, 400},
		{"another merchant", map[string]string{"Merchant-Serial-Number": "654321"}, 403},
		{"no idempotency key", map[string]string{"Idempotency-Key": ""}, 400},
		{"a key of 50", map[string]string{"Idempotency-Key": long[:50]}, 201},
		{"a key of 51", map[string]string{"Idempotency-Key": long}, 400},
		{"a system name of 31", map[string]string{"Vipps-System-Name": long[:31]}, 400},
		{"a plugin version of 31", map[string]string{"Vipps-System-Plugin-Version": long[:31]}, 400},
		{"a form", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415},
		{"JSON with a charset", map[string]string{"Content-Type": "application/json; charset=utf-8"}, 201},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, nil)
			header := map[string]string{"Idempotency-Key": "key"}
			for name, value := range test.header {
				header[name] = value
			}
			a := s.send("POST", "/epayment/v1/payments", creation(order, 1000), header)
			require.Equal(t, test.status, a.Status, a.Body)
			if a.Status != 201 {
				require.Equal(t, contract.ProblemJSON, a.Header.Get("Content-Type"))
				require.NotEmpty(t, a.field("traceId"))
				require.Empty(t, s.books())
			}
		})
	}
}

// Forgotten tokens are answered as expired ones are, and a new one is good.
func TestForgottenTokensAreRefused(t *testing.T) {
	s := open(t, nil)
	s.create(order, 1000)
	Kind().ForgetTokens(s.provider)
	const path = "/epayment/v1/payments/" + order
	require.Equal(t, 401, s.send("GET", path, "", nil).Status)
	require.Equal(t, 401, s.post("key", path+"/capture", modification(1000)).Status)
	require.Equal(t, 401, s.send("GET", path, "", nil).Status, "every time")
	s.header.Set("Authorization", "Bearer "+s.token())
	require.Equal(t, 200, s.send("GET", path, "", nil).Status)
	require.Equal(t, []string{"created 1000"}, s.books())
}

func TestABodyOver64KiBIsRefused(t *testing.T) {
	s := open(t, nil)
	body := creation(order, 1000) + strings.Repeat(" ", contract.MaxBody)
	require.Equal(t, 413, s.post("", "/epayment/v1/payments", body).Status)
	require.Equal(t, 201, s.post("", "/epayment/v1/payments", body[:contract.MaxBody]).Status)
}

func TestTokensNeedTheRightKeys(t *testing.T) {
	s := open(t, nil)
	for name, header := range map[string]map[string]string{
		"a wrong id":               {"client_id": "wrong", "client_secret": "secret"},
		"a wrong secret":           {"client_id": "id", "client_secret": "wrong"},
		"a wrong subscription key": {"client_id": "id", "client_secret": "secret", "Ocp-Apim-Subscription-Key": "wrong"},
	} {
		require.Equal(t, 401, s.send("POST", "/accesstoken/get", "", header).Status, name)
	}
	require.Equal(t, 400, s.send("POST", "/accesstoken/get", "", map[string]string{"client_id": "id"}).Status, "no secret")
	require.NotEqual(t, s.token(), s.token())
}

func TestATokenIsGoodForAnHour(t *testing.T) {
	for _, speed := range []int{1, 60} {
		inStoryTime(func(t *testing.T) {
			s := open(t, func(c *Config) { c.Speed = speed })
			hour := time.Hour / time.Duration(speed)
			pass(hour - 1)
			require.Equal(t, 404, s.get(order).Status, "still good")
			other := s.token() // does not prolong the first
			pass(1)
			require.Equal(t, 401, s.get(order).Status, "over")
			s.header.Set("Authorization", "bearer "+other)
			require.Equal(t, 404, s.get(order).Status)
		})(t)
	}
}

func TestAConfigThatLacksSomethingIsRefused(t *testing.T) {
	good := open(t, nil).provider.cfg
	for name, change := range map[string]func(*Config){
		"MSN": func(c *Config) { c.MSN = "12" }, "keys": func(c *Config) { c.ClientSecret = "" },
		"Rand": func(c *Config) { c.Rand = nil }, "See": func(c *Config) { c.See = nil },
		"Speed": func(c *Config) { c.Speed = -1 }, "an empty Rand": func(c *Config) { c.Rand = strings.NewReader("") },
	} {
		cfg := good
		change(&cfg)
		_, err := New(cfg)
		require.Error(t, err, name)
	}
}
