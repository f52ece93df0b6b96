package browser

import (
	"context"

	"github.com/chromedp/chromedp"
)

// Do does steps of chromedp's own in the tab.
func (t *Tab) Do(ctx context.Context, steps ...chromedp.Action[chromedp.Void]) error {
	return t.do(ctx, steps...)
}
