package target_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// What is made up in it has to be corrected, and nothing else.
func TestABeginningIsValidForEachProvider(t *testing.T) {
	for name, kind := range fakes.Providers().Kinds {
		for _, page := range target.Pages() {
			t.Run(name+" "+page, func(t *testing.T) {
				text, err := target.Beginning(name, kind, page)
				require.NoError(t, err)
				path := filepath.Join(t.TempDir(), "shop.yaml")
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
				_, err = target.Load(path, fakes.Providers())
				require.ErrorContains(t, err, `there is no file "server.js"`, "the first thing to correct")
				require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "server.js"), nil, 0o600))
				shop, err := target.Load(path, fakes.Providers())
				require.NoError(t, err)
				require.Equal(t, name, shop.Payments.Provider)
				require.True(t, shop.KnowsPorts())
				for _, f := range target.OfAccount(kind) {
					require.Contains(t, text, "${"+f.Name+"}", "a shop cannot pay without it")
				}
			})
		}
	}
	_, err := target.Beginning("vipps", fakes.Providers().Kinds["vipps"], "xml")
	require.EqualError(t, err, `unknown page "xml": want json or html`)
}
