package checkout

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// finding is one thing that a person should look at.
type finding struct {
	Kind      string `json:"kind"` // "stuck", "old", "mismatch" or "orphan"
	Order     string `json:"order,omitempty"`
	Reference string `json:"reference,omitempty"`
	State     State  `json:"state,omitempty"`
	Detail    string `json:"detail"`
	Since     string `json:"since"`
}

// findings asks for what does not add up: orders that only a person can help,
// orders without an outcome for long, books that contradict each other, and
// payments at the provider that no order knows of.
var findings = []struct {
	kind  string
	after bool // only what has been so for a while
	query string
}{
	{"stuck", false, `SELECT id, '', state, reason, updated_ns FROM orders
		WHERE state = 'STUCK' AND updated_ns <= $1`},
	{"old", true, `SELECT id, '', state, reason, created_ns FROM orders
		WHERE state NOT IN ('COMPLETED', 'DECLINED', 'CANCELLED', 'REFUNDED', 'STUCK') AND created_ns <= $1`},
	{"mismatch", false, `SELECT o.id, e.reference, o.state, e.result, e.next_ns
		FROM effects e JOIN orders o ON o.id = e.order_id
		WHERE e.kind = 'audit' AND e.state <> 'pending' AND e.result <> '' AND e.created_ns <= $1`},
	{"orphan", false, `SELECT '', reference, '', 'no order knows of this payment', MIN(received_ns)
		FROM inbox i WHERE received_ns <= $1
		AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.reference = i.reference) GROUP BY reference`},
}

func (s *Service) getReconciliation(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := s.reading(r)
	defer cancel()
	list := []finding{}
	for _, f := range findings {
		if !s.has(reconciler) {
			break
		}
		until := time.Now()
		if f.after {
			until = until.Add(-s.cfg.ReconcileAfter)
		}
		found, err := s.find(ctx, f.kind, f.query, until.UnixNano())
		if err != nil {
			return fmt.Errorf("look for %s orders: %w", f.kind, err)
		}
		list = append(list, found...)
	}
	writeJSON(w, "application/json", http.StatusOK, list)
	return nil
}

func (s *Service) find(ctx context.Context, kind, query string, until int64) ([]finding, error) {
	rows, err := s.db.QueryContext(ctx, query, until)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []finding
	for rows.Next() {
		f := finding{Kind: kind}
		var since int64
		if err := rows.Scan(&f.Order, &f.Reference, &f.State, &f.Detail, &since); err != nil {
			return nil, err
		}
		f.Since = time.Unix(0, since).UTC().Format(time.RFC3339Nano)
		found = append(found, f)
	}
	return found, rows.Err()
}
