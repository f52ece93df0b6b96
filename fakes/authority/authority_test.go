package authority_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/authority"
)

// serve serves a word over TLS, at the address that it returns, and writes the file that
// clients trust.
func serve(t *testing.T, names ...string) (a *authority.Authority, address, file string) {
	a, err := authority.New(names...)
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "charged")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that refuse it are the point
	s.Listener = tls.NewListener(s.Listener, a.Config())
	s.Start()
	t.Cleanup(s.Close)
	file = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, a.PEM(), 0o600))
	return a, s.Listener.Addr().String(), file
}

// Programs that nobody here wrote trust it where they are told to, under each name and on
// loopback, and nowhere else.
func TestRealClientsTrustItWhereTheyAreToldTo(t *testing.T) {
	_, address, file := serve(t, "api.provider.example")
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	named := "https://api.provider.example:" + port
	curl := []string{"curl", "-sS", "--noproxy", "*", "--resolve", "api.provider.example:" + port + ":127.0.0.1"}
	node := []string{"node", "-e", `require('https').get(process.argv[1], (r) => r.pipe(process.stdout))`}
	python := []string{"python3", "-c", `import sys, urllib.request as u; print(u.build_opener(u.ProxyHandler({})).open(sys.argv[1]).read().decode())`}
	for name, row := range map[string]struct {
		command []string
		trusts  string // the variable that names the file
		url     string
		refuses string
	}{
		"curl":            {curl, "CURL_CA_BUNDLE", "https://" + address, "certificate problem"},
		"curl, by name":   {curl, "SSL_CERT_FILE", named, "certificate problem"},
		"Node":            {node, "NODE_EXTRA_CA_CERTS", "https://" + address, "certificate"},
		"Python":          {python, "SSL_CERT_FILE", "https://" + address, "CERTIFICATE_VERIFY_FAILED"},
		"curl, localhost": {curl, "CURL_CA_BUNDLE", "https://localhost:" + port, "certificate problem"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(row.command[0]); err != nil && os.Getenv("CI") != "true" {
				t.Skipf("%v; install it (Debian: apt-get install curl nodejs python3)", err)
			}
			run := func(environment ...string) (string, error) {
				c := exec.CommandContext(t.Context(), row.command[0], append(row.command[1:], row.url)...)
				c.Env = append([]string{"PATH=" + os.Getenv("PATH")}, environment...)
				out, err := c.CombinedOutput()
				return strings.TrimSpace(string(out)), err
			}
			said, err := run(row.trusts + "=" + file)
			require.NoError(t, err, said)
			require.Equal(t, "charged", said)
			said, err = run()
			require.Error(t, err)
			require.Contains(t, said, row.refuses)
		})
	}
}

func TestAGoClientRefusesWhatItWasNotToldToTrust(t *testing.T) {
	a, address, _ := serve(t)
	get := func(trusts *x509.CertPool) error {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusts}}
		defer transport.CloseIdleConnections()
		r, err := (&http.Client{Transport: transport}).Get("https://" + address)
		if err == nil {
			require.Equal(t, 1, r.ProtoMajor)
			require.NoError(t, r.Body.Close())
		}
		return err
	}
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(a.PEM()))
	require.NoError(t, get(pool))
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, get(x509.NewCertPool()), &unknown)
	other, err := authority.New()
	require.NoError(t, err)
	pool = x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(other.PEM()))
	require.Error(t, get(pool), "each run has its own")
}

// The authority's own key is forgotten. Even somebody who had such a key could certify no
// other host: the constraints are the certificate's, so they are tried with one of the
// test's own key.
func TestItStandsForItsNamesAlone(t *testing.T) {
	a, err := authority.New("api.provider.example")
	require.NoError(t, err)
	block, rest := pem.Decode(a.PEM())
	require.Empty(t, rest)
	root, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	require.LessOrEqual(t, root.NotAfter.Sub(root.NotBefore), 24*time.Hour)
	require.True(t, root.PermittedDNSDomainsCritical && root.MaxPathLenZero)

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	root.PublicKey, root.SignatureAlgorithm = nil, 0
	text, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	require.NoError(t, err)
	stolen, err := x509.ParseCertificate(text)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(stolen)
	for _, row := range []struct {
		name string
		ip   net.IP
		may  bool
	}{
		{name: "api.provider.example", may: true}, {name: "localhost", may: true}, {ip: net.IPv4(127, 0, 0, 1), may: true},
		{name: "shop.example"}, {name: "provider.example"}, {name: "notapi.provider.example"}, {ip: net.IPv4(192, 0, 2, 1)},
	} {
		leaf := &x509.Certificate{SerialNumber: big.NewInt(3), NotBefore: root.NotBefore, NotAfter: root.NotAfter}
		asked := row.name
		if row.ip != nil {
			leaf.IPAddresses, asked = []net.IP{row.ip}, row.ip.String()
		} else {
			leaf.DNSNames = []string{row.name}
		}
		text, err := x509.CreateCertificate(rand.Reader, leaf, stolen, key.Public(), key)
		require.NoError(t, err)
		one, err := x509.ParseCertificate(text)
		require.NoError(t, err)
		_, err = one.Verify(x509.VerifyOptions{DNSName: asked, Roots: pool})
		if row.may {
			require.NoError(t, err, asked)
			continue
		}
		var invalid x509.CertificateInvalidError
		require.ErrorAs(t, err, &invalid, asked)
		require.Equal(t, x509.CANotAuthorizedForThisName, invalid.Reason, asked)
	}
}

// What a client is given has no key in it.
func TestNoKeyIsWritten(t *testing.T) {
	_, _, file := serve(t)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), "-----BEGIN "))
	require.NotContains(t, string(text), "KEY")
}
