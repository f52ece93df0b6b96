package target

import (
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
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
	case looks.is() && looks.fits(m):
		return true
	case submits.fits(m):
		return false
	case m.Method == http.MethodGet:
		return true
	}
	return m.N == 0 && looks.is() && looks.bare().fits(m)
}

func (p part) fits(m observe.Message) bool {
	return p.method == m.Method && harness.MatchPath(p.path, m.Path)
}

// bare is the part without what tells it apart.
func (p part) bare() part {
	p.path, _ = harness.CutMark(p.path)
	return p
}
