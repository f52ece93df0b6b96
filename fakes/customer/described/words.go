package described

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// variables are what is known under names: who she is, her basket, and what was
// captured.
type variables map[string]any

// text is what is known under a name, or "". A null is nothing.
func (v variables) text(name string) string {
	if value := v[name]; value != nil {
		return fmt.Sprint(value)
	}
	return ""
}

// add takes over what others know, unless it is null.
func (v variables) add(others variables) {
	for name, value := range others {
		if value != nil {
			v[name] = value
		}
	}
}

// Placeholder is how a text names something that is known: ${name}.
var Placeholder = regexp.MustCompile(`\$\{([^{}]*)\}`)

// fill puts what is known into a text. escape makes a value harmless where it
// goes.
func (v variables) fill(text string, escape func(string) string) (string, error) {
	var unknown []string
	var wrong error
	filled := Placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-1]
		value, known := v[name]
		if !known {
			unknown = append(unknown, found)
			return found
		}
		switch value.(type) {
		case nil, []any, map[string]any:
			wrong = noText{fmt.Errorf("what is known as %s is %s: want a text or a number", found, spelled(value))}
		}
		return escape(fmt.Sprint(value))
	})
	if wrong != nil {
		return "", wrong
	}
	if len(unknown) > 0 {
		return "", fmt.Errorf("nothing is known yet as %s", strings.Join(unknown, ", "))
	}
	return filled, nil
}

// noText is an error of a value that was captured, not of the description.
type noText struct{ error }

func asItIs(text string) string { return text }

// inHeader takes out what would end a header's line.
func inHeader(text string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(text) }

// value fills a JSON value, at any depth.
func (v variables) value(of any) (any, error) {
	switch it := of.(type) {
	case string:
		if m := Placeholder.FindStringSubmatch(it); m != nil && m[0] == it {
			if known, is := v[m[1]]; is {
				return known, nil
			}
		}
		return v.fill(it, asItIs)
	case []any:
		list := make([]any, len(it))
		for i := range it {
			var err error
			if list[i], err = v.value(it[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(it))
		for name := range it {
			var err error
			if object[name], err = v.value(it[name]); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return of, nil
}

// request makes the request that is described.
func (v variables) request(base string, d Request) (*http.Request, error) {
	path, err := v.path(d.Path)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", d.Method, d.Path, err)
	}
	body, kind, err := v.body(d)
	if err != nil {
		return nil, fmt.Errorf("the body of %s %s: %w", d.Method, d.Path, err)
	}
	r, err := http.NewRequest(d.Method, base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body == "" {
		r.Body, r.ContentLength, r.GetBody = http.NoBody, 0, nil
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for name, text := range d.Headers {
		value, err := v.fill(text, inHeader)
		if err != nil {
			return nil, fmt.Errorf("header %s of %s %s: %w", name, d.Method, d.Path, err)
		}
		r.Header.Set(name, value)
	}
	return r, nil
}

func (v variables) body(d Request) (body, kind string, err error) {
	switch {
	case d.Form != nil:
		form := url.Values{}
		for name, text := range d.Form {
			value, err := v.fill(text, asItIs)
			if err != nil {
				return "", "", err
			}
			form.Set(name, value)
		}
		return form.Encode(), "application/x-www-form-urlencoded", nil
	case d.Multipart != nil:
		return v.multipart(d.Multipart)
	case d.Body != nil:
		value, err := v.value(d.Body)
		if err != nil {
			return "", "", err
		}
		text, err := json.Marshal(value)
		return string(text), "application/json", err
	}
	return "", "", nil
}

// multipart is a form with a part for each field. What stands between two parts derives
// from them, so that one request is always the same bytes.
func (v variables) multipart(fields map[string]string) (body, kind string, err error) {
	names := slices.Sorted(maps.Keys(fields))
	sum := sha256.New()
	values := make([]string, len(names))
	for i, name := range names {
		if values[i], err = v.fill(fields[name], asItIs); err != nil {
			return "", "", err
		}
		fmt.Fprintf(sum, "%q %q\n", name, values[i])
	}
	var b strings.Builder
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(fmt.Sprintf("%x", sum.Sum(nil)[:16])); err != nil {
		return "", "", err
	}
	for i, name := range names {
		if err := w.WriteField(name, values[i]); err != nil {
			return "", "", err
		}
	}
	if err := w.Close(); err != nil {
		return "", "", err
	}
	return b.String(), w.FormDataContentType(), nil
}

// is says whether anything is said of the answers.
func (s Fits) is() bool { return s.Status != 0 || len(s.JSON) > 0 || s.Text != "" }

// fits says whether all that is said is so of the answer.
func (s Fits) fits(a answer) bool {
	if s.Status != 0 && s.Status != a.status || !strings.Contains(a.body, s.Text) {
		return false
	}
	for pointer, want := range s.JSON {
		got, found := a.at(pointer)
		if !found || want != nil && fmt.Sprint(got) != fmt.Sprint(want) {
			return false
		}
	}
	return true
}

// View is what the page says for an answer, if it has words for it: of a stream,
// the last thing that it has words for.
func (f FrontEnd) View(status int, contentType, body string) (v View, has bool) {
	header := http.Header{"Content-Type": {contentType}}
	parts := []string{body}
	if streams(header) {
		parts = (&splitter{header: header}).split(body, true)
	}
	for _, part := range parts {
		a := readPart(status, header, part)
		for _, s := range f.Screens {
			if s.fits(a) {
				v, has = s.View, true
				break
			}
		}
	}
	return v, has
}
