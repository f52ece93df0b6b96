package cast

import (
	"errors"
	"sync"

	"github.com/unhappypath/unhappypath/fakes/customer/browser"
)

// people are the customers who sit at a browser in one enactment, each with a
// profile of her own for all of her tabs.
type people struct {
	browser *browser.Browser // nil: there is none

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
	return err
}
