// Package authority lets a fake speak TLS: a certificate authority of one run, and what it
// has certified.
//
//   - Its key certifies once, for a certificate with all names, and is forgotten before New
//     returns. No key is ever written down.
//   - It may certify the names that it was made for, and loopback: even with its key, nobody
//     could stand for any other host (RFC 5280, name constraints, marked critical).
//   - It is valid for a day, and is put into no store: a client trusts it where it is told
//     to, by a file of its certificate.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

const (
	life = 24 * time.Hour
	// slack is how far a client's clock may be behind.
	slack = time.Hour
)

// Authority is one authority, and a server's certificate by it.
type Authority struct {
	certificate *x509.Certificate
	server      tls.Certificate
}

// New makes an authority for servers of these names, and for loopback.
func New(names ...string) (*Authority, error) {
	a := &Authority{}
	if err := a.certify(append([]string{"localhost"}, names...)); err != nil {
		return nil, fmt.Errorf("a certificate authority: %w", err)
	}
	return a, nil
}

func (a *Authority) certify(names []string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	from := time.Now().Add(-slack)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Unhappy Path, of one run"},
		NotBefore: from, NotAfter: from.Add(life),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: names, PermittedIPRanges: loopback(),
	}
	text, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return err
	}
	if a.certificate, err = x509.ParseCertificate(text); err != nil {
		return err
	}
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	text, err = x509.CreateCertificate(rand.Reader, leaf, a.certificate, own.Public(), key)
	if err != nil {
		return err
	}
	a.server = tls.Certificate{Certificate: [][]byte{text}, PrivateKey: own}
	a.server.Leaf, err = x509.ParseCertificate(text)
	return err
}

func loopback() []*net.IPNet {
	return []*net.IPNet{
		{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
		{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
	}
}

// PEM is the authority's certificate, for a client that is to trust it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Config is a server's. It speaks HTTP/1.1 alone, as taps do.
func (a *Authority) Config() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{a.server}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
}

// Pin is the hash of the server's public key (SHA-256 of its SubjectPublicKeyInfo, in
// base64), for a browser that is to take this key and no other.
func (a *Authority) Pin() string {
	sum := sha256.Sum256(a.server.Leaf.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}
