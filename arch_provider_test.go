package unhappypath_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/reference-service/checkout"
)

// A provider's own words: its name, its paths, its fields.
// Keys of the live mode are everybody's business, whatever they open.
var providerWords = regexp.MustCompile(`[Vv]ipps|VIPPS|/epayment/|aggregate\.|Stripe-|/payment_intents|payment_intent\.|/checkout/sessions|checkout\.session|requires_capture|fakes/stripe|[Aa]dyen|ADYEN|/v71/|hmacSignature|AUTHORISATION`)

// knowTheProvider are the files outside of a provider's package that may have its
// words, each with its reason: two lists, and the reference checkout's clients, two of them in two files.
var knowTheProvider = map[string]string{
	"fakes/fakes.go":                         "lists the providers",
	"reference-service/checkout/payments.go": "lists the clients",
	"reference-service/checkout/vipps.go":    "is the reference checkout's client of one",
	"reference-service/checkout/stripe.go":   "is the reference checkout's client of another",
	"reference-service/checkout/adyen.go":    "is the reference checkout's client of a third",

	"reference-service/checkout/adyen_told.go":     "is that client where it reads webhooks",
	"reference-service/checkout/stripe_session.go": "is that client where the customer pays on the provider's page",
}

// Another provider is another package and an entry of a list, as long as nobody else
// knows how one spells things.
func TestFewFilesKnowTheProvider(t *testing.T) {
	require.LessOrEqual(t, len(knowTheProvider), 2+2*len(checkout.Providers()))
	found := map[string]bool{}
	require.NoError(t, fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" || name == "fakes/stripe" || name == "fakes/adyen" || name == "fakes/vipps"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if words := wordsOfTheProvider(t, text); words != "" {
			found[name] = true
			require.Contains(t, knowTheProvider, name, "it says %q: ask the provider's Kind, the composer's routes or the checkout for it", words)
		}
		return nil
	}))
	for name := range knowTheProvider {
		require.True(t, found[name], "%s has no words of the provider, so it needs no exception", name)
	}
}

// wordsOfTheProvider are the first that a file has, in its text or in strings that are
// put together from pieces.
func wordsOfTheProvider(t *testing.T, text []byte) string {
	if words := providerWords.Find(text); words != nil {
		return string(words)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", text, parser.SkipObjectResolution)
	require.NoError(t, err)
	words := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if expression, is := n.(ast.Expr); is && words == "" {
			words = providerWords.FindString(joined(expression))
		}
		return true
	})
	return words
}

// joined is the text of a string literal, of several that are added up, and of a list
// or of arguments that could be.
func joined(n ast.Expr) string {
	switch e := n.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if e.Kind == token.STRING && err == nil {
			return text
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return joined(e.X) + joined(e.Y)
		}
	case *ast.ParenExpr:
		return joined(e.X)
	case *ast.CompositeLit:
		return all(e.Elts)
	case *ast.CallExpr:
		return all(e.Args)
	}
	return ""
}

func all(list []ast.Expr) (text string) {
	for _, e := range list {
		text += joined(e)
	}
	return text
}

func TestProviderWordsAreFound(t *testing.T) {
	for name, code := range map[string]string{
		"a name":         `import _ "github.com/unhappypath/unhappypath/fakes/vipps"`,
		"a comment":      `// Vipps takes 65,000,000 at most.`,
		"a path":         `const path = "/epayment/v1/payments"`,
		"a field":        `const field = "aggregate.capturedAmount"`,
		"another's path": `const path = "/v1/payment_intents"`,
		"its event":      `const event = "payment_intent.succeeded"`,
		"its header":     `const header = "Stripe-Signature"`,
		"its package":    `import _ "github.com/unhappypath/unhappypath/fakes/stripe"`,
		"a third's path": `const path = "/v71/payments"`,
		"its field":      `const field = "additionalData.hmacSignature"`,
		"its notice":     `const code = "AUTHORISATION"`,
		"two pieces":     `const path = "/epay" + "ment/v1"`,
		"pieces, joined": `var path = strings.Join([]string{"/epay", "ment/v1"}, "")`,
		"pieces, put in": `var path = fmt.Sprint("/epay", ("ment/v1"))`,
	} {
		t.Run(name, func(t *testing.T) { require.NotEmpty(t, wordsOfTheProvider(t, []byte("package x\n"+code))) })
	}
	require.Empty(t, wordsOfTheProvider(t, []byte("package x\nconst path, field = \"/payments\", `json:\"aggregate\"`\n")))
}
