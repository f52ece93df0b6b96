package callee

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/observe/packed"
	"github.com/unhappypath/unhappypath/fakes/observe/place"
)

// Answer is what the service says to some requests.
type Answer struct {
	Route  observe.Route // to which; of Otherwise, nothing of it counts
	Status int
	Header map[string]string
	Body   []byte
}

// Work is a call that means that goods are on their way to a customer.
type Work struct {
	Route observe.Route
	// Key says where the request has what makes a repetition of it one work with the
	// first: its Value does not count. The zero Key: every call is a work of its own.
	Key observe.Where
	// Owner says whose it is, by the texts of the request, and which of them says so.
	Owner func(texts []string) (reference, basket string)
}

// Config is what a service is made of. Name, Hop and See must be given.
type Config struct {
	Name      string
	Hop       observe.Hop
	Answers   []Answer
	Otherwise *Answer
	Work      *Work
	See       observe.Observer
}

// service is a described service. It is safe for concurrent use.
type service struct {
	Config
	mu   sync.Mutex
	done map[string]bool // by key
}

// maxBody is how much of a request is read.
const maxBody = 1 << 20

// New makes a service, to be served on its hop.
func New(c Config) http.Handler {
	s := &service{Config: c, done: map[string]bool{}}
	see := func(e observe.Event) {
		if e.Kind == observe.Answered && e.Message.Header[unanswered] != "" {
			m := *e.Message
			m.Unanswered, e.Message = true, &m
		}
		c.See(e)
	}
	watched := observe.Server(c.Name, c.Hop, see, s)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		watched.ServeHTTP(w, r)
	})
}

// unanswered is a header of an answer that nobody described.
const unanswered = "Unhappy-Unanswered"

// ServeHTTP implements http.Handler.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // in memory: observe.Server has read it
	body = packed.Legible(r.Header, body, maxBody)
	a := s.answer(r, body)
	if work := s.Work; work != nil && a.Status < http.StatusBadRequest && fits(work.Route, r, body) {
		s.do(r, body)
	}
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

func (s *service) answer(r *http.Request, body []byte) Answer {
	for _, particular := range []bool{true, false} {
		for _, a := range s.Answers {
			if a.Route.Where.Is() == particular && fits(a.Route, r, body) {
				return a
			}
		}
	}
	if s.Otherwise != nil {
		return *s.Otherwise
	}
	says, _ := json.Marshal(struct {
		Error string `json:"error"`
	}{fmt.Sprintf("no answer to %s %s is described for %s", r.Method, r.URL.Path, s.Name)})
	return Answer{Status: http.StatusNotFound, Header: map[string]string{"Content-Type": "application/json", unanswered: "1"}, Body: append(says, '\n')}
}

// do writes a work down, unless it is a repetition.
func (s *service) do(r *http.Request, body []byte) {
	key, keyed := place.At(s.Work.Key, r, body)
	s.mu.Lock()
	again := keyed && s.done[key]
	if keyed {
		s.done[key] = true
	}
	s.mu.Unlock()
	if again {
		return
	}
	reference, owner := s.Work.Owner(texts(r, body))
	s.See(observe.Event{Actor: s.Name, Kind: observe.Parcel, Entry: &observe.Entry{
		Op: observe.ParcelBooked, Reference: reference, Key: key, Owner: owner,
	}})
}
