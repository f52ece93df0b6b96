package scenarios_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/virtual"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/export"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// canary is a secret that nobody has named to the harness. It sings wherever it
// is read.
const canary = "c4n4ryQx9Zt"

// ownSecrets are the shop's own secrets, which are named to it.
var ownSecrets = []string{"canary-client-secret", "canary-subscription-key"}

// planted are requests with the canary wherever secrets stand, by what they show.
var planted = map[string]struct{ method, path, kind, body string }{
	"query":     {"GET", "/canary-query?access_token=@&x=@&session=@&sig=a%20@", "", ""},
	"path":      {"GET", "/canary-path/token=@/password:@;secret=@", "", ""},
	"url":       {"GET", "/canary-url/https://ana:@@shop.example/", "", ""},
	"json":      {"POST", "/canary-json", "application/json", `{"client_secret":"@","sessionId":"@","pin":"@","otp":"@","auth":"@","card":{"cvc":"@"},"list":[{"password":"a\"@"}],"headers":{"Set-Cookie":"@","X-Api-Key":"@"},"body":"{\"token\":\"@\"}","url":"https://a:@@b.example/?access_token=@"}`},
	"half":      {"POST", "/canary-half", "application/json", `{"x":1,"refresh_token":"@`},
	"form":      {"POST", "/canary-form", "application/x-www-form-urlencoded", "grant_type=password&password=@&client_secret=%40@&user[token]=@"},
	"multipart": {"POST", "/canary-multipart", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n@\r\n--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n@\r\n--b--\r\n"},
	"xml":       {"POST", "/canary-xml", "application/xml", "<login><password>@</password><ns:token a=\"b\">@</ns:token><user secret=\"@\"/></login>"},
}

// said are texts as logs, notes and processes have them.
var said = []string{
	`level=error msg="no luck" password=@ token: @ api_key="@"`,
	"Authorization: Bearer @\nCookie: session=@; other=@\nSet-Cookie: id=@; HttpOnly",
	"dial postgres://shop:@@db.example/shop: refused",
	`{"level":"debug","client_secret":"@"}`,
	"CHECKOUT_CLIENT_SECRET=@ CHECKOUT_WEBHOOK_SECRET=@",
	"GET /cb?access_token=@ HTTP/1.1",
	"STRIPE_KEY=@ and sk_live_@",
	"eyJhbGciOi@.eyJzdWIi@.@, whsec_@",
}

func sings(text string) string { return strings.ReplaceAll(text, "@@", "\x00") }

// with puts the canary in the place of @; @@ is an at sign after it.
func with(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(sings(text), "@", canary), "\x00", canary+"@")
}

// aviary is the reference shop with canaries around it.
type aviary struct {
	studio *compose.Studio
	setup  environment.Setup
}

func (a *aviary) compose(ctx context.Context, s environment.Setup) (virtual.Parts, error) {
	a.setup = s
	parts, err := a.studio.Compose(ctx, s)
	if err != nil {
		return parts, err
	}
	for i, c := range parts.Callees {
		parts.Callees[i].Handler = leaking(c.Handler)
	}
	open := parts.Tab
	parts.Tab = func(customer, tab string) (environment.Tab, error) {
		if err := a.plant(ctx); err != nil {
			return nil, err
		}
		return open(customer, tab)
	}
	return parts, nil
}

// leaking answers with secrets in headers and at the head of JSON bodies.
func leaking(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &kept{header: w.Header(), status: http.StatusOK}
		h.ServeHTTP(answer, r)
		for _, name := range []string{"Set-Cookie", "X-Auth-Token", "Www-Authenticate", "X-Anything"} {
			w.Header().Set(name, "a="+canary)
		}
		body := answer.body.String()
		if rest, object := strings.CutPrefix(body, "{"); object && strings.TrimSpace(rest) != "}" {
			body = fmt.Sprintf(`{"apiKey":%q,"nested":{"session_token":%[1]q},`, canary) + rest
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.status)
		_, _ = io.WriteString(w, body)
	})
}

// kept is an answer that was not sent yet.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header            { return k.header }
func (k *kept) WriteHeader(status int)         { k.status = status }
func (k *kept) Write(text []byte) (int, error) { return k.body.Write(text) }

