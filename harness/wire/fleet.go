package wire

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// fleet are the processes of the shop, and the balancer before those of them that serve.
//
// The balancer takes turns. Each kind of message has turns of its own: a click and the same
// click again go to different replicas, whatever else was sent meanwhile, and so does the
// next look after a look. Webhooks begin with the second replica, so that the first one is
// taken by another replica than the submit that it is about. One that does not listen is
// passed over, since nothing was sent to it by then; a connection that ends later is the
// caller's to deal with, as with balancers that send no request a second time.
type fleet struct {
	mu      sync.Mutex
	all     []*shop
	serving []*shop
	turns   map[turn]int
}

// turn is a kind of message that the balancer counts.
type turn struct {
	hop  observe.Hop
	kind string // its operation, or else its method
}

func (f *fleet) add(s *shop, serves bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, s)
	if serves {
		f.serving = append(f.serving, s)
	}
}

// dial reaches the one that serves.
func (f *fleet) dial(ctx context.Context) (net.Conn, error) {
	f.mu.Lock()
	serving := f.serving
	f.mu.Unlock()
	if len(serving) == 0 {
		return nil, syscall.ECONNREFUSED
	}
	return serving[0].dial(ctx)
}

// choose picks the replica whose turn it is, or the next one that listens; see tap.Config.
func (f *fleet) choose(m observe.Message) *tap.Server {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case len(f.all) < 2 || len(f.serving) == 0:
		return nil
	case len(f.serving) == 1:
		return &tap.Server{Process: f.serving[0].name}
	}
	kind := turn{m.Hop, cmp.Or(string(m.Operation), m.Method)}
	first := f.turns[kind]
	f.turns[kind]++
	if m.Hop == observe.WebhookHop {
		first++
	}
	var list []*shop // in the order in which they are tried
	for i := range f.serving {
		list = append(list, f.serving[(first+i)%len(f.serving)])
	}
	for len(list) > 1 && !list[0].listens() {
		list = list[1:]
	}
	return &tap.Server{Process: list[0].name, Dial: func(ctx context.Context) (conn net.Conn, who string, err error) {
		for _, s := range list {
			if conn, err = s.dial(ctx); err == nil {
				return conn, s.name, nil
			}
		}
		return nil, list[0].name, err
	}}
}

// named does something to the process of that name; the shop as such is the one that serves.
func (f *fleet) named(name string, do func(*shop) error) error {
	f.mu.Lock()
	all, names := f.all, []string{"“" + fault.Shop + "”"}
	if name == fault.Shop && len(f.serving) > 0 {
		name = f.serving[0].name
	}
	f.mu.Unlock()
	for _, s := range all {
		if s.name == name {
			return do(s)
		}
		if s.name != fault.Shop {
			names = append(names, "“"+s.name+"”")
		}
	}
	return fmt.Errorf("there is no process %q to inject into; there is %s", name, strings.Join(names, ", "))
}
