package webhooks

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
)

// came is what the deliveries of a sequence came to, all of them taken. One whose connection
// ends is taken when the provider makes it again.
func came(t *testing.T, text string, got, want counts) *result {
	w := fakes.Webhooks()["stripe"]
	text = strings.NewReplacer("PAID", "payment_intent.succeeded", "REFUND", "charge.refunded", "DISPUTE", "charge.dispute.created").Replace(text)
	s, err := ParseSequence(text, w)
	require.NoError(t, err)
	r := &result{Sequence: s, Got: got, Want: want}
	r.Purchase, err = w.Find(s.Purchase)
	require.NoError(t, err)
	for step, list := range s.Steps {
		for _, d := range list {
			one := Sent{Delivery: d, Step: step, reply: reply{Status: 200}}
			if d.Manner == Cut || d.Manner == Unanswered || d.Manner.AtWork() {
				one.Status = 0
			}
			r.Sent = append(r.Sent, one)
		}
	}
	for _, name := range r.refused() {
		r.Sent = append(r.Sent, Sent{Delivery: Delivery{Notice: name}, Step: len(s.Steps), Again: true, reply: reply{Status: 200}})
	}
	return r
}

func TestWhatIsWrong(t *testing.T) {
	once := counts{"paid": 1}
	for name, row := range map[string]struct {
		text      string
		got, want counts
		says      string // "": nothing is wrong
	}{
		"right":           {"paid: PAID, PAID", once, once, ""},
		"twice":           {"paid: PAID, PAID", counts{"paid": 2}, once, "a second effect: paid was counted twice instead of once"},
		"lost":            {"paid: PAID killed", counts{"paid": 0}, once, "an effect was lost: paid was counted never instead of once"},
		"forged":          {"paid: PAID forged:stale", once, counts{"paid": 0}, "a forged event was taken: paid was counted once instead of never"},
		"refused":         {"refused: charge.failed", once, counts{"paid": 0}, "an effect that must not be: paid was counted once, and the purchase is refused"},
		"unsure":          {"paid: PAID, checkout.session.completed", once, counts{"paid": 0}, ""},
		"a balance":       {"refunded: PAID, REFUND", counts{"paid": 0}, counts{"paid": 0}, ""},
		"a balance left":  {"refunded: REFUND, PAID", once, counts{"paid": 0}, "an effect was lost: what was taken back is still counted as paid"},
		"a balance below": {"refunded: PAID, REFUND, REFUND", counts{"paid": -1}, counts{"paid": 0}, "a second effect: paid was taken back too often, and is -1 instead of 0"},
		"refund lost":     {"refunded: PAID, REFUND", counts{"paid": 1, "refunded": 0}, counts{"paid": 1, "refunded": 1}, "an effect was lost: refunded was counted never"},
		"overtaken":       {"refunded: REFUND, PAID", counts{"paid": 0, "refunded": 1}, counts{"paid": 1, "refunded": 1}, ""},
		"both left out":   {"refunded: REFUND, PAID", counts{"paid": 0, "refunded": 0}, counts{"paid": 1, "refunded": 1}, ""},
		"a total for two": {"partly-refunded: PAID, REFUND#2, REFUND", counts{"paid": 1, "refunded": 1, "refunded_amount": 24950}, counts{"paid": 1, "refunded": 2, "refunded_amount": 24950}, ""},
		"one of two lost": {"partly-refunded: PAID, REFUND#2, REFUND", counts{"paid": 1, "refunded": 1, "refunded_amount": 12475}, counts{"paid": 1, "refunded": 2, "refunded_amount": 24950}, "an effect was lost: refunded was counted once instead of twice"},
		"nobody knows":    {"partly-refunded: PAID, REFUND#2, REFUND", counts{"paid": 1, "refunded": 1}, counts{"paid": 1, "refunded": 2}, ""},
		"no total came":   {"partly-refunded: PAID, refund.created, refund.created#2", counts{"paid": 1, "refunded": 1}, counts{"paid": 1, "refunded": 2}, "an effect was lost: refunded was counted once instead of twice"},
		"remembered":      {"refunded: REFUND unanswered, PAID", counts{"paid": 0, "refunded": 0}, counts{"paid": 1, "refunded": 1}, ""},
		"in a crash":      {"refunded: REFUND killed-at:90, PAID", counts{"paid": 0, "refunded": 0}, counts{"paid": 1, "refunded": 1}, ""},
		"at once":         {"refunded: PAID + REFUND", counts{"paid": 0, "refunded": 0}, counts{"paid": 1, "refunded": 1}, ""},
		"forgotten":       {"refunded: REFUND unanswered, PAID", counts{"paid": 1, "refunded": 0}, counts{"paid": 1, "refunded": 1}, "an effect was lost: refunded was counted never"},
		"never read":      {"refunded: REFUND cut, PAID", counts{"paid": 0, "refunded": 0}, counts{"paid": 1, "refunded": 1}, "an effect was lost: paid was counted never"},
		"refund dropped":  {"refunded: REFUND, PAID", counts{"paid": 1, "refunded": 0}, counts{"paid": 1, "refunded": 1}, "an effect was lost: refunded was counted never"},
		"not overtaken":   {"refunded: PAID, REFUND", counts{"paid": 0, "refunded": 1}, counts{"paid": 1, "refunded": 1}, "an effect was lost: paid was counted never"},
		"dispute twice":   {"disputed: PAID, DISPUTE, DISPUTE", counts{"paid": 1, "disputed": 2}, counts{"paid": 1, "disputed": 1}, "a second effect: disputed was counted twice"},
		"cause first":     {"disputed: PAID, DISPUTE", counts{"paid": 0, "disputed": 0}, counts{"paid": 1, "disputed": 1}, "an effect was lost: paid"},
	} {
		t.Run(name, func(t *testing.T) {
			r := came(t, row.text, row.got, row.want)
			s := &stage{Description: &Description{Count: map[string]Count{}, Amount: 49900, Currency: "NOK", hooks: fakes.Webhooks()["stripe"]}}
			for effect := range row.got {
				s.Count[effect] = Count{}
			}
			list := r.judge(s.most(r.Purchase))
			if row.says == "" {
				require.Empty(t, list)
				return
			}
			require.Len(t, list, 1)
			require.Contains(t, list[0].says(r), row.says)
		})
	}
}

