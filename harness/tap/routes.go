package tap

import (
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/observe/place"
)

// ofHop are the hop's routes; what says more of a message comes first.
func ofHop(routes observe.Routes, hop observe.Hop) (own observe.Routes) {
	for _, particular := range []bool{true, false} {
		for _, r := range routes {
			if r.Hop == hop && r.Where.Is() == particular {
				own = append(own, r)
			}
		}
	}
	return own
}

// unmarking escapes what a mark is made of.
var unmarking = strings.NewReplacer("[", "%5B", "]", "%5D")

// route finds what the message is for, and writes it into what is recorded, with a
// mark behind the path where the route has one. What goes over the wire stays as it
// is.
func (x *exchange) route() {
	path := x.r.URL.Path
	if len(x.routes) == 0 {
		x.point.Path = path
		return
	}
	recorded, query, asked := strings.Cut(x.seen.Path, "?")
	if x.routes[0].Where.Is() { // a path that only looks marked is a caller's, and none of ours
		path, recorded = unmarking.Replace(path), unmarking.Replace(recorded)
	}
	body := legible(x.r.Header, x.body)
	for _, r := range x.routes {
		if r.Method == x.r.Method && observe.MatchPath(r.Path, path) && place.Fits(r.Where, x.r, body) {
			path, recorded = path+r.Where.Mark(), recorded+r.Where.Mark()
			x.seen.Operation = r.Operation
			break
		}
	}
	if asked {
		recorded += "?" + query
	}
	x.seen.Path, x.point.Path, x.point.Operation = recorded, path, x.seen.Operation
}
