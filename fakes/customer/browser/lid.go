package browser

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Sleep implements customer.Sleeps. Chromium cannot be told to sleep as a computer does, so
// its debugger holds the first script that is to run, and with it whatever else the page
// would do: timers and answers come when it goes on, and timers by the clock that went on
// meanwhile. What is under way is stopped as with the button for that, and nothing is
// begun, for there is no network.
func (t *Tab) Sleep() error {
	t.Lid.Close()
	return t.do(t.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, debugger.Enable, debugger.EnableParams{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, target, debugger.Pause, cdp.Empty{}); err != nil {
			return err
		}
		if err := offline(ctx, target, true); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, cdpage.StopLoading, cdp.Empty{})
		return err
	}))
}

// Wake implements customer.Sleeps.
func (t *Tab) Wake() error {
	defer t.Lid.Open()
	return t.do(t.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if err := offline(ctx, target, false); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, debugger.Disable, cdp.Empty{})
		return err
	}))
}

// asFast is a network that is as fast as it is.
const asFast = -1

func offline(ctx context.Context, target *chromedp.Target, is bool) error {
	_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: is, DownloadThroughput: asFast, UploadThroughput: asFast}},
	})
	return err
}
