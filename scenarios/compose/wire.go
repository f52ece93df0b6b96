package compose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/postgres"
	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// Resources are what worlds share because it is dear to start. Each may be
// nil.
type Resources struct {
	Postgres *postgres.Server // without it the shop keeps its books in a SQLite file
	Browser  *browser.Browser // without it stories at a browser cannot be staged
	Ports    *wire.Ports      // to be shared by all that are built at the same time
	Starts   *wire.Starts     // the turns in which somebody's own shops start
	Sites    *Sites           // where somebody's own shop lives on; without them it is started for each enactment
	Provider string           // by whom the reference shop is paid, one of checkout.Providers; "": its usual one
	// Direct builds the hops without Toxiproxy, to show that it is needed.
	Direct bool
}

// ports are the shared ones; where worlds are built one after the other they need
// share none.
func (h Resources) ports() *wire.Ports {
	if h.Ports == nil {
		return wire.NewPorts(os.Getpid())
	}
	return h.Ports
}

// Wire returns how a wire world with the reference shop in it is built.
func Wire(hands Resources) environment.Build {
	build := wire.Build
	if hands.Direct {
		build = wire.BuildDirect
	}
	by := paidBy(hands.Provider)
	return build(func(ctx context.Context, s environment.Setup) (wire.Parts, error) {
		c, parts, err := gather(s, by, hands.Browser)
		if err != nil {
			return wire.Parts{}, err
		}
		p := &premises{referenceShop: c, hands: hands}
		t := wire.Parts{Parts: parts, Shop: []wire.Process{{Name: fault.Shop, Serves: true, Command: p.command, Ready: ready}}}
		t.Close = p.close
		if err := p.findDatabase(ctx, &t); err != nil {
			return wire.Parts{}, errors.Join(err, p.close())
		}
		return t, nil
	}, hands.ports())
}

// premises are where the shop's process lives and keeps its books.
type premises struct {
	*referenceShop
	hands  Resources
	folder string // the SQLite file's
	db     string // the PostgreSQL database's URL
}

func (p *premises) findDatabase(ctx context.Context, t *wire.Parts) (err error) {
	if p.hands.Postgres != nil {
		t.DatabaseAddr = p.hands.Postgres.Addr()
		p.db, err = p.hands.Postgres.NewDatabase(ctx)
		p.AddSecrets(p.db)
		return err
	}
	p.folder, err = os.MkdirTemp("", "unhappy-path-")
	return err
}

// command starts the shop: this very program, as the shop.
func (p *premises) command(at wire.Addresses) (process.Command, error) {
	self, err := os.Executable()
	if err != nil {
		return process.Command{}, fmt.Errorf("this program cannot find itself to start the shop: %w", err)
	}
	env := p.settings(at.URLs)
	if p.hands.Postgres != nil {
		env = append(env, "DATABASE_URL="+p.hands.Postgres.URL(p.db, at.Database))
	} else {
		env = append(env, "CHECKOUT_DATABASE="+filepath.Join(p.folder, "checkout.db"))
	}
	if runtime.GOOS != "linux" {
		// Elsewhere no signal tells the shop that its parent died.
		env = append(env, "CHECKOUT_STOP_ON_EOF=true")
	}
	return process.Command{Path: self, Args: []string{role}, Env: env, Dir: p.folder}, nil
}

// ready finds the address in the line that the shop prints when it listens.
func ready(line []byte) (string, bool) {
	var said struct{ Msg, Addr string }
	if json.Unmarshal(line, &said) != nil || said.Msg != "listening" {
		return "", false
	}
	return said.Addr, said.Addr != ""
}

func (p *premises) close() error {
	err := p.referenceShop.close()
	if p.folder != "" {
		err = errors.Join(err, os.RemoveAll(p.folder))
	}
	return err
}
