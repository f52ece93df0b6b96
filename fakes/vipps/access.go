package vipps

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/contract"
)

// tokenLife is that of the provider's test environment.
const tokenLife = time.Hour

// issueToken answers POST /accesstoken/get. Earlier tokens stay good until
// their own end.
func (p *Provider) issueToken(c *call) answer {
	if !equal(c.header.Get("Ocp-Apim-Subscription-Key"), p.cfg.SubscriptionKey) {
		return p.refuse(c, subscriptionWrong)
	}
	if !equal(c.header.Get("client_id"), p.cfg.ClientID) ||
		!equal(c.header.Get("client_secret"), p.cfg.ClientSecret) {
		return p.refuse(c, credentialsInvalid)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.issued++
	token := base64.RawURLEncoding.EncodeToString(p.seed.Digest("token", strconv.Itoa(p.issued)))
	life := p.scaled(tokenLife)
	p.tokens.add(token, c.at, c.at.Add(life))

	seconds := strconv.Itoa(int(life / time.Second))
	return contract.JSON(http.StatusOK, struct {
		TokenType    string `json:"token_type"`
		ExpiresIn    string `json:"expires_in"`
		ExtExpiresIn string `json:"ext_expires_in"`
		ExpiresOn    string `json:"expires_on"`
		NotBefore    string `json:"not_before"`
		AccessToken  string `json:"access_token"`
	}{"Bearer", seconds, seconds, unix(c.at.Add(life)), unix(c.at), token})
}

// ForgetTokens ends all access tokens that were issued so far.
func (p *Provider) ForgetTokens() { p.tokens.forget() }

// authenticate says why the sender of c may not ask anything.
func (p *Provider) authenticate(c *call) *refusal {
	if !equal(c.header.Get("Ocp-Apim-Subscription-Key"), p.cfg.SubscriptionKey) {
		return subscriptionWrong
	}
	scheme, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return tokenInvalid
	}
	if !p.tokens.has(token, c.at) {
		return tokenInvalid
	}
	return nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
