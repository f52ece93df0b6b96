package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// written is the events as JSON, after they were redacted together. Redacted each
// for itself they are the same.
func written(t *testing.T, r *redact.Redactor, events ...observe.Event) string {
	t.Helper()
	var alone []observe.Event
	for _, e := range events {
		alone = append(alone, r.Event(e))
	}
	r.Events(events)
	require.Equal(t, alone, events)
	var b bytes.Buffer
	require.NoError(t, json.NewEncoder(&b).Encode(events))
	return b.String()
}

func TestNoSecretStaysInAnEvent(t *testing.T) {
	var events []observe.Event
	for _, text := range secrets {
		events = append(events,
			observe.Event{Kind: observe.Note, Text: text},
			observe.Event{Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: "exited", Text: text}},
			observe.Event{Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: observe.Stage(text)}},
			observe.Event{Kind: observe.Screen, View: &observe.View{Says: "refused", Text: text, Shot: text}},
			observe.Event{Kind: observe.Injected, Effect: &observe.Effect{What: "fired", Text: text}},
			observe.Event{Kind: observe.Action, Act: &observe.Act{Does: observe.Verb(text), Tab: text}},
			observe.Event{Kind: observe.Money, Entry: &observe.Entry{Op: "created", State: observe.Status(text)}},
			observe.Event{Kind: observe.Sent, Message: &observe.Message{Method: "POST", Path: "/x", Body: text}},
		)
	}
	events = append(events, observe.Event{Kind: observe.Sent, Message: &observe.Message{
		Method: "POST", Path: "/token?code=" + canary + "&reference=b-ana-1", Header: map[string]string{
			"Authorization": "Bearer " + canary, "Ocp-Apim-Subscription-Key": canary, "Client_secret": canary,
			"client_secret": canary, "Cookie": "s=" + canary, "Set-Cookie": canary, "X-Unheard-Of": canary,
			"Location":        "https://shop.example/back?landing=" + canary + "&reference=b-ana-1#" + "token=" + canary,
			"Idempotency-Key": "key-4111111111111111", "Content-Type": "application/json",
			"X-System-Name": "shop, token=" + canary, "X-System-Version": "1.2", "X-Systemname": canary,
		},
	}}, observe.Event{Kind: observe.Received, Message: &observe.Message{
		Path: "/%zz?" + canary, Header: map[string]string{"Location": "https://u:" + canary + "@shop.example/"},
	}})
	text := written(t, redact.New().Keeping("X-System-Name", "X-System-Version").With("another secret"), events...)
	require.NotContains(t, text, canary)
	require.NotContains(t, text, numberCanary)
	require.NotContains(t, written(t, redact.New(), events...), "1.2", "nobody said that it may be kept")
	for _, kept := range []string{"key-4111111111111111", "reference=b-ana-1", "application/json", "X-Unheard-Of", `"shop, token=•••"`, `"1.2"`} {
		require.Contains(t, text, kept)
	}
}

func TestNoLiteralStaysInAnEvent(t *testing.T) {
	const secret = "c4n4ryXYZ"
	header := map[string]string{"Idempotency-Key": secret, "X-" + secret: "y", "Location": "/a?reference=" + secret}
	message := &observe.Message{
		Hop: "customer>checkout", Method: secret, Path: "/" + secret + "?reference=" + secret, Header: header,
		Body: "x " + secret + " hunter2222", Missing: []string{secret},
	}
	text := written(t, redact.New("hunter2222").With(secret, "hunter2222"),
		observe.Event{Kind: observe.Sent, Message: message},
		observe.Event{Kind: observe.Action, Act: &observe.Act{Does: observe.Verb(secret), Basket: secret, Order: secret, Money: secret, Tab: secret}},
		observe.Event{Kind: observe.Screen, View: &observe.View{Says: observe.Status(secret), Text: secret, Basket: secret, Tab: secret, Shot: secret}},
		observe.Event{Kind: observe.Money, Entry: &observe.Entry{
			Op: observe.EntryOp(secret), Reference: secret, Key: secret, Currency: secret, State: observe.Status(secret), Basket: secret,
		}},
		observe.Event{Kind: observe.Injected, Effect: &observe.Effect{What: observe.Fate(secret), Text: secret}},
		observe.Event{Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: observe.Stage(secret), Text: secret}},
		observe.Event{Kind: observe.Note, Text: secret},
	)
	require.NotContains(t, text, secret)
	require.NotContains(t, text, "hunter2222")
	require.Contains(t, text, `"body":"x ••• •••"`)

	require.Equal(t, secret, header["Idempotency-Key"], "what was seen stays as it was")
	require.Equal(t, []string{secret}, message.Missing)
	require.Equal(t, "/"+secret+"?reference="+secret, message.Path)
}

