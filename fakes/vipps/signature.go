package vipps

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"time"
)

// Sign puts the headers on a webhook that prove who sent it, as the provider's
// "request authentication" page describes:
//
//	x-ms-date            when, in the format of HTTP dates
//	x-ms-content-sha256  the body's SHA-256, base64
//	Authorization        HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=…
//
// The signature is the HMAC-SHA256, base64, of the lines "POST", path with
// query, and "date;host;hash". Its key is the text of the secret, not what it
// decodes to. The host is the URL's, with its port where it has one: a proxy
// that changes the Host header breaks the signature.
func Sign(h http.Header, to *url.URL, body []byte, secret string, at time.Time) {
	date := at.UTC().Format(http.TimeFormat)
	sum := sha256.Sum256(body)
	hash := base64.StdEncoding.EncodeToString(sum[:])

	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("POST\n" + to.RequestURI() + "\n" + date + ";" + to.Host + ";" + hash))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))

	h.Set("x-ms-date", date)
	h.Set("x-ms-content-sha256", hash)
	h.Set("Authorization", "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="+signature)
}
