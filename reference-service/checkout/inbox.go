package checkout

import (
	"context"
	"fmt"
	"time"
)

// inbox keeps what the provider said of payments.
type inbox struct {
	db     querier
	source string
}

// keep keeps an event once, however often it comes, and says whether it is new.
func (i inbox) keep(ctx context.Context, q querier, event, reference, body string, now time.Time) (bool, error) {
	return one(q.ExecContext(ctx, `INSERT INTO inbox (source, event_id, reference, body, received_ns)
		VALUES ('`+i.source+`', $1, $2, $3, $4) ON CONFLICT DO NOTHING`, event, reference, body, now.UnixNano()))
}

// of is all that was said of a payment, as it came.
func (i inbox) of(ctx context.Context, reference string) (said []string, err error) {
	rows, err := i.db.QueryContext(ctx, "SELECT body FROM inbox WHERE source = '"+i.source+"' AND reference = $1 ORDER BY received_ns, event_id", reference)
	if err != nil {
		return nil, fmt.Errorf("read what was said of the payment %s: %w", reference, err)
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return nil, fmt.Errorf("read what was said of the payment %s: %w", reference, err)
		}
		said = append(said, body)
	}
	return said, rows.Err()
}
