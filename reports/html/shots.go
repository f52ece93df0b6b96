package html

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reports/model"
)

// shot is what a screen looked like.
type shot struct {
	Event model.Link
	At    string
	Alt   string
	Src   template.URL // a data URL of a checked picture, or a file's name of our own
}

// photo is what a camera made: a PNG or a JPEG.
type photo struct {
	kind string // "png", "jpeg": the end of its media type, and of a file's name
	data []byte
}

// album says where the pictures of screens are kept: it takes one, with a name
// for it, and returns where a page finds it.
type album struct {
	keep func(name string, p photo) template.URL
}

// inline keeps a picture in the page itself.
var inline = album{func(_ string, p photo) template.URL {
	return template.URL("data:image/" + p.kind + ";base64," + base64.StdEncoding.EncodeToString(p.data))
}}

// of are the pictures that were taken in a run.
func (a album) of(r *judge.Run, at model.Address) []shot {
	var list []shot
	for i, e := range r.History {
		if e.Kind != observe.Screen || e.View.Shot == "" {
			continue
		}
		s := shot{
			Event: at.Link(i), At: units.FormatDuration(e.At),
			Alt: fmt.Sprintf("The screen of %s, which says “%s”", e.Actor, e.View.Says),
		}
		if p, is := develop(e.View.Shot); is {
			s.Src = a.keep(model.Plain(r.ID)+"-"+model.EventName(i)+"."+p.kind, p)
		}
		list = append(list, s)
	}
	return list
}

// develop is the picture of a record, if it is one: a page must not be made to
// load what only claims to be.
func develop(text string) (photo, bool) {
	data, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil:
		return photo{}, false
	case strings.HasPrefix(string(data), "\x89PNG\r\n\x1a\n"):
		return photo{"png", data}, true
	case strings.HasPrefix(string(data), "\xff\xd8\xff"):
		return photo{"jpeg", data}, true
	}
	return photo{}, false
}
