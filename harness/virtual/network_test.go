package virtual

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// dialled is a connection from end to end.
func dialled(t *testing.T, n *Network) (near, far net.Conn) {
	t.Helper()
	l, err := n.Listen("shop:80")
	require.NoError(t, err)
	near, err = n.Dialer("ana")(context.Background(), "tcp", "shop:80")
	require.NoError(t, err)
	far, err = l.Accept()
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return near, far
}

func TestWhatIsWrittenIsReadInItsOrderAndThenTheFarewell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := dialled(t, NewNetwork(1))
		for _, piece := range []string{"one ", "two ", "three"} {
			_, err := io.WriteString(near, piece)
			require.NoError(t, err)
		}
		require.NoError(t, near.Close())
		half := make([]byte, 2)
		_, err := far.Read(half)
		require.NoError(t, err)
		rest, err := io.ReadAll(far)
		require.NoError(t, err)
		require.Equal(t, "one two three", string(half)+string(rest))
		require.NoError(t, far.Close())
	})
}

// How a connection ends, seen from the other side, is how a kernel ends it.
func TestAnEndIsAFarewellOrAReset(t *testing.T) {
	for name, row := range map[string]struct {
		end  func(near, far net.Conn)
		want observe.Class
	}{
		"closed":                       {func(near, _ net.Conn) { _ = near.Close() }, observe.Ended},
		"closed twice":                 {func(near, _ net.Conn) { _ = near.Close(); _ = near.Close() }, observe.Ended},
		"closed with a linger of 0":    {func(near, _ net.Conn) { _ = near.(*conn).SetLinger(0); _ = near.Close() }, observe.Reset},
		"closed with a linger of 1":    {func(near, _ net.Conn) { _ = near.(*conn).SetLinger(1); _ = near.Close() }, observe.Ended},
		"closed with something unread": {func(near, far net.Conn) { _, _ = far.Write([]byte("x")); _ = near.Close() }, observe.Reset},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := dialled(t, NewNetwork(1))
				row.end(near, far)
				_, err := far.Read(make([]byte, 1))
				require.Equal(t, row.want, observe.Classify(err), "%v", err)
				n, err := far.Write([]byte("too late"))
				require.NoError(t, err, "a kernel takes what is written to somebody who has gone")
				require.Equal(t, 8, n)
				_, err = near.Write([]byte("x"))
				require.ErrorIs(t, err, net.ErrClosed)
				_, err = near.Read(make([]byte, 1))
				require.ErrorIs(t, err, net.ErrClosed)
				require.NoError(t, far.Close())
			})
		})
	}
}

func TestADeadlineEndsAReadAtItsTimeAndNoLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := dialled(t, NewNetwork(1))
		began := time.Now()
		read := func() error { _, err := far.Read(make([]byte, 8)); return err }

		require.NoError(t, far.SetReadDeadline(began.Add(3*time.Second)))
		err := read()
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, observe.TimedOut, observe.Classify(err))
		require.Equal(t, 3*time.Second, time.Since(began))
		require.ErrorIs(t, read(), os.ErrDeadlineExceeded, "it stays over")

		// One that is set while somebody reads wakes him; one in the past at once.
		require.NoError(t, far.SetDeadline(time.Time{}))
		time.AfterFunc(5*time.Second, func() { _ = far.SetReadDeadline(time.Now()) })
		require.ErrorIs(t, read(), os.ErrDeadlineExceeded)
		require.Equal(t, 8*time.Second, time.Since(began))

		// One that is taken away lets him read on.
		require.NoError(t, far.SetReadDeadline(time.Now().Add(time.Second)))
		time.AfterFunc(500*time.Millisecond, func() { _ = far.SetReadDeadline(time.Time{}) })
		time.AfterFunc(time.Hour, func() { _, _ = near.Write([]byte("late")) })
		require.NoError(t, read())
		require.NoError(t, errors.Join(near.Close(), far.Close()))
	})
}

func TestWhoIsNotThereRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		dial := n.Dialer("ana")
		_, err := dial(context.Background(), "tcp", "shop:80")
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.ErrorAs(t, err, new(*net.OpError))

		l, err := n.Listen("shop:80")
		require.NoError(t, err)
		_, err = n.Listen("shop:80")
		require.ErrorIs(t, err, syscall.EADDRINUSE)

		done, stop := context.WithCancel(context.Background())
		stop()
		_, err = dial(done, "tcp", "shop:80")
		require.ErrorIs(t, err, context.Canceled)

		waiting, err := dial(context.Background(), "tcp", "shop:80")
		require.NoError(t, err, "a connection waits until it is accepted")
		time.AfterFunc(time.Second, func() { _ = l.Close() })
		_, err = waiting.Read(make([]byte, 1))
		require.Equal(t, observe.Reset, observe.Classify(err), "nobody did")
		_, err = l.Accept()
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = dial(context.Background(), "tcp", "shop:80")
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		_, err = n.Listen("shop:80")
		require.NoError(t, err, "the place is free again")
		require.NoError(t, waiting.Close())
	})
}

func TestACloseWakesWhoeverAccepts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := NewNetwork(1).Listen("shop:80")
		require.NoError(t, err)
		time.AfterFunc(time.Second, func() { _ = l.Close() })
		_, err = l.Accept()
		require.ErrorIs(t, err, net.ErrClosed)
		require.NoError(t, l.Close())
	})
}

func TestDelaysDeriveFromTheSeedAndThePlaceAndNothingElse(t *testing.T) {
	seen := map[time.Duration]string{}
	for _, route := range []string{"ana>shop", "ben>shop"} {
		for _, direction := range []string{"up", "down"} {
			first, again := newFlow(7, route, 1, direction), newFlow(7, route, 1, direction)
			for range 1000 {
				d := first.travel.next()
				require.Equal(t, d, again.travel.next())
				require.GreaterOrEqual(t, d, 100*time.Microsecond)
				require.Less(t, d, 301*time.Microsecond)
				seen[d] = route + direction
			}
		}
	}
	require.Greater(t, len(seen), 3900, "hardly any two are the same")
	require.NotEqual(t, newFlow(7, "a", 1, "up").travel, newFlow(8, "a", 1, "up").travel)
	require.NotEqual(t, hash(1, "a", "bc"), hash(1, "ab", "c"))
}
