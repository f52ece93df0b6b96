package target

import (
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// IsLook says whether a customer's message asks how things stand and changes
// nothing: a GET that is no submit, or what the page is said to look with.
//
// Only the tap tells apart messages of one method and path. What a customer says
// of one that may be either is taken for a look: it counts where its answer is a
// new one, and the tap's word on the same message counts in any case.
func (t *Target) IsLook(m observe.Message) bool {
	looks, submits := t.looks(), t.submits()
	switch {
	case looks.Path != "" && fits(looks, m):
		return true
	case fits(submits, m):
		return false
	case m.Method == http.MethodGet:
		return true
	}
	looks.Where = observe.Where{}
	return m.N == 0 && looks.Path != "" && fits(looks, m)
}

// fits says whether a route spells the message, as records have it.
func fits(r observe.Route, m observe.Message) bool {
	return r.Method == m.Method && observe.MatchPath(r.Spelling(), m.Path)
}
