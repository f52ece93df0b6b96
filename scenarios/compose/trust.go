package compose

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/unhappypath/unhappypath/fakes/authority"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/environment"
)

// trust is what a shop is told to trust whose client calls HTTPS only: an authority, and the
// file with its certificate, in a folder of its own.
type trust struct {
	authority *authority.Authority
	folder    string
}

// newTrust is for the hosts of a provider.
func newTrust(kind provider.Kind) (t *trust, err error) {
	t = &trust{}
	if t.authority, err = authority.New(kind.Hosts...); err != nil {
		return nil, err
	}
	if t.folder, err = os.MkdirTemp("", "unhappy-path-"); err != nil {
		return nil, err
	}
	if err := os.WriteFile(t.file(), t.authority.PEM(), 0o600); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

func (t *trust) file() string { return filepath.Join(t.folder, "ca.pem") }

// protect lets the provider speak TLS, on all of its hops.
func (t *trust) protect(callees []environment.Callee) {
	for i := range callees {
		if callees[i].Hop != observe.ShippingHop {
			callees[i].TLS = t.authority.Config()
		}
	}
}

// close forgets it. Nil is nothing.
func (t *trust) close() error {
	if t == nil {
		return nil
	}
	return os.RemoveAll(t.folder)
}
