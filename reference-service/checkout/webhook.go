package checkout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// notice is what a webhook says. It is a hint to look, never a fact.
type notice struct {
	MSN          string `json:"msn"`
	Reference    string `json:"reference"`
	PSPReference string `json:"pspReference"`
	Name         string `json:"name"`
	Success      bool   `json:"success"`
}

// event is the notice's identity; the provider gives it none of its own.
func (n notice) event() string { return n.Reference + "/" + n.Name + "/" + n.PSPReference }

// postWebhook puts a notice into the inbox and has a worker look at the
// payment. It answers 200 as soon as the notice cannot be lost any more.
func (s *Service) postWebhook(w http.ResponseWriter, r *http.Request) error {
	body, err := s.readBody(w, r, "application/json")
	if err != nil {
		return err
	}
	if err := checkSignature(s.cfg.WebhookSecret, r, body, time.Now(), s.cfg.WebhookTolerance); err != nil {
		return &problem{http.StatusUnauthorized, sentence("%v", err)}
	}
	n, err := decodeNotice(body)
	if err != nil {
		return err
	}
	ctx, cancel := s.writing(r)
	defer cancel()
	take := s.takeHint
	if !s.has(webhookInbox) {
		take = s.takeAtItsWord
	}
	if err := take(ctx, n, string(body)); err != nil {
		return err
	}
	s.nudge()
	w.WriteHeader(http.StatusOK)
	return nil
}

func decodeNotice(body []byte) (notice, error) {
	var n notice
	if err := json.Unmarshal(body, &n); err != nil {
		return notice{}, badRequest("the webhook is not the JSON document that is expected here")
	}
	if n.Reference == "" || n.Name == "" || n.PSPReference == "" ||
		len(n.event()) > 300 || strings.ContainsRune(n.event(), 0) {
		return notice{}, badRequest("the webhook lacks a reference, a name or a pspReference")
	}
	return n, nil
}

// checkSignature verifies that the provider signed the webhook, just now, for
// this host and path. A proxy in front must leave the Host header as it is.
func checkSignature(secret string, r *http.Request, body []byte, now time.Time, tolerance time.Duration) error {
	date := r.Header.Get("X-Ms-Date")
	sent, err := http.ParseTime(date)
	if err != nil {
		return errors.New("the header x-ms-date holds no date")
	}
	// The header tells whole seconds.
	if age := now.Sub(sent); age > tolerance+time.Second || age < -tolerance-time.Second {
		return errors.New("the webhook was not signed just now")
	}
	sum := sha256.Sum256(body)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	if !hmac.Equal([]byte(hash), []byte(r.Header.Get("X-Ms-Content-Sha256"))) {
		return errors.New("the header x-ms-content-sha256 is not the hash of the body")
	}
	want := "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" +
		signature(secret, r.URL.RequestURI(), date, r.Host, hash)
	if !hmac.Equal([]byte(want), []byte(r.Header.Get("Authorization"))) {
		return errors.New("the webhook's signature is not the provider's")
	}
	return nil
}

func signature(secret, pathAndQuery, date, host, hash string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "POST\n%s\n%s;%s;%s", pathAndQuery, date, host, hash)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// takeHint keeps the notice once, however often it comes, and makes due what
// it may have news of.
func (s *Service) takeHint(ctx context.Context, n notice, body string) error {
	return inTx(ctx, s.db, func(tx *sql.Tx) error {
		now := time.Now()
		isNew, err := one(tx.ExecContext(ctx, `INSERT INTO inbox (source, event_id, reference, body, received_ns)
			VALUES ('vipps', $1, $2, $3, $4) ON CONFLICT DO NOTHING`, n.event(), n.Reference, body, now.UnixNano()))
		if err != nil || !isNew {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE effects SET next_ns = $2, hint_ns = $2
			WHERE reference = $1 AND kind = 'authorize' AND state = 'pending'`,
			n.Reference, now.UnixNano())
		if err != nil {
			return fmt.Errorf("have the payment %s looked at: %w", n.Reference, err)
		}
		o, err := s.orderOf(ctx, tx, n.Reference)
		if errors.Is(err, errNotFound) {
			return nil // an orphan; /reconciliation lists it
		}
		if err != nil || !s.has(reconciler) || !surprising(o.state, n.Name) {
			return err
		}
		return s.auditNow(ctx, tx, o, n.Reference, now)
	})
}

// surprising says whether a notice contradicts an outcome that we have told.
func surprising(state State, event string) bool {
	switch event {
	case "CREATED", "AUTHORIZED", "CAPTURED":
		return state == Declined || state == Cancelled || state == Refunded && event != "CAPTURED"
	default:
		return state == Completed
	}
}

func (s *Service) orderOf(ctx context.Context, q querier, reference string) (order, error) {
	return scanOrder(q.QueryRowContext(ctx, "SELECT "+orderColumns+` FROM orders WHERE id =
		(SELECT order_id FROM effects WHERE reference = $1 LIMIT 1)`, reference))
}

// takeAtItsWord is what a shop without an inbox does: it believes the webhook,
// whenever it comes, and forgets what it does not understand.
func (s *Service) takeAtItsWord(ctx context.Context, n notice, _ string) error {
	o, err := s.orderOf(ctx, s.db, n.Reference)
	if errors.Is(err, errNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch n.Name {
	case "AUTHORIZED":
		return inTx(ctx, s.db, func(tx *sql.Tx) error {
			e := newEffect(o, Authorize, 1, n.Reference, "", time.Now())
			mine, err := one(tx.ExecContext(ctx, `UPDATE effects SET state = 'done'
				WHERE reference = $1 AND kind = 'authorize' AND state = 'pending'`, n.Reference))
			if err != nil || !mine {
				return err
			}
			return s.advance(ctx, tx, o, &e, verdict{outcome: done}, time.Now())
		})
	case "ABORTED", "EXPIRED", "TERMINATED", "CANCELLED":
		_, err := s.db.ExecContext(ctx, "UPDATE orders SET state = $2, updated_ns = $3 WHERE id = $1",
			o.id, Declined, time.Now().UnixNano())
		s.bells.ring(o.id)
		return err
	}
	return nil
}