// plant sends and says everything once.
func (a *aviary) plant(ctx context.Context) error {
	transport := &http.Transport{DialContext: a.setup.Dialer("canary"), DisableKeepAlives: true}
	for _, p := range planted {
		if err := send(ctx, transport, p.method, a.setup.ShopURL+with(p.path), p.kind, with(p.body)); err != nil {
			return err
		}
	}
	// A webhook that somebody else signed, and the shop turns down.
	err := send(ctx, a.setup.Webhooks, "POST", a.setup.WebhookURL+"/webhooks/vipps?signature="+canary, "application/json",
		with(`{"secret":"@","hmacKey":"@"}`))
	if err != nil {
		return err
	}
	for i, text := range said {
		text = with(text)
		a.setup.See(Event{Actor: "checkout", Kind: observe.Note, Text: fmt.Sprintf("log %d: %s", i, text)})
		a.setup.See(Event{Actor: "checkout", Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: "says", Text: text}})
	}
	// What was named may stand anywhere, in any form.
	for _, secret := range ownSecrets {
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte("me:" + secret)), strings.ReplaceAll(secret, "-", "%2D")} {
			a.setup.See(Event{Actor: "checkout", Kind: observe.Note, Text: "it is " + form + " and more"})
		}
	}
	return nil
}

func send(ctx context.Context, through http.RoundTripper, method, url, kind, body string) error {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization", "X-Signature", "Webhook-Signature", "X-Anything", "Referer"} {
		r.Header.Set(name, "a="+canary)
	}
	r.Header.Set("Authorization", "HMAC-SHA256 SignedHeaders=x-ms-date;host&Signature="+canary)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	answer, err := through.RoundTrip(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return err
}

func TestCanariesSingInNoOutput(t *testing.T) {
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	var runs []*Run
	for _, row := range []struct {
		story   Story
		expects string
		without []string
	}{
		{chargedTwice, "kept", nil}, {chargedTwice, "kept", []string{"order-identity"}}, {doubleClick, "complaint", []string{"one-payment"}},
		{fails(chargedTwice), "kept", nil},
	} {
		a := aviary{studio: studio}
		run := virtual.Enact(t.Context(), row.story, enact.Options{
			World: "virtual", Database: "sqlite", Seed: 1, Expects: row.expects, Without: row.without, Routes: compose.Routes(),
		}, a.compose)
		require.Equal(t, row.story.ID == "fails", run.Failure != "", run.Failure)
		everyCanaryWasSeen(t, run)
		runs = append(runs, run)
	}
	outputs := write(t, runs)
	require.Greater(t, len(outputs), 6)
	for name, text := range outputs {
		for _, secret := range append(ownSecrets, canary) {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s has %s: …%q…", name, secret, text[max(0, at-90):min(len(text), at+40)])
			}
		}
	}
}

// A run that nobody reads keeps its secrets while all its promises are kept, and nobody
// takes it from the process. Any other run is redacted as ever.
func TestARunThatNobodyReadsTakesNoCanaryOutside(t *testing.T) {
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	enacted := func(story Story, without []string) *Run {
		a := aviary{studio: studio}
		return virtual.Enact(t.Context(), story, enact.Options{
			World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept", Without: without, Routes: compose.Routes(), Unread: true,
		}, a.compose)
	}
	sings := func(text string) bool { return strings.Contains(text, canary) || strings.Contains(text, ownSecrets[0]) }

	kept := enacted(chargedTwice, nil)
	require.Equal(t, Kept, kept.Verdict())
	require.NotNil(t, kept.Redact)
	history, err := json.Marshal(kept.History)
	require.NoError(t, err)
	require.True(t, sings(string(history)), "the run was redacted, and the test is about nothing")
	outcome, err := json.Marshal(explore.Look(explore.Trial{}, kept))
	require.NoError(t, err)
	require.Contains(t, string(outcome), "canary-path", "the outcome tells of the planted paths")
	require.False(t, sings(string(outcome)), string(outcome))

	var text bytes.Buffer
	w := record.NewWriter(&text)
	w.Write(kept)
	require.ErrorContains(t, w.Err(), "has its secrets")
	require.Empty(t, text.String())
	for _, write := range []func(string, []*Run, reports.About) (string, error){reports.Write, reports.WriteFolder} {
		dir := t.TempDir()
		_, err := write(dir, []*Run{kept}, reports.About{})
		require.ErrorContains(t, err, "has its secrets")
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	}

	for _, run := range []*Run{enacted(chargedTwice, []string{"order-identity"}), enacted(fails(chargedTwice), nil)} {
		require.NotEqual(t, Kept, run.Verdict())
		require.Nil(t, run.Redact)
		everyCanaryWasSeen(t, run)
		outputs := write(t, []*Run{run})
		outcome, err := json.Marshal(explore.Look(explore.Trial{Whole: true}, run))
		require.NoError(t, err)
		outputs["outcome"] = string(outcome)
		for name, text := range outputs {
			require.False(t, sings(text), name)
		}
	}
}

