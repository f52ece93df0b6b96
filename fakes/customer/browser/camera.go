package browser

import (
	"context"
	"encoding/base64"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// camera takes pictures of screens while the story goes on: nobody waits for
// one but a customer who has just opened a page.
type camera struct {
	wanted chan wish

	mu   sync.Mutex
	stop context.CancelFunc // breaks off the picture that is being taken
}

// wish is for a picture of a screen, or without a view, for being told when
// those wished for before are taken.
type wish struct {
	view   observe.View
	screen int
	done   chan struct{}
}

func (c *camera) want(w wish) {
	select {
	case c.wanted <- w:
	default:
	}
}

// breakOff ends the picture that is being taken, since its screen is gone: where
// a page is left meanwhile, the browser never says what happened to a picture.
func (c *camera) breakOff() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop != nil {
		c.stop()
	}
}

// begin is the context of a picture.
func (c *camera) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, c.stop = context.WithTimeout(ctx, takenWithin)
	return ctx, c.stop
}

// takenWithin is how long a picture may take, in real time.
const takenWithin = 2 * time.Second

// rest returns when no picture is wanted any more.
func (c *camera) rest(ctx context.Context) error {
	done := make(chan struct{})
	c.want(wish{done: done})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// photograph takes the pictures that are wanted. A screen that was replaced
// before its picture was taken has none.
func (t *Tab) photograph() {
	for {
		select {
		case w := <-t.camera.wanted:
			if w.done != nil {
				close(w.done)
				continue
			}
			if picture := t.picture(w.screen); picture != nil {
				t.tellPicture(w, picture)
			}
		case <-t.ctx.Done():
			return
		}
	}
}

// tellPicture tells of the picture, right after its screen among all of the
// tab's: anyone who holds the lock tells of no other.
func (t *Tab) tellPicture(w wish, picture []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.screen != w.screen {
		return
	}
	v := w.view
	v.Shot = base64.StdEncoding.EncodeToString(picture)
	t.See(observe.Event{Actor: t.Customer, Kind: observe.Shot, View: &v})
}

// largest is how many bytes a picture has at most.
const largest = 30 << 10

// picture is a JPEG of what the tab shows, as good as fits, or nil where it
// shows another screen by now.
func (t *Tab) picture(screen int) []byte {
	ctx, end := t.camera.begin(t.ctx)
	defer end()
	for _, quality := range []int64{40, 20, 10} {
		t.mu.Lock()
		current := t.screen == screen
		t.mu.Unlock()
		if !current {
			return nil
		}
		picture, err := screenshot(ctx, quality)
		if err != nil {
			return nil // it was broken off
		}
		if len(picture) <= largest {
			return picture
		}
	}
	return nil
}

func screenshot(ctx context.Context, quality int64) (picture []byte, err error) {
	fast := true
	err = chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		taken, err := cdp.Call(ctx, target, cdpage.CaptureScreenshot, cdpage.CaptureScreenshotParams{
			Format: cdpage.CaptureScreenshotFormatJpeg, Quality: &quality, OptimizeForSpeed: &fast,
		})
		picture = taken.Data
		return err
	}))
	return picture, err
}