// What a browser sends to confirm a payment has brackets in its names.
func TestCardsInBracketsAreRedacted(t *testing.T) {
	for _, body := range []string{
		"payment_method_data[card][number]=4242424242424242&payment_method_data[card][cvc]=8765&payment_method_data[card][exp_year]=2034",
		"payment_method_data%5Bcard%5D%5Bnumber%5D=4242+4242+4242+4242&payment_method_data%5Bcard%5D%5Bcvc%5D=8765&card%5Bexp_year%5D=2034",
		"card[number]=4242424242424242&card[cvc]=8765&client_secret=pi_3_secret_8765&exp_year=2034",
		`{"id":"pi_3","client_secret":"pi_3_secret_8765","exp_year":2034}`,
		"POST /v1/payment_methods?card[number]=4242424242424242&card[cvc]=8765&exp_year=2034",
	} {
		e := redact.New().Event(observe.Event{Kind: observe.Sent, Message: &observe.Message{
			Path: "/v1/x?payment_intent_client_secret=pi_3_secret_8765&" + body, Body: body, Unplayed: "sk_live_" + "876500000000",
		}})
		for _, text := range []string{e.Message.Body, e.Message.Path, e.Message.Unplayed} {
			require.NotRegexp(t, `4242|8765`, text)
		}
		require.Contains(t, e.Message.Body, "2034")
	}
}

// A secret may be a word like "checkout": what the harness calls things stays.
func TestNamesOfTheHarnessStay(t *testing.T) {
	r := redact.New("checkout", "customer")
	e := r.Event(observe.Event{Actor: "customer>checkout", Kind: observe.Sent, Message: &observe.Message{
		Hop: "customer>checkout", Call: "checkout-1", Path: "/x",
	}})
	require.Equal(t, "customer>checkout", e.Actor)
	require.Equal(t, observe.CustomerHop, e.Message.Hop)
	require.Equal(t, "checkout-1", e.Message.Call)
	e = r.Event(observe.Event{Actor: "x", Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: "ready"}})
	require.Equal(t, "checkout", e.Life.Process)
}

// Judges tell orders apart by these, whatever they look like.
func TestFieldsThatNameAnOrderStay(t *testing.T) {
	for _, id := range []string{"4111111111111111", "4798765000", "+4798765000", "token=b-ana-1", "secret:x"} {
		entry := &observe.Entry{Op: "captured", Reference: id, Key: id, Basket: id}
		act := &observe.Act{Does: "clicks", Basket: id, Order: id}
		require.Equal(t, entry, redact.New().Event(observe.Event{Entry: entry}).Entry)
		require.Equal(t, act, redact.New().Event(observe.Event{Act: act}).Act)
	}
}

func TestTheObservedEventStaysAsItWas(t *testing.T) {
	header := map[string]string{"Authorization": "Bearer x"}
	m := &observe.Message{Path: "/a?token=x", Header: header, Body: `{"token":"x"}`}
	redact.New().Event(observe.Event{Kind: observe.Sent, Message: m})
	require.Equal(t, &observe.Message{Path: "/a?token=x", Header: header, Body: `{"token":"x"}`}, m)
	require.Equal(t, "Bearer x", header["Authorization"])
}

// A number among the letters of a picture is none, and a mask would spoil it.
// What only begins like a picture is none.
func TestOnlyPicturesStayWhole(t *testing.T) {
	const number = "iVBORw0KGgo/4111111111111111/AAAAAA="
	require.NotEqual(t, number, redacted(number), "as a text it is redacted")
	encode := func(data string) string { return base64.StdEncoding.EncodeToString([]byte(data)) }
	jpeg, png := encode("\xff\xd8\xff1234567"), encode("\x89PNG\r\n\x1a\n and so on")
	for shot, kept := range map[string]bool{
		number: true, jpeg: true, png: true, "": false, "shot.png": false, "c2VjcmV0": false, jpeg + "\n": false,
		encode("\xff\xd8\xff123456") + "secret=": false, "-" + jpeg: false, "iVBORw0KGgo 4111111111111111": false,
	} {
		want := ""
		if kept {
			want = shot
		}
		e := redact.New("4111111111111111").Event(observe.Event{Kind: observe.Screen, View: &observe.View{Shot: shot}})
		require.Equal(t, want, e.View.Shot, shot)
	}
}
