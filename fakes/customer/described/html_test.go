package described_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// What a server's own page holds is read as a browser reads it.
func TestAnElementOfHTML(t *testing.T) {
	value := described.Request{Capture: map[string]described.Source{"x": {Selector: "input[name=csrf]", Attribute: "value"}}}
	text := described.Request{Capture: map[string]described.Source{"x": {Selector: ".total"}}}
	for name, row := range map[string]struct {
		of         described.Request
		html, want string
	}{
		"an input":             {value, `<form><input type="hidden" name="csrf" value="a&amp;b"></form>`, "a&b"},
		"no quotes, capitals":  {value, `<INPUT NAME=csrf VALUE="a&#38;b">`, "a&b"},
		"the first one counts": {value, `<input name=csrf value=1><input name=csrf value=2>`, "1"},
		"no such element":      {value, `<input name=other value=1>`, ""},
		"no such attribute":    {value, `<input name=csrf>`, ""},
		"in a comment":         {value, `<!-- <input name=csrf value=1> -->`, ""},
		"nothing that is HTML": {value, "\x00\xff<<<", ""},
		"a text":               {text, `<p class="big total"> NOK <b>499</b>.00 </p>`, "NOK 499.00"},
		"an empty text":        {text, `<p class=total></p>`, ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.want, row.of.Captured("x", row.html)) })
	}
}

// A page of a server's own has its token and its price in its HTML, and takes a form.
func TestAFormOfAPage(t *testing.T) {
	got := make(chan [2]string, 1)
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = w.Write([]byte(`<form><input type="hidden" name="csrf" value="a&amp;b"><b class="total" data-amount="49900">NOK 499.00</b></form>`))
			return
		}
		if r.ParseMultipartForm(1<<20) == nil {
			got <- [2]string{r.FormValue("token"), r.FormValue("paid")}
		}
		serve(w, `{"status":"sent"}`)
	})
	f := page()
	f.Open = []described.Request{{Method: "GET", Path: "/cart", Capture: map[string]described.Source{
		"csrf":   {Selector: "input[name=csrf]", Attribute: "value"},
		"amount": {Selector: ".total", Attribute: "data-amount"},
	}}}
	f.Submit = described.Request{Method: "POST", Path: "/cart", Multipart: map[string]string{"token": "${csrf}", "paid": "${amount}"}}
	f.Look = nil
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	require.Equal(t, [2]string{"a&b", "49900"}, <-got)
}

func TestASelectorIsChecked(t *testing.T) {
	require.NoError(t, described.CheckSelector("form > input[name='csrf token']"))
	require.ErrorContains(t, described.CheckSelector("a[["), `invalid CSS selector "a[["`)
}
