package described

import (
	"context"
	"fmt"
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Pay is what a submit or a look captures as the URL of the provider's page, on which its customer
// pays. Unlike other addresses it leads elsewhere.
const Pay = "pay"

// unsure is what she reads where the page that she is sent back to has no word for it.
var unsure = View{observe.StatusChecking, "You are back from the payment provider."}

// sendsToPay learns from the answer to a request where she pays.
func (p *page) sendsToPay(r Request, a answer) {
	from, does := r.Capture[Pay]
	if !does {
		return
	}
	url := ""
	if IsAddress(from.Header) {
		url = a.header.Get(from.Header)
	} else if value, found, err := from.of(a, nil); found && err == nil {
		url = fmt.Sprint(value)
	}
	if url != "" {
		select {
		case p.tab.toPay <- url:
		default:
		}
	}
}

// ToPay implements customer.Pays.
func (t *Tab) ToPay(ctx context.Context) (string, error) {
	select {
	case url := <-t.toPay:
		return url, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// Return implements customer.Pays: the page is the shop's at that URL, with what the page
// before it in this tab knew of the basket. It follows redirects of the shop, and looks how
// the order stands until its screens say so.
func (t *Tab) Return(ctx context.Context, url, basket string) error {
	t.leave()
	path, err := t.shop().path(nil, url)
	if err != nil {
		return otherPage{fmt.Errorf("where the provider sends her %w", err)}
	}
	t.loads++
	p := &page{tab: t, basket: basket, known: t.knew(basket)}
	p.known["load"] = t.loadID()
	ctx, done := t.Lid.Within(ctx)
	defer done()
	ctx, cancel := context.WithTimeout(ctx, t.LoadWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.URL+string(path), http.NoBody)
	if err != nil {
		return otherPage{err}
	}
	resp, _, err := p.do(r, true)
	if err != nil {
		return err
	}
	a, err := heardOut(r.URL, resp)
	if err != nil {
		return err
	}
	if a.status >= 400 {
		return fmt.Errorf("the shop answered %d to GET %s", a.status, r.URL.Path)
	}
	if last, _ := t.sent.last(); last != nil && last.basket == basket {
		p.amount, p.due, p.currency = last.amount, last.due, last.currency
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	t.page = p
	view, has := p.words(a)
	if !has {
		view = unsure
	}
	p.show(view)
	if !view.Says.IsOutcome() {
		p.work.Go(p.look)
	}
	return nil
}

// knew is what a page in this tab knew of the basket when it sent the last submit and
// heard of it. Another browser knows nothing but the basket's name.
func (t *Tab) knew(basket string) variables {
	if p, _ := t.sent.last(); p != nil && p.basket == basket {
		return p.knows()
	}
	return variables{"customer": t.Customer, "basket": basket, "run": t.Run}
}
