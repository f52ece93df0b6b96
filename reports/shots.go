package reports

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// shot is what a screen looked like.
type shot struct {
	Event link
	At    string
	Alt   string
	Src   template.URL // a data URL of a checked PNG, or a file's name of our own
}

// album says where the pictures of screens are kept. It takes the picture's
// bytes and returns where a page finds them.
type album struct {
	keep func(name string, png []byte) template.URL
}

// inline keeps a picture in the page itself.
var inline = album{func(_ string, png []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png))
}}

// of are the pictures that were taken in a run.
func (a album) of(r *harness.Run, at address) []shot {
	var list []shot
	for i, e := range r.History {
		if e.Kind != observe.Screen || e.View.Shot == "" {
			continue
		}
		s := shot{
			Event: at.link(i), At: harness.Spell(e.At),
			Alt: fmt.Sprintf("The screen of %s, which says “%s”", e.Actor, e.View.Says),
		}
		if png := decodePNG(e.View.Shot); png != nil {
			s.Src = a.keep(plain(r.ID)+"-"+eventName(i)+".png", png)
		}
		list = append(list, s)
	}
	return list
}

// decodePNG is the picture, or nil where the record has something else: a page
// must not be made to load what only claims to be one.
func decodePNG(text string) []byte {
	png, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !strings.HasPrefix(string(png), "\x89PNG\r\n\x1a\n") {
		return nil
	}
	return png
}