// fails is a story whose script fails with a secret in its words.
func fails(s Story) Story {
	s.ID, s.Plot, s.Complaint = "fails", "The script fails.", Complaint{}
	s.Script = func(stage *Stage) {
		stage.Customer("ana").Submits()
		panic(with(`no luck with password=@ at https://ana:@@shop.example/, Authorization: Bearer @`))
	}
	return s
}

// everyCanaryWasSeen makes sure that the test is about something: each request
// reached the tap, each text the recorder, and the mask stands in them.
func everyCanaryWasSeen(t *testing.T, run *Run) {
	t.Helper()
	masked := map[string]bool{}
	leaked := 0
	for _, e := range run.History {
		switch {
		case e.Message != nil && e.Kind == observe.Arrived:
			if name, found := strings.CutPrefix(e.Message.Path, "/canary-"); found {
				masked[name[:strings.IndexFunc(name+"/", func(r rune) bool { return r < 'a' || r > 'z' })]] = strings.Contains(e.Message.Path+e.Message.Body, redact.Mask)
			}
		case e.Message != nil && e.Kind == observe.Received && e.Message.Header["X-Auth-Token"] == redact.Mask:
			leaked++
		case e.Kind == observe.Note && strings.HasPrefix(e.Text, "log "):
			masked[e.Text[:5]] = strings.Contains(e.Text, redact.Mask)
		}
	}
	for name := range planted {
		if !masked[name] {
			t.Errorf("%s was not seen, or is not masked", name)
		}
	}
	for i := range said {
		require.True(t, masked[fmt.Sprintf("log %d", i)], said[i])
	}
	if run.Failure == "" { // else it was over before the provider was asked
		require.Positive(t, leaked, "the provider's answers were seen")
	}
}

// write is all that a staging leaves, by name, and what is packed within it.
func write(t *testing.T, runs []*Run) map[string]string {
	t.Helper()
	dir := t.TempDir()
	var text bytes.Buffer
	w := record.NewWriter(&text)
	outputs := map[string]string{}
	var lines []string
	for _, r := range runs {
		w.Write(r)
		lines = append(lines, scenarios.Line(r, ""), r.FailureText(), r.Brief())
	}
	require.NoError(t, w.Err())
	about := reports.About{Title: "Canaries", Baseline: runs[:1]}
	_, err := reports.Write(dir, runs, about)
	require.NoError(t, err)
	_, err = reports.WriteFolder(filepath.Join(dir, "folder"), runs, about)
	require.NoError(t, err)
	outputs["runs.jsonl"] = text.String()
	outputs["terminal"] = strings.Join(lines, "\n")
	outputs["annotations"] = strings.Join(export.Annotations(runs), "\n")
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		outputs[strings.TrimPrefix(path, dir)] = string(text) + unpacked(text)
		return err
	}))
	return outputs
}

var packed = regexp.MustCompile(`[A-Za-z0-9+/]{200,}={0,2}`)

// unpacked is what stands compressed in a file.
func unpacked(text []byte) string {
	var out strings.Builder
	for _, blob := range packed.FindAll(text, -1) {
		plain, err := base64.StdEncoding.DecodeString(string(blob))
		if err != nil {
			continue
		}
		if r, err := gzip.NewReader(bytes.NewReader(plain)); err == nil {
			plain, _ = io.ReadAll(r)
		}
		out.Write(plain)
	}
	return out.String()
}
