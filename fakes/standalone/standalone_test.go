package standalone

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type nothing struct {
	http.Handler
	closed bool
}

func (n *nothing) Close() { n.closed = true }

// command serves nothing, once it has told see of what happened meanwhile.
func command(fake *nothing, happened ...observe.Event) Command {
	return Command{Name: "fake-nothing", Teaching: "It serves nothing.\n", Books: observe.Money,
		Define: func(flags *flag.FlagSet, see observe.Observer) func(io.Writer) (Fake, error) {
			broken := flags.Bool("broken", false, "do not open")
			return func(io.Writer) (Fake, error) {
				if *broken {
					return nil, errors.New("out of order")
				}
				for _, e := range happened {
					see(e)
				}
				return fake, nil
			}
		}}
}

func TestItListensOnThisMachineOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "shop.example:80", "127.0.0.1"} {
		fake := &nothing{}
		err := command(fake).Run(t.Context(), []string{"-listen", address}, io.Discard, io.Discard)
		require.ErrorContains(t, err, "-listen", address)
		require.Equal(t, 2, ExitCode(err))
	}
	c := command(&nothing{})
	require.EqualError(t, c.Run(t.Context(), []string{"-listen", ":0"}, io.Discard, io.Discard),
		"-listen :0: only a loopback address, such as 127.0.0.1:0")
	c.Warning = "mind the gap"
	require.EqualError(t, c.Run(t.Context(), []string{"-listen", ":0"}, io.Discard, io.Discard),
		"-listen :0: only a loopback address, such as 127.0.0.1:0: mind the gap")
}

func TestItPrintsItsBooksAndNotesOnly(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	fake, out := &nothing{}, &bytes.Buffer{}
	require.NoError(t, command(fake,
		observe.Event{Kind: observe.Arrived, Message: &observe.Message{Method: "GET"}},
		observe.Event{Kind: observe.Money, Entry: &observe.Entry{Op: "created", Reference: "r"}},
		observe.Event{Kind: observe.Parcel, Entry: &observe.Entry{Op: "booked", Reference: "r"}},
		observe.Event{Kind: observe.Note, Text: "odd"},
	).Run(ended, nil, out, io.Discard))
	require.Regexp(t, `^\{"time":"[^"]+","op":"created","reference":"r"\}
\{"time":"[^"]+","note":"odd"\}
listening on http://127\.0\.0\.1:\d+
ledger on http://127\.0\.0\.1:\d+/ledger
$`, out.String())
	require.True(t, fake.closed)
}

func TestAFakeThatDoesNotOpenIsAnError(t *testing.T) {
	require.EqualError(t, command(nil).Run(t.Context(), []string{"-broken"}, io.Discard, io.Discard), "out of order")
}

func TestTheExitCodeSaysWhoseFaultItIs(t *testing.T) {
	run := func(args ...string) error { return command(&nothing{}).Run(t.Context(), args, io.Discard, io.Discard) }
	for _, wrong := range [][]string{{"-broken"}, {"-nothing"}, {"further"}} {
		require.Equal(t, 2, ExitCode(run(wrong...)), wrong)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	require.Equal(t, 1, ExitCode(run("-listen", taken.Addr().String())))
}
