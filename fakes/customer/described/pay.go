package described

import (
	"context"
	"fmt"
	"maps"
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
	} else if value, found, err := from.of(a, nil); found && err == nil && value != nil {
		url = fmt.Sprint(value)
	} else if look := p.tab.FrontEnd.Look; found && value == nil && (look == nil || look.Capture[Pay] == Source{}) {
		p.tab.Notes(fmt.Sprintf("the answer to %s %s (status %d) has null as %s, which is the page's %q: it says nowhere where she pays",
			r.Method, r.Path, a.status, from, Pay))
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
	loggedIn, err := t.logIn(ctx)
	if err != nil {
		return err
	}
	t.loads++
	p := &page{tab: t, basket: basket, known: t.knew(basket, loggedIn)}
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
		return t.refused(a.status, r.URL.Path)
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

// refused is the error of a page that the shop does not show her. In another browser she is
// not logged in, unless the description says how that is done.
func (t *Tab) refused(status int, path string) error {
	err := fmt.Errorf("the shop answered %d to GET %s", status, path)
	unknown := status == http.StatusUnauthorized || status == http.StatusForbidden
	if p, _ := t.sent.last(); unknown && p == nil && len(t.FrontEnd.Login) == 0 {
		err = fmt.Errorf(`%w: where customers log in, say how under "login", which is done in each browser`, err)
		if t.Undisturbed {
			return otherPage{err}
		}
	}
	return err
}

// knew is what a page in this tab knew of the basket when it sent the last submit and
// heard of it. Another browser knows the basket's name, and what logging in told.
func (t *Tab) knew(basket string, loggedIn variables) variables {
	if p, _ := t.sent.last(); p != nil && p.basket == basket {
		return p.knows()
	}
	known := maps.Clone(loggedIn)
	known["basket"] = basket
	return known
}
