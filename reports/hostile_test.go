package reports_test

import (
	"reflect"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
)

// pwned is what would be true of the page's window if a recorded string were
// ever taken for markup or script.
const pwned = "window.__pwned=1"

// hostile strings try to leave every context that the page has: text,
// attributes, titles of pictures, addresses, style, script.
var hostile = []string{
	`<script>` + pwned + `</script>`,
	`"><img src=x onerror="` + pwned + `">`,
	`'><svg onload='` + pwned + `'>`,
	`</title></style></script></svg><script>` + pwned + `;alert(1)</script>`,
	`</pre></details><iframe srcdoc="<script>parent.__pwned=1</script>"></iframe>`,
	`javascript:` + pwned + `//`,
	`" onclick="` + pwned + `" style="position:fixed" autofocus onfocus="` + pwned,
	`url(javascript:` + pwned + `)`,
	`{{.}} ${` + pwned + `} <!-- <![CDATA[ ]]> -->`,
	"line\u2028break \u202ereversed\u202c \x00 \x1b[31m \xff",
	`&lt;script&gt;` + pwned + `&lt;/script&gt;`,
	`<meta http-equiv="refresh" content="0;url=javascript:` + pwned + `"><base href="javascript:/">`,
}

// hostileRun is a whole run with hostile strings in every field but those that
// are left out by name, so that the page takes all of its ways.
func hostileRun(but ...string) *judge.Run {
	run := twiceHistory().run("customer-2-charged-twice", "kept", injection.Schedule{slow})
	run.Without, run.Database = []string{"order-identity"}, "sqlite"
	run.Unsettled, run.Mismatch = "a call is still open", "orders: want 2, got 3"
	run.Judge(judge.StandardPromises())
	n := 0
	poison(reflect.ValueOf(run).Elem(), append(but, "Kind"), &n)
	return asWritten(run)
}

// asWritten has the run's fields and nothing that it had worked out before
// they were poisoned.
func asWritten(run *judge.Run) *judge.Run {
	var fresh judge.Run
	from, to := reflect.ValueOf(run).Elem(), reflect.ValueOf(&fresh).Elem()
	for i := range from.NumField() {
		if from.Type().Field(i).IsExported() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return &fresh
}

func hostileRuns() []*judge.Run {
	words := []string{"Does", "Op", "What", "Says", "Expects"}
	failed := hostileRun(words...)
	failed.Failure = hostile[0]
	complaint := hostileRun(append(words, "Verdict", "Mismatch")...)
	complaint.Expects = "complaint"
	empty := &judge.Run{ID: hostile[1], Story: hostile[2], World: hostile[3]}
	return []*judge.Run{hostileRun(words...), hostileRun(), failed, complaint, empty}
}

func hostileAbout() reports.About {
	a := reports.About{Title: hostile[3], Commit: hostile[6], At: noon}
	for _, h := range hostile {
		a.Skipped = append(a.Skipped, reports.Skip{Name: h, Reason: h})
	}
	return a
}

// poison adds a hostile string to every string that can be reached from v.
func poison(v reflect.Value, but []string, n *int) {
	next := func() string { *n++; return hostile[*n%len(hostile)] }
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), but, n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != reflect.TypeFor[time.Time]() && v.Type().Field(i).IsExported() &&
				!slices.Contains(but, v.Type().Field(i).Name) {
				poison(v.Field(i), but, n)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), but, n)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return len(a.String()) - len(b.String()) })
		for _, key := range keys {
			v.SetMapIndex(reflect.ValueOf(key.String()+next()), reflect.ValueOf(next()))
		}
	case reflect.String:
		v.SetString(v.String() + next())
	}
}
