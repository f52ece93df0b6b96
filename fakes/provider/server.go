package provider

import (
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// UnplayedHeader of an answer names what a fake does not play. Server tells it as
// Message.Unplayed.
const UnplayedHeader = "Unhappy-Unplayed"

// Server is a provider's handler, with both ends of each message told. Of a request with
// more than so many bytes in its body nothing is read, and the connection is dropped.
func Server(see observe.Observer, most int64, serve http.HandlerFunc) http.Handler {
	return ServerOn(observe.ProviderHop, see, most, serve)
}

// ServerOn is Server on another hop.
func ServerOn(hop observe.Hop, see observe.Observer, most int64, serve http.HandlerFunc) http.Handler {
	told := func(e observe.Event) {
		if e.Kind == observe.Answered && e.Message.Header[UnplayedHeader] != "" {
			m := *e.Message
			m.Unplayed, e.Message = m.Header[UnplayedHeader], &m
		}
		see(e)
	}
	watched := observe.Server("provider", hop, told, serve)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		watched.ServeHTTP(w, r)
	})
}
