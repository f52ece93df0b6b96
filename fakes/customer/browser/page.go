package browser

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Page says how a shop's page is used and read: in selectors and words alone,
// so that any shop can be driven and none is known here. Nothing of it is ever
// run as a script, no matter who wrote it.
type Page struct {
	// Path is the path of the page to open, in which {basket} stands for the
	// basket's id: "/checkout/{basket}".
	Path string `json:"path"`
	// Submit is the CSS selector of what a customer clicks to order. Where
	// several fit, the first that she can see.
	Submit string `json:"submit"`
	// Says is where the page says how things stand, and Words what it means by
	// it, in the words of observe.Status: {"Thank you": "shipped"}. Text is looked
	// for within what the page says, in any case; an attribute's value is as it
	// is. No words at all: what Says reads is one of them.
	Says  Reading                   `json:"says"`
	Words map[string]observe.Status `json:"words,omitempty"`
	// Text is what a person reads there. Zero: what Says reads.
	Text Reading `json:"text,omitzero"`
	// Amount is what the page says that it costs: a price as people read it
	// ("NOK 499.00"), or where it is Minor, a whole number of minor units.
	Amount Reading `json:"amount,omitzero"`
	Minor  bool    `json:"minor,omitempty"`
	// Shows is what the page shows, in minor units, where Amount reads nothing. 0:
	// nobody knows.
	Shows int64 `json:"-"`
	// Currency is where its currency stands, where that is not beside the
	// amount, and Money the currency, ISO 4217, of a page that names none.
	Currency Reading `json:"currency,omitzero"`
	Money    string  `json:"money,omitempty"`
	// Due is what the provider is to take, in minor units, where that is not the
	// amount: a gift card of the shop's own pays the rest, or all. Nil: the amount.
	Due *int64 `json:"-"`
	// Order is where the page carries the order's id, if it does.
	Order Reading `json:"order,omitzero"`
	// Basket is the path to which {"quantity": n} is put to change the basket,
	// with {basket} in it, as in Path. Empty: it cannot be changed.
	Basket string `json:"basket,omitempty"`
}

// Reading is one thing that can be read from a page. The zero Reading reads
// nothing.
type Reading struct {
	Selector  string `json:"selector"`            // CSS; of several, the first that can be seen
	Attribute string `json:"attribute,omitempty"` // what to read of it; empty: the text that a person sees
}

// Check says what is wrong with the page, but for its selectors, which only a
// browser can read.
func (p Page) Check() error {
	switch {
	case !strings.HasPrefix(p.Path, "/"):
		return fmt.Errorf("the page's path %q does not begin with /", p.Path)
	case p.Basket != "" && !strings.HasPrefix(p.Basket, "/"):
		return fmt.Errorf("the basket's path %q does not begin with /", p.Basket)
	case p.Submit == "":
		return errors.New("the page has no selector of what submits the order")
	case p.Says.Selector == "":
		return errors.New("the page has no selector of where it says how things stand")
	}
	for _, read := range slices.Sorted(maps.Keys(p.Words)) {
		if word := p.Words[read]; !slices.Contains(observe.StatusesOfPages(), word) {
			return fmt.Errorf("the page's %q is to mean %q; valid are %s", read, word, listed(observe.StatusesOfPages()))
		}
		if squeeze(read) == "" {
			return fmt.Errorf("the page's words say %q of an empty text", p.Words[read])
		}
	}
	return nil
}

// listed are words as a sentence lists them.
func listed(words []observe.Status) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(words), " ", ", "), "[]")
}

// at is a path for a basket.
func at(path, basket string) string {
	return strings.ReplaceAll(path, "{basket}", url.PathEscape(basket))
}

// word is what the page means in a report's words.
func (p Page) word(read string) observe.Status {
	read = squeeze(read)
	if len(p.Words) == 0 {
		return observe.Status(read)
	}
	if word, exact := p.Words[read]; exact {
		return word
	}
	if p.Says.Attribute == "" {
		longestFirst := slices.SortedFunc(maps.Keys(p.Words), func(a, b string) int {
			return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
		})
		for _, text := range longestFirst {
			if strings.Contains(strings.ToLower(read), strings.ToLower(squeeze(text))) {
				return p.Words[text]
			}
		}
	}
	return observe.StatusOther
}

// price is what the page said that it costs, in minor units.
func (p Page) price(amount, currency string) (minor int64, money string, err error) {
	money = cmp.Or(isoCode.FindString(currency), isoCode.FindString(amount), p.Money)
	if p.Amount.Selector == "" && p.Shows > 0 {
		return p.Shows, money, nil
	}
	if p.Minor {
		minor, err = strconv.ParseInt(squeeze(amount), 10, 64)
	} else {
		minor, err = parsePrice(amount, money)
	}
	if err != nil || minor < 0 {
		return 0, money, fmt.Errorf("the page's amount %q is none", shorten(squeeze(amount)))
	}
	return minor, money, nil
}

var (
	isoCode = regexp.MustCompile(`\b[A-Z]{3}\b`)
	number  = regexp.MustCompile(`[0-9](?:[0-9.,'’\s\x{a0}\x{202f}]*[0-9])?`)
	parts   = regexp.MustCompile(`^(.*)([.,])([0-9]+)$`) // of a figure: up to its last point or comma
)

// parsePrice reads a price as people write it: "NOK 1,499.00", "1 499,00 kr",
// "€ 499,-". What stands after the last point or comma is a minor unit where it
// has as many digits as the currency has decimals.
func parsePrice(text, money string) (int64, error) {
	figure := number.FindString(text)
	if figure == "" {
		return 0, errors.New("no figure")
	}
	decimals := observe.Decimals(money)
	fraction := ""
	if found := parts.FindStringSubmatch(figure); found != nil {
		whole, sign, digits := found[1], found[2], found[3]
		switch {
		case len(digits) == 3 && decimals >= 3 && sign == "," && !strings.Contains(whole, "."):
			// 1,500 may be one and a half, or fifteen hundred.
			if !strings.Contains(whole, ",") {
				return 0, fmt.Errorf("nobody can tell whether the comma divides thousands; with a point and %d digits behind it, it is clear", decimals)
			}
		case len(digits) == decimals && !strings.Contains(whole, sign):
			figure, fraction = whole, digits
		case decimals == 0 && len(digits) == 2:
			if digits != "00" {
				return 0, fmt.Errorf("%s has no minor unit", money)
			}
			figure = whole
		}
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, figure)
	return strconv.ParseInt(digits+cmp.Or(fraction, strings.Repeat("0", decimals)), 10, 64)
}

// squeeze is text as it is seen: white space of any length is one space.
func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

// longestText is how much of a screen's text is told, in characters.
const longestText = 400

func shorten(text string) string {
	if short := []rune(text); len(short) > longestText {
		return string(short[:longestText]) + "…"
	}
	return text
}
