package vipps

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (s *shop) state() any { s.t.Helper(); return s.get(order).field("state") }

func TestTheCustomerApprovesInHerOwnTime(t *testing.T) {
	for _, speed := range []int{1, 100} {
		inStoryTime(func(t *testing.T) {
			s := open(t, func(c *Config) { c.ApproveAfter, c.Speed = 3*time.Second, speed })
			s.create(order, 1000)
			due, any := s.provider.NextDue()
			require.True(t, any)
			require.Equal(t, 3*time.Second/time.Duration(speed), time.Until(due))

			pass(time.Until(due) - 1)
			require.Equal(t, "CREATED", s.state())
			pass(1)
			require.Equal(t, "AUTHORIZED", s.state())
			_, any = s.provider.NextDue()
			require.False(t, any, "an approved payment does not expire")
		})(t)
	}
}

func TestTheCustomerApprovesAtOnce(t *testing.T) {
	s := open(t, func(c *Config) { c.ApproveAfter = 0 })
	s.create(order, 1000)
	require.Equal(t, []string{"created 1000", "authorized 1000"}, s.books())
}

func TestTheCustomerHasTenMinutes(t *testing.T) {
	for name, after := range map[string]time.Duration{"never approves": -1, "would approve too late": 11 * time.Minute} {
		t.Run(name, inStoryTime(func(t *testing.T) {
			s := open(t, func(c *Config) { c.ApproveAfter = after })
			s.create(order, 1000)
			pass(10*time.Minute - 1)
			require.Equal(t, "CREATED", s.state())
			pass(1)
			require.Equal(t, "EXPIRED", s.state())
			require.Equal(t, "6200", s.modify(order, "capture", 1000).code())
			require.Equal(t, "6050", s.modify(order, "cancel", 0).code())
			require.Equal(t, []string{"created 1000", "expired 1000"}, s.books())
			require.Error(t, s.provider.Approve(order))
			pass(time.Hour)
			require.Len(t, s.books(), 2, "and nothing comes after")
		}))
	}
}

func TestAPaymentThatIsCancelledInTimeIsNeverApproved(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter = 3 * time.Second })
		s.create(order, 1000)
		require.Equal(t, "TERMINATED", s.modify(order, "cancel", 0).field("state"))
		_, any := s.provider.NextDue()
		require.False(t, any)
		pass(time.Hour)
		require.Equal(t, []string{"created 1000", "terminated 1000"}, s.books())
	})(t)
}

func TestAmountsWithAFate(t *testing.T) {
	for value, why := range map[int64]string{151: "no funds", 186: "card expired"} {
		t.Run(why, inStoryTime(func(t *testing.T) {
			s := open(t, func(c *Config) { c.ApproveAfter = 3 * time.Second })
			s.create(order, value)
			require.Equal(t, "CREATED", s.state())
			pass(4 * time.Second)
			require.Equal(t, "ABORTED", s.state())

			s.create("order-0002", value)
			a := s.send("POST", "/epayment/v1/test/payments/order-0002/approve", "", nil)
			require.Equal(t, "10010", a.code())
		}))
	}

	t.Run("nobody knows for an hour", inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter = 3 * time.Second })
		s.create(order, 201)
		pass(time.Hour)
		s.header.Set("Authorization", "Bearer "+s.token()) // the first lasted an hour
		require.Equal(t, "CREATED", s.state(), "it did not expire")
		// Anyone who wants out must wait, and may: the key is still free.
		const path = "/epayment/v1/payments/" + order
		a := s.post("give-up", path+"/cancel", "")
		require.Equal(t, 423, a.Status)
		require.Equal(t, "6160", a.code())
		require.Equal(t, "6160", s.modify(order, "capture", 201).code())
		require.Equal(t, "6160", s.modify(order, "refund", 201).code())
		require.Error(t, s.provider.Refuse(order))

		pass(4 * time.Second)
		require.Equal(t, "AUTHORIZED", s.state())
		require.Equal(t, 200, s.post("give-up", path+"/cancel", "").Status)
		require.Equal(t, []string{"created 201", "authorized 201", "cancelled 201"}, s.books())
	}))
}

func TestAReferenceAllowsFiveWritesOfEachKindAMinute(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter = 0 })
		s.create(order, 1000)
		for range 5 {
			require.Equal(t, 200, s.modify(order, "capture", 100).Status)
			pass(10 * time.Second)
		}
		a := s.post("the-sixth", "/epayment/v1/payments/"+order+"/capture", modification(100))
		require.Equal(t, 429, a.Status)
		require.Equal(t, 200, s.modify(order, "refund", 100).Status, "another kind")
		s.create("order-0002", 1000) // another reference

		pass(10 * time.Second) // a minute after the first
		require.Equal(t, 200, s.post("the-sixth", "/epayment/v1/payments/"+order+"/capture", modification(100)).Status,
			"the refusal did not bind the key, nor count")
		require.Equal(t, 429, s.modify(order, "capture", 100).Status)
		require.Equal(t, "1000/600/100/0", s.get(order).sums())
	})(t)
}

func TestRetriesWithTheSameKeyCountToo(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, nil)
		for i := range 6 {
			want := 201
			if i == 5 {
				want = 429
			}
			require.Equal(t, want, s.post("key", "/epayment/v1/payments", creation(order, 1000)).Status)
		}
		require.Len(t, s.books(), 1)
	})(t)
}

func TestAReferenceAllows120ReadsOfEachKindAMinute(t *testing.T) {
	for _, speed := range []int{1, 100} {
		inStoryTime(func(t *testing.T) {
			s := open(t, func(c *Config) { c.Speed = speed })
			s.create(order, 1000)
			for range 120 {
				require.Equal(t, 200, s.get(order).Status)
			}
			require.Equal(t, 429, s.get(order).Status)
			require.Equal(t, 200, s.send("GET", "/epayment/v1/payments/"+order+"/events", "", nil).Status)
			pass(time.Minute / time.Duration(speed))
			require.Equal(t, 200, s.get(order).Status)
		})(t)
	}
}

// An agenda without plans has no timer.
func TestNothingTicksWhileNothingIsDue(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter = 0 })
		_, _, err := s.provider.RegisterWebhook("https://shop.test/hook")
		require.NoError(t, err)
		s.create(order, 1000)
		pass(time.Second)
		_, any := s.provider.NextDue()
		require.False(t, any)
	})(t)
}

func TestNothingHappensAfterClose(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		calls := 0
		s := open(t, func(c *Config) {
			c.ApproveAfter = time.Second
			c.Transport = receiver(func(*http.Request, string) int { calls++; return -1 })
		})
		_, _, err := s.provider.RegisterWebhook("https://shop.test/hook")
		require.NoError(t, err)
		s.create(order, 1000)
		pass(500 * time.Millisecond) // the webhook hangs
		start := time.Now()
		s.provider.Close()
		require.Zero(t, time.Since(start), "Close breaks it off")
		s.create("order-0002", 1000)
		pass(24 * time.Hour)
		require.Equal(t, []string{"created 1000", "created 1000"}, s.books())
		require.Equal(t, 1, calls)
	})(t)
}
