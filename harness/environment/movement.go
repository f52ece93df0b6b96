package environment

import (
	"fmt"
	"hash/maphash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// movement remembers what last showed that something moves. A page that looks
// after its order and is told the same as before shows that nothing does: a look
// counts when its answer is another one than the last time, and not before it is
// answered. So a page that looks for ever, or holds a stream open, keeps no world
// from coming to rest; whatever the shop does because of a look is seen elsewhere.
type movement struct {
	isLook func(observe.Message) bool // nil: no message is one

	at      time.Time
	acted   time.Time // when anything moved but a note
	what    observe.Event
	news    time.Time                  // when anything but an asking showed movement
	ledger  map[string]observe.EntryOp // what was last written of each payment
	hers    map[string]bool            // payments about which a customer decided
	answers map[string]uint64          // the last one to each look, by who saw it and the path
	screens map[string]observe.View    // by customer and tab
	seed    maphash.Seed
}

func newMovement() movement {
	return movement{
		at: time.Now(), acted: time.Now(), news: time.Now(), ledger: map[string]observe.EntryOp{}, hers: map[string]bool{},
		answers: map[string]uint64{}, screens: map[string]observe.View{}, seed: maphash.MakeSeed(),
	}
}

// note takes note of what was seen at a time.
func (m *movement) note(e observe.Event, now time.Time) {
	switch {
	case e.Kind == observe.Money:
		m.ledger[e.Entry.Reference] = e.Entry.Op
	case e.Kind == observe.Injected && e.Effect.What == observe.Fired && e.Effect.Payment != "":
		m.hers[e.Effect.Payment] = true
	}
	moves := m.moves(e)
	if moves {
		m.at, m.what = now, e
	}
	if moves && e.Kind != observe.Note {
		m.acted = now
	}
	if moves && !(isAsking(e) && !m.isNews(e)) {
		m.news = now
	}
}

// isAsking says whether somebody asks the provider how things stand.
func isAsking(e observe.Event) bool {
	return e.Message != nil && e.Message.Hop == observe.ProviderHop && e.Message.Method == http.MethodGet
}

// isLeftOpen says whether a payment waits for a customer who goes on and on deciding nothing
// about it, or whose card was declined: its provider may keep it so for ever.
func (m *movement) isLeftOpen() bool {
	for payment, last := range m.ledger {
		if last == observe.MoneyDeclined || last == observe.MoneyCreated && m.hers[payment] {
			return true
		}
	}
	return false
}

func (m *movement) moves(e observe.Event) bool {
	switch e.Kind {
	case observe.Sent, observe.Arrived, observe.Answered, observe.Received, observe.Failed, observe.Drift:
		return m.isLook == nil || !m.isLook(*e.Message) || m.isNews(e)
	case observe.Order:
		return false // read in an answer, which was seen itself
	case observe.Shot:
		return false // of a screen, which was seen itself
	case observe.Screen:
		return m.isNewScreen(e)
	}
	return true
}

// isNews says whether the answer to a look is another one than its last: to the
// same path, or to the same but for its query, which may be there to get past
// caches.
func (m *movement) isNews(e observe.Event) bool {
	if e.Kind == observe.Sent || e.Kind == observe.Arrived {
		return false
	}
	seen := e.Message
	side := "answer "
	if e.Kind == observe.Drift {
		side = "drift "
	}
	full := side + e.Actor + " " + seen.Method + " " + seen.Path
	bare, _, _ := strings.Cut(full, "?")
	answer := m.digest(seen)
	known := false
	for _, key := range []string{full, bare + "?"} {
		last, has := m.answers[key]
		known = known || has && last == answer
		m.answers[key] = answer
	}
	return !known
}

// digest is a number for what an answer says.
func (m *movement) digest(answer *observe.Message) uint64 {
	var h maphash.Hash
	h.SetSeed(m.seed)
	words := [...]string{strconv.Itoa(answer.Status), string(answer.Error), answer.Body}
	for _, word := range append(words[:], answer.Missing...) {
		_, _ = h.WriteString(word)
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}

func (m *movement) isNewScreen(e observe.Event) bool {
	key, view := e.Actor+"\x00"+e.View.Tab, *e.View
	view.Shot = ""
	last, known := m.screens[key]
	m.screens[key] = view
	return !known || last != view
}

// lastMoved says what moved last.
func (m *movement) lastMoved() string {
	e := m.what
	switch {
	case e.Message != nil && e.Kind == observe.Answered || e.Kind == observe.Received:
		return fmt.Sprintf("%s %s %s (answered with %d)", e.Message.Hop, e.Message.Method, e.Message.Path, e.Message.Status)
	case e.Message != nil:
		return fmt.Sprintf("%s %s %s (%s)", e.Message.Hop, e.Message.Method, e.Message.Path, e.Kind)
	case e.View != nil:
		return fmt.Sprintf("%s's screen, which said %q", e.Actor, e.View.Says)
	case e.Entry != nil:
		return fmt.Sprintf("%s %s in the books of %s", e.Entry.Reference, e.Entry.Op, e.Actor)
	case e.Life != nil:
		return fmt.Sprintf("the process %s, which was %s", e.Life.Process, e.Life.What)
	case e.Act != nil:
		return e.Actor + ", who " + string(e.Act.Does)
	case e.Text != "":
		return fmt.Sprintf("a note of %s: %s", e.Actor, e.Text)
	}
	return "the beginning of the story"
}
