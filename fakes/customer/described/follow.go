package described

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
)

// mostRedirects is how many a page follows, as browsers do.
const mostRedirects = 20

// endless is an error of redirects that lead to no page.
type endless struct{ error }

// do sends a request and, where it is to follow, what the redirects lead to: each is one
// message. An answer that leads away from the shop is the last one.
func (p *page) do(r *http.Request, follow bool) (resp *http.Response, before []answer, err error) {
	for {
		if resp, err = p.tab.client.Do(r); err != nil || !follow {
			return resp, before, err
		}
		next, err := p.next(r, resp)
		if err != nil || next == nil {
			if errors.As(err, new(elsewhere)) {
				p.tab.Notes(fmt.Sprintf("the answer to %s %s %v", r.Method, r.URL.Path, err))
			}
			return resp, before, nil
		}
		a, err := heardOut(r.URL, resp)
		if err != nil {
			return nil, nil, err
		}
		if before = append(before, a); len(before) > mostRedirects {
			return nil, nil, endless{fmt.Errorf("the shop redirected %d times in a row, at last from %s to %s: no page comes of it",
				mostRedirects, spelled(r.URL.Path), spelled(next.URL.Path))}
		}
		r = next
	}
}

// heardOut is a whole answer, read and closed.
func heardOut(asked *url.URL, resp *http.Response) (answer, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	a := read(resp.StatusCode, resp.Header, body)
	a.asked = asked
	return a, err
}

// next is the request that an answer asks for; nil: none. After a POST it is a GET, unless
// the status says that it is the same once more.
func (p *page) next(r *http.Request, resp *http.Response) (*http.Request, error) {
	method := r.Method
	switch status := resp.StatusCode; {
	case !slices.Contains([]int{301, 302, 303, 307, 308}, status) || resp.Header.Get("Location") == "":
		return nil, nil
	case status == http.StatusSeeOther, status < http.StatusSeeOther && method == http.MethodPost:
		method = http.MethodGet
	}
	path, err := p.tab.shop().path(r.URL, resp.Header.Get("Location"))
	if err != nil {
		return nil, err
	}
	next, err := http.NewRequestWithContext(r.Context(), method, p.tab.URL+string(path), http.NoBody)
	if err != nil {
		return nil, elsewhere{err}
	}
	next.Header = r.Header.Clone()
	if method == r.Method && r.GetBody != nil {
		next.Body, err = r.GetBody()
		next.GetBody, next.ContentLength = r.GetBody, r.ContentLength
		return next, err
	}
	next.Header.Del("Content-Type")
	return next, nil
}