func TestAKnownFailureExplainsOthers(t *testing.T) {
	twice, once := counts{"paid": 2}, counts{"paid": 1}
	for name, row := range map[string]struct {
		known, other string
		explained    bool
	}{
		"the same":             {"PAID, PAID", "PAID, PAID", true},
		"later":                {"PAID, PAID", "charge.succeeded, PAID, charge.succeeded, PAID", true},
		"at once":              {"PAID, PAID", "charge.succeeded, PAID + PAID", true},
		"killed between":       {"PAID, PAID", "PAID killed, PAID", true},
		"needs the kill":       {"PAID killed, PAID", "PAID, PAID", false},
		"needs to be at once":  {"PAID + PAID", "PAID, PAID", false},
		"at once with others":  {"PAID + PAID", "charge.succeeded, PAID + charge.succeeded + PAID", true},
		"comes while worked":   {"PAID + PAID", "PAID unanswered", true},
		"another notice":       {"PAID, PAID", "PAID, checkout.session.completed", false},
		"a cut one is no more": {"PAID, PAID", "PAID cut, PAID", false},
		"any forgery":          {"PAID forged:unsigned", "checkout.session.completed forged:stale", true},
		"any signature":        {"PAID forged:missigned", "PAID forged:v0", true},
		"at another time":      {"PAID killed-at:50", "PAID killed-at:75, PAID", true},
		"after the answer":     {"PAID killed-at:50", "PAID killed", false},
		"another forgery":      {"PAID forged:stale", "PAID forged:v0", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := wrong{"paid", true}
			f := &Finding{result: came(t, "paid: "+row.known, twice, once), wrong: w}
			r := came(t, "paid: "+row.other, twice, once)
			require.Equal(t, row.explained, f.explains(r, w))
			require.False(t, f.explains(r, wrong{"paid", false}), "what is wrong is another thing")
		})
	}
}

// A count is a whole number, or a list; anything else is told in one harmless sentence.
func TestACountIsRead(t *testing.T) {
	for name, row := range map[string]struct {
		body, pointer string
		n             int
		says          string
	}{
		"a number":          {" 2\n", "", 2, ""},
		"JSON":              {`{"a":{"b":2}}`, "/a/b", 2, ""},
		"a text":            {`{"a":"2"}`, "/a", 2, ""},
		"a bare text":       {`"2"`, "", 2, ""},
		"a decimal":         {`{"a":12475.00}`, "/a", 12475, ""},
		"an exponent":       {`{"a":1e3}`, "/a", 1000, ""},
		"below 0":           {`{"a":-1}`, "/a", -1, ""},
		"a list":            {`{"a":[{},{}]}`, "/a", 2, ""},
		"a bare list":       {`[1,2,3]`, "", 3, ""},
		"nothing there":     {`{}`, "/a", 0, ""},
		"null":              {`{"a":null}`, "/a", 0, ""},
		"a fraction":        {`{"a":1.5}`, "/a", 0, `the value at "/a" is "1.5", no whole number`},
		"too large":         {`{"a":99999999999999999999}`, "/a", 0, `is "99999999999999999999", which is too large for a count`},
		"far too large":     {"1e999", "", 0, "too large"},
		"not a number":      {`{"a":"NaN"}`, "/a", 0, `is "NaN": want a whole number`},
		"a text of markup":  {`{"a":"<script>alert(1)</script>"}`, "/a", 0, `is "<script>alert(1)</script>": want a whole number`},
		"a text of escapes": {`{"a":"\u001b[2J\u202e"}`, "/a", 0, `is "\x1b[2J\u202e": want a whole number`},
		"true":              {`{"a":true}`, "/a", 0, "neither a number nor a list"},
		"a page":            {"<html>", "", 0, `is "<html>": want a whole number`},
		"a page for JSON":   {"<html>\x1b[31m" + strings.Repeat("x", 99), "/a", 0, `the answer "<html>\x1b[31m` + strings.Repeat("x", 29) + `\u2026" is no JSON: want a number at "/a"`},
		"nothing":           {"", "", 0, "the answer is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := number([]byte(row.body), row.pointer)
			if row.says != "" {
				require.ErrorContains(t, err, row.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, row.n, n)
		})
	}
}

func FuzzNumber(f *testing.F) {
	f.Add([]byte(`{"a":[1]}`), "/a/0")
	f.Add([]byte("2"), "")
	f.Fuzz(func(t *testing.T, body []byte, pointer string) { _, _ = number(body, pointer) })
}
