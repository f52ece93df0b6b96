package wire

import (
	"context"
	"errors"

	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// open starts the shop, unless it runs already.
func (w *world) open(ctx context.Context, at []Addresses) error {
	if len(w.parts.Shop) == 0 {
		w.fleet.add(&shop{address: w.parts.Running}, true)
	}
	shops := w.shops(at)
	if kept, err := w.keeps(ctx, shops); kept || err != nil {
		return err
	}
	started, err := w.parts.Starts.turn(ctx)
	if err != nil {
		return err
	}
	defer started()
	for _, s := range shops {
		if err := s.start(ctx); err != nil {
			return err
		}
	}
	return w.opened(ctx)
}

// shops are the shop's processes, of which none runs yet.
func (w *world) shops(at []Addresses) (list []*shop) {
	for i, p := range w.parts.Shop {
		s := &shop{
			name: p.Name, alone: len(w.parts.Shop) == 1, see: w.recorder.See, words: NewWords(w.recorder.Redact),
			command: func() (process.Command, error) { return p.Command(at[i]) }, listening: p.Ready, await: p.Await, within: p.Within, unready: p.Unready,
		}
		w.fleet.add(s, p.Serves)
		w.later(s.stop)
		list = append(list, s)
	}
	return list
}

// keeps takes over the shop that lives at the site, and says whether it did: one that
// cannot be opened again is ended.
func (w *world) keeps(ctx context.Context, shops []*shop) (kept bool, err error) {
	if kept, err = w.site.takeOver(shops); !kept || err != nil {
		return false, err
	}
	if w.opened(ctx) == nil {
		return true, nil
	}
	for _, s := range shops {
		err = errors.Join(err, s.kill())
	}
	return false, errors.Join(err, w.site.end())
}

func (w *world) opened(ctx context.Context) error {
	if w.parts.Opened == nil {
		return nil
	}
	return w.parts.Opened(ctx)
}
