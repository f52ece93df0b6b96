package target

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestAReferenceIsReadAsTheDescriptionHasIt(t *testing.T) {
	for _, row := range []struct {
		form, reference string
		want            map[string]string
	}{
		{"${order}", "o-1", map[string]string{"order": "o-1"}},
		{"pay-${order}-*", "pay-o-1-x", map[string]string{"order": "o"}},
		{"${basket}.${order}", "b-ana.7", map[string]string{"basket": "b-ana", "order": "7"}},
		{"*-${order}", "x-7", map[string]string{"order": "7"}},
		{"a.b", "axb", nil},
		{"${order}", "", nil},
		{"p-${order | md5 | cut 8}*", "p-0123abcd-x", map[string]string{"order | md5 | cut 8": "0123abcd"}},
		{"p-${order | md5}", "p-0123abcd", nil},
	} {
		require.Equal(t, row.want, newMatcher(row.form).read(row.reference), row.form)
	}
}

func TestMoneyHasAnOwner(t *testing.T) {
	o := newOwners("${order}")
	var seen []string
	see := o.Sign(func(e observe.Event) { seen = append(seen, e.Entry.Owner) })
	captured := func(reference string, names ...string) {
		see(observe.Event{Kind: observe.Money, Entry: &observe.Entry{Op: "captured", Reference: reference, Names: names}})
	}
	learn := o.Learn(observe.Nobody)
	captured("x") // nobody is there yet
	learn(observe.Event{View: &observe.View{Basket: "b-ana"}})
	captured("x") // whose else could it be?
	learn(observe.Event{Act: &observe.Act{Basket: "b-bo", Order: "77"}})
	captured("77")
	captured("x") // of two, nobody knows
	captured("pi_1", "a parcel", "77")
	captured("pi_2", "a parcel")
	require.Equal(t, []string{"", "b-ana", "b-bo", "", "b-bo", ""}, seen)
	require.Equal(t, "b-ana", basketOfCall("ana/tab 2-13"))
	require.Empty(t, basketOfCall("x"))
}

// A reference that the shop hashes has the owner of what was hashed. The sums are those of
// sha256sum, sha1sum and md5sum.
func TestAHashedReferenceHasAnOwner(t *testing.T) {
	for form, reference := range map[string]string{
		"shop-${order | sha256 | cut 20}":    "shop-a2943b0187e4d9eb7935",
		"${order|sha1}-*":                    "1d0eaff6686ba5457af8ca891aad9c52a39a681f-2",
		"${customer}.${order | md5 | upper}": "bo.5AAE708B3B17DF352984F8576D3CBB21",
		"${basket | sha1 | cut 10}":          "302788ba2e",
		"${customer | md5}":                  "ad7532d5b3860a408fbe01f9455dca36",
		"x${order | cut 8}":                  "xorder-fo",
	} {
		o := newOwners(form)
		learn := o.Learn(observe.Nobody)
		learn(observe.Event{Act: &observe.Act{Basket: "b-ana", Order: "an order of ana"}})
		learn(observe.Event{Act: &observe.Act{Basket: "b-bo", Order: "order-for-bo"}})
		require.Equal(t, "b-bo", o.of(reference), form)
		if !strings.Contains(form, "customer") {
			require.Empty(t, o.of("%"+reference[1:]), form)
			_, basket := o.Named([]string{"else", reference})
			require.Equal(t, "b-bo", basket, form)
		}
	}
}

func TestTheServiceGetsWhatTheFileNamesAndNothingElse(t *testing.T) {
	t.Setenv("A_SECRET", "canary-of-the-machine")
	t.Setenv("A_SETTING", "passed on")
	shop := &Target{folder: t.TempDir(), Service: Service{
		Command: []string{"go", "--port=${service.port}", "$(touch x); `id` | cat"}, Inherit: []string{"A_SETTING", "NOT_SET"},
		Environment: map[string]string{"TIMEOUT": "${ms 10s}", "PAUSE": "${s 5s}", "URL": "${payments.url}/v1"},
	}}
	command, err := shop.Start(shop.Shop()[0], Facts{"service.port": "3000", "payments.url": "http://127.0.0.1:1"}, 100)
	require.NoError(t, err)
	require.Equal(t, []string{"--port=3000", "$(touch x); `id` | cat"}, command.Args, "no shell reads them")
	want := []string{"A_SETTING=passed on", "PATH=" + os.Getenv("PATH"), "PAUSE=0.05", "TIMEOUT=100", "URL=http://127.0.0.1:1/v1"}
	require.Equal(t, want, command.Env)
	require.False(t, slices.ContainsFunc(command.Env, func(s string) bool { return strings.Contains(s, "canary") }))
}
