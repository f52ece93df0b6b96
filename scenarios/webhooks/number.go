package webhooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"

	"github.com/unhappypath/unhappypath/fakes/observe/place"
)

// mostEffects is how large a count may be: an amount of money in minor units is the
// largest that there is.
const mostEffects = 1 << 52

// number is a count as an answer has it: a number, as a text too, or a list with so many
// members. Where there is nothing at its place, it is 0.
func number(body []byte, pointer string) (int, error) {
	if text := strings.TrimSpace(string(body)); pointer == "" && !strings.HasPrefix(text, "[") {
		if text == "" {
			return 0, errors.New("the answer is empty: want a number, or say json: with the place of one")
		}
		return whole(strings.Trim(text, `"`), "the answer (without json:, the place of the number in it)")
	}
	document := place.JSON(body)
	if document == nil {
		return 0, fmt.Errorf("the answer %s is no JSON: want a number at %q", excerpt(string(body)), pointer)
	}
	p, err := jsonpointer.New(pointer)
	if err != nil {
		return 0, err
	}
	found, _, err := p.Get(document)
	if err != nil || found == nil {
		return 0, nil
	}
	where := fmt.Sprintf("the value at %q", pointer)
	switch value := found.(type) {
	case json.Number:
		return whole(string(value), where)
	case string:
		return whole(value, where)
	case []any:
		return len(value), nil
	default:
		return 0, fmt.Errorf("%s is neither a number nor a list, so it cannot show a second effect: count something", where)
	}
}

// isEmpty says whether a document has nothing at a place.
func isEmpty(body []byte, pointer string) bool {
	p, err := jsonpointer.New(pointer)
	if err != nil {
		return false
	}
	found, _, err := p.Get(place.JSON(body))
	return err != nil || found == nil
}

// numberForm is a number as JSON and databases write it.
var numberForm = regexp.MustCompile(`^[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?$`)

// whole is a whole number as it is written, with a point and noughts after it or not, as
// databases write sums.
func whole(text, where string) (int, error) {
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case !numberForm.MatchString(text):
		return 0, fmt.Errorf("%s is %s: want a whole number", where, excerpt(text))
	case err != nil || math.Abs(f) > mostEffects:
		return 0, fmt.Errorf("%s is %s, which is too large for a count", where, excerpt(text))
	case f != math.Trunc(f):
		return 0, fmt.Errorf("%s is %s, no whole number: count effects, and money in minor units", where, excerpt(text))
	}
	return int(f), nil // exact, as far as mostEffects
}

// excerpt is the beginning of a text that somebody else wrote, quoted: nothing in it is
// obeyed by a terminal.
func excerpt(text string) string {
	const shown = 40
	if r := []rune(text); len(r) > shown {
		text = string(r[:shown]) + "…"
	}
	return fmt.Sprintf("%+q", text)
}
