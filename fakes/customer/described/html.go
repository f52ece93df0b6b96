package described

import (
	"fmt"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// CheckSelector says what is wrong with a CSS selector, or nil.
func CheckSelector(selector string) error {
	if _, err := cascadia.Parse(selector); err != nil {
		return fmt.Errorf("invalid CSS selector %q: %w; such as input[name=csrf_token]", selector, err)
	}
	return nil
}

// element finds the first element of an HTML page that the selector selects: its
// attribute or, where none is named, its text without the spaces around it.
func element(page, selector, attribute string) (string, bool) {
	selects, err := cascadia.Parse(selector)
	if err != nil {
		return "", false
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return "", false
	}
	node := cascadia.Query(root, selects)
	if node == nil {
		return "", false
	}
	if attribute == "" {
		return strings.TrimSpace(text(node)), true
	}
	for _, a := range node.Attr {
		if a.Key == strings.ToLower(attribute) {
			return a.Val, true
		}
	}
	return "", false
}

// text is all text in an element.
func text(node *html.Node) string {
	if node.Type == html.TextNode {
		return node.Data
	}
	var b strings.Builder
	for child := range node.ChildNodes() {
		b.WriteString(text(child))
	}
	return b.String()
}
