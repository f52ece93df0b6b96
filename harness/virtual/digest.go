package virtual

import (
	"database/sql/driver"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// readsBooks takes note of what the shop's books say when a tap tells of a message.
func (w *world) readsBooks(e observe.Event) {
	if !e.ByTap() || e.Message.Copy {
		return
	}
	if digest, ok := w.shop.books.digest(w.parts.Databases.Books, time.Now()); ok {
		w.recorder.Booked(e, digest)
	}
}

// patience is how often a goroutine makes way for the session that is at the books and can
// leave them in this instant. A session that waits for something else in the middle of its
// transaction is still there then, and must not be waited for: it may wait for this very
// message.
const patience = 1000

// digest is a digest of what the queries give now; none where somebody is in the middle of
// a transaction. Of a time it has how far away it is, in hundredths of a second, so that the
// same books at another time of the day have the same digest.
func (b *books) digest(queries []string, now time.Time) (digest uint64, ok bool) {
	for range patience {
		select {
		case <-b.turn:
			defer func() { b.turn <- struct{}{} }()
			h := uint64(1)
			for _, q := range queries {
				if h, ok = b.db.digest(h, q, now); !ok {
					return 0, false
				}
			}
			return h, true
		default:
			runtime.Gosched()
		}
	}
	return 0, false
}

// digest adds a query's rows to a digest.
func (d *database) digest(h uint64, query string, now time.Time) (uint64, bool) {
	r, err := d.query(query, nil, func() {})
	if err != nil {
		return 0, false // there is no schema yet
	}
	defer r.Close()
	columns := r.Columns()
	values := make([]driver.Value, len(columns))
	for {
		switch err := r.Next(values); err {
		case nil:
		case io.EOF:
			return hash(h, "end"), true
		default:
			return 0, false
		}
		for i, v := range values {
			switch v := v.(type) {
			case string:
				h = hash(h, v)
			case int64:
				h = hash(h, fmt.Sprint(relative(columns[i], v, now)))
			default:
				h = hash(h, fmt.Sprint(v))
			}
		}
	}
}

// grain is how finely times are told apart: below it lies what every way adds by itself.
const grain = 10 * time.Millisecond

// relative is a number of a column, or how far away the time is that it tells; 0 is none.
func relative(column string, v int64, now time.Time) int64 {
	if v == 0 || !strings.HasSuffix(column, "_ns") {
		return v
	}
	return int64(time.Unix(0, v).Sub(now).Round(grain) / grain)
}
