package shipping

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop books parcels, without a network.
type shop struct {
	t       testing.TB
	carrier *Carrier
	mu      sync.Mutex
	events  []observe.Event
}

func open(t testing.TB, change func(*Config)) *shop {
	t.Helper()
	s := &shop{t: t}
	cfg := Config{Rand: rand.NewChaCha8([32]byte{1}), See: func(e observe.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e)
	}}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	s.carrier = c
	return s
}

func (s *shop) seen(kind observe.Kind) []observe.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []observe.Event
	for _, e := range s.events {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

func (s *shop) send(method, target, body string, header http.Header) (int, string) {
	r := httptest.NewRequest(method, "http://carrier.test", strings.NewReader(body))
	u, err := url.Parse("http://carrier.test" + target)
	require.NoError(s.t, err)
	r.URL, r.Header = u, header
	w := httptest.NewRecorder()
	s.carrier.ServeHTTP(w, r)
	if w.Code >= 400 {
		require.Equal(s.t, contract.ProblemJSON, w.Header().Get("Content-Type"))
	}
	return w.Code, w.Body.String()
}

func (s *shop) book(key, reference, basket string) (int, string) {
	body := fmt.Sprintf(`{"reference":%q,"basket":%q}`, reference, basket)
	return s.send("POST", "/shipments", body, http.Header{
		"Content-Type": {"application/json"}, "Idempotency-Key": {key}})
}

func (s *shop) cancel(id string) int {
	status, _ := s.send("POST", "/shipments/"+id+"/cancel", "", http.Header{})
	return status
}

func (s *shop) list(reference string) string {
	status, body := s.send("GET", "/shipments?reference="+reference, "", http.Header{})
	require.Equal(s.t, 200, status)
	return body
}

func (s *shop) books() (lines []string) {
	for _, e := range s.carrier.Ledger() {
		lines = append(lines, string(e.Op)+" "+e.Reference+" "+e.Basket+" "+e.Key)
	}
	return lines
}

func idOf(t testing.TB, body string) string {
	var a struct{ ID, Reference, State string }
	require.NoError(t, json.Unmarshal([]byte(body), &a))
	require.NotEmpty(t, a.ID)
	return a.ID
}

func TestTheDocumentIsValid(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(Document)
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
}

func TestABookingIsOneParcelForItsKey(t *testing.T) {
	s := open(t, nil)
	status, first := s.book("k", "r", "b")
	require.Equal(t, 201, status)
	require.JSONEq(t, `{"id":"`+idOf(t, first)+`","reference":"r","state":"booked"}`, first)
	status, again := s.book("k", "r", "b")
	require.Equal(t, 201, status)
	require.Equal(t, first, again)
	status, _ = s.book("k", "r", "another")
	require.Equal(t, 409, status)
	require.Equal(t, []string{"booked r b k"}, s.books())
}

func TestAnotherKeyIsAnotherParcelEvenForTheSameReference(t *testing.T) {
	s := open(t, nil)
	_, one := s.book("k1", "r", "b")
	_, two := s.book("k2", "r", "b")
	require.NotEqual(t, idOf(t, one), idOf(t, two))
	require.JSONEq(t, fmt.Sprintf(`{"shipments":[{"id":%q,"reference":"r","key":"k1","state":"booked"},`+
		`{"id":%q,"reference":"r","key":"k2","state":"booked"}]}`, idOf(t, one), idOf(t, two)), s.list("r"))
	require.Equal(t, `{"shipments":[]}`, s.list("nobody"))
}

func TestABasketThatCannotBeShippedIsRefusedForGood(t *testing.T) {
	refuse := true
	s := open(t, func(c *Config) { c.Refuse = func(basket string) bool { return refuse && basket == "piano" } })
	status, body := s.book("k", "r", "piano")
	require.Equal(t, 422, status)
	refuse = false
	status, again := s.book("k", "r", "piano")
	require.Equal(t, 422, status)
	require.Equal(t, body, again)
	require.Empty(t, s.books())
}

func TestAParcelCanBeCalledOffUntilItIsHandedOver(t *testing.T) {
	for _, speed := range []int{1, 100} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, func(c *Config) { c.HandOverAfter, c.Speed = time.Hour, speed })
			hour := time.Hour / time.Duration(speed)
			_, one := s.book("k1", "r", "b")
			time.Sleep(hour / 2)
			_, two := s.book("k2", "r", "b")
			require.Equal(t, 200, s.cancel(idOf(t, one)))
			require.Equal(t, 200, s.cancel(idOf(t, one)), "twice is as good as once")
			due, any := s.carrier.NextDue()
			require.True(t, any)
			require.Equal(t, hour, time.Until(due), "the second one's")

			time.Sleep(hour - 1)
			require.Contains(t, s.list("r"), `"state":"booked"`)
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			require.Contains(t, s.list("r"), `"state":"handed over"`)
			require.Equal(t, 409, s.cancel(idOf(t, two)))
			require.Equal(t, 404, s.cancel("nothing"))
			_, any = s.carrier.NextDue()
			require.False(t, any)
			_, replay := s.book("k2", "r", "b")
			require.Equal(t, two, replay, "the answer to a booking stays as it was")
			require.Equal(t, []string{"booked r b k1", "booked r b k2", "cancelled r b k1", "handed over r b k2"}, s.books())
		})
	}
}

func TestNothingIsHandedOverAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, func(c *Config) { c.HandOverAfter = time.Hour })
		s.book("k", "r", "b")
		s.carrier.Close()
		time.Sleep(2 * time.Hour)
		require.Len(t, s.books(), 1)
		_, any := s.carrier.NextDue()
		require.False(t, any)
	})
}

// However many copies of however many bookings overlap, each key is one parcel.
func TestAKeyBooksOnceHoweverManyCopiesOverlap(t *testing.T) {
	s := open(t, nil)
	answers := make([]string, 200)
	var everybody sync.WaitGroup
	for i := range answers {
		everybody.Go(func() { _, answers[i] = s.book(fmt.Sprint("k", i%20), "r", "b") })
	}
	everybody.Wait()
	for i, a := range answers {
		require.Equal(t, answers[i%20], a)
	}
	ledger, told := s.carrier.Ledger(), s.seen(observe.Parcel)
	require.Len(t, ledger, 20)
	require.Len(t, told, 20)
	for i, e := range ledger {
		require.Equal(t, e, *told[i].Entry, "told in the ledger's order")
	}
}

func TestIdsDependOnTheSeedAndOnKeysAlone(t *testing.T) {
	id := func(seed byte, keys ...string) (id string) {
		s := open(t, func(c *Config) { c.Rand = rand.NewChaCha8([32]byte{seed}) })
		for _, key := range keys {
			if _, body := s.book(key, "r", "b"); key == "k" {
				id = idOf(t, body)
			}
		}
		return id
	}
	require.Equal(t, id(1, "k", "other"), id(1, "other", "k"))
	require.NotEqual(t, id(1, "k"), id(2, "k"))
}

func TestAConfigThatLacksSomethingIsRefused(t *testing.T) {
	good := open(t, nil).carrier.cfg
	for name, change := range map[string]func(*Config){
		"Rand": func(c *Config) { c.Rand = nil }, "See": func(c *Config) { c.See = nil },
		"Speed": func(c *Config) { c.Speed = -1 }, "HandOverAfter": func(c *Config) { c.HandOverAfter = -1 },
		"an empty Rand": func(c *Config) { c.Rand = strings.NewReader("") },
	} {
		cfg := good
		change(&cfg)
		_, err := New(cfg)
		require.Error(t, err, name)
	}
}
