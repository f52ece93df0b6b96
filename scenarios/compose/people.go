package compose

import (
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/environment"
)

// people are the customers who sit at a browser in one enactment, each with a
// profile of her own for all of her tabs.
type people struct {
	browser *browser.Browser // nil: there is none
	own     bool             // nobody else has it

	mu       sync.Mutex
	profiles map[string]*browser.Profile
}

// profile is a customer's own.
func (p *people) profile(name string) (*browser.Profile, error) {
	if p.browser == nil {
		return nil, errors.New("this story needs a browser, and there is none")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.profiles[name]; known != nil {
		return known, nil
	}
	made, err := p.browser.Profile()
	if err != nil {
		return nil, err
	}
	if p.profiles == nil {
		p.profiles = map[string]*browser.Profile{}
	}
	p.profiles[name] = made
	return made, nil
}

func (p *people) close() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, profile := range p.profiles {
		err = errors.Join(err, profile.Close())
	}
	if p.own {
		err = errors.Join(err, p.browser.Close())
	}
	return err
}

// frontEnd makes the page of one tab.
type frontEnd func(customer.Person) (customer.FrontEnd, error)

// at is a page in the browser.
func (p *people) at(url string, page browser.Page) frontEnd {
	return func(who customer.Person) (customer.FrontEnd, error) {
		profile, err := p.profile(who.Customer)
		if err != nil {
			return nil, err
		}
		return profile.Tab(browser.Config{Person: who, URL: url, Page: page})
	}
}

// sit gives a customer a tab, with her times divided like the clock.
func sit(s environment.Setup, name, tab string, see observe.Observer, page frontEnd) (environment.Tab, error) {
	who := customer.Person{Customer: name, Tab: tab, See: see, Lid: &customer.Lid{}}
	front, err := page(who)
	if err != nil {
		return nil, err
	}
	clock := s.Clock
	times := customer.Times{BetweenClicks: clock.Real(betweenClicks), TryAgain: clock.Real(tryAgain), GiveUpAfter: giveUp(clock)}
	made := customer.New(front, times)
	made.Lid = who.Lid
	if s.PagesURL != "" {
		made.Provider = &customer.Provider{
			Person: who, URL: s.PagesURL,
			Yes: url.Values{provider.AnswerField: {string(provider.Approves)}}.Encode(),
			No:  url.Values{provider.AnswerField: {string(provider.Declines)}}.Encode(),
			Declined: func(code string) string {
				return url.Values{provider.AnswerField: {string(provider.CardDeclined)}, provider.CodeField: {code}}.Encode()
			},
			Dial: s.Dialer(name + "/" + tab), Times: times, LoadWithin: max(time.Second, clock.Real(loadWithin)),
		}
	}
	return made, nil
}
