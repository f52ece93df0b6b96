package browser

import (
	"context"
	"encoding/base64"

	"github.com/chromedp/cdproto/cdp"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// camera takes pictures of screens while the story goes on: nobody waits for
// one but a customer who has just opened a page.
type camera struct {
	wanted chan wish
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
// tab's: whoever holds the lock tells of no other.
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
func (t *Tab) picture(screen int) (picture []byte) {
	for _, quality := range []int64{60, 30, 10} {
		t.mu.Lock()
		current := t.screen == screen
		t.mu.Unlock()
		if !current {
			return nil
		}
		picture, err := t.screenshot(quality)
		if err != nil {
			return nil // the tab is being closed
		}
		if len(picture) <= largest {
			return picture
		}
	}
	return nil
}

func (t *Tab) screenshot(quality int64) (picture []byte, err error) {
	fast := true
	err = chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		taken, err := cdp.Call(ctx, target, cdpage.CaptureScreenshot, cdpage.CaptureScreenshotParams{
			Format: cdpage.CaptureScreenshotFormatJpeg, Quality: &quality, OptimizeForSpeed: &fast,
		})
		picture = taken.Data
		return err
	}))
	return picture, err
}
