package wire_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
)

// buildAt builds a world at a site.
func buildAt(t *testing.T, site *wire.Site, env ...string) *stage {
	s := &stage{play: &play{role: "shop", env: env, quiet: 20 * time.Millisecond}, Recorder: environment.NewRecorder(units.Wall, nil)}
	set, err := wire.BuildAt(site, s.compose, nil)(context.Background(), environment.Brief{Story: "x", Clock: units.Wall}, s.Recorder)
	require.NoError(t, err)
	s.Environment = set
	return s
}

// order orders something, and returns how many orders the shop remembers.
func (s *stage) order(t *testing.T) string {
	saw := s.call(within(t, soon), newClient(t), "PUT", "/orders/1")
	require.Equal(t, 200, saw.status, "%+v", saw)
	return s.orders(t)
}

// A shop that rests lives on; whatever else happened to it, the next world starts its own.
func TestAShopLivesOn(t *testing.T) {
	for name, row := range map[string]struct {
		then func(t *testing.T, s *stage)
		env  string // of the next one
		want string // orders that it remembers
	}{
		"at rest": {then: func(t *testing.T, s *stage) { require.NoError(t, s.Settle(within(t, soon))) }, want: "2"},
		"killed and revived": {then: func(t *testing.T, s *stage) {
			require.NoError(t, s.Kill(checkout))
			require.NoError(t, s.Revive(checkout))
			s.order(t)
			require.NoError(t, s.Settle(within(t, soon)))
		}, want: "2"},
		"never at rest": {then: func(*testing.T, *stage) {}, want: "1"},
		"killed": {then: func(t *testing.T, s *stage) {
			require.NoError(t, s.Settle(within(t, soon)))
			require.NoError(t, s.Kill(checkout))
		}, want: "1"},
		"paused": {then: func(t *testing.T, s *stage) {
			require.NoError(t, s.Settle(within(t, soon)))
			require.NoError(t, s.Pause(checkout))
		}, want: "1"},
		"started differently": {then: func(t *testing.T, s *stage) { require.NoError(t, s.Settle(within(t, soon))) }, env: "OTHER=1", want: "1"},
	} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			emptied := 0
			site := wire.NewSite(ports, func() error { emptied++; return nil })
			s := buildAt(t, site, "SAME=1")
			require.Equal(t, "1", s.order(t))
			url := s.setup.ShopURL
			row.then(t, s)
			require.NoError(t, s.Close())
			require.Equal(t, row.want == "2" || row.env != "", site.Lives())

			next := "SAME=1"
			if row.env != "" {
				next = row.env
			}
			s = buildAt(t, site, next)
			require.Equal(t, url, s.setup.ShopURL)
			require.Equal(t, row.want, s.order(t))
			require.EqualValues(t, 1, s.charged.Load(), "by the provider of the second environment")
			what, _ := s.lives()
			require.Equal(t, row.want == "2", emptied == 0, "what the last one wrote is gone where another one starts")
			require.Equal(t, row.want == "2", what[0] == string(observe.ProcessLivesOn), "%s", what)
			require.NoError(t, s.Close())
			require.NoError(t, site.Close())
			require.False(t, site.Lives())
			goleak.VerifyNone(t, before)
		})
	}
}
