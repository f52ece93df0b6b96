// Noise stages the sample shops on clocks of all speeds beside busy processes, and
// prints which exit code the suite came to: a mended shop is never red, a naive one
// never green, and where the machine is too slow to tell, the suite says so.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/scenarios/samples"
	"github.com/unhappypath/unhappypath/scenarios/suite"
)

// options say what is staged.
type options struct {
	suite, targets string
	clocks, hogs   []int
	samples        []string
	stories        string
	explore        time.Duration
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == hog {
		beBusy()
	}
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	wrong, err := run(ctx, o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	if wrong > 0 {
		os.Exit(1)
	}
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("noise", flag.ContinueOnError)
	flags.StringVar(&o.suite, "suite", "dist/unhappypath-scenarios", "the suite, built beforehand")
	flags.StringVar(&o.targets, "targets", "scenarios/testdata/targets", "the folder of the sample shops")
	clocks := flags.String("clocks", "5,20,50,100,200", "what the clock is divided by")
	hogs := flags.String("hogs", "0,2,4", "how many busy processes there are beside")
	samples := flags.String("samples", "node-naive,node-mended,python-naive,python-mended,go-naive,go-mended", "which shops")
	flags.StringVar(&o.stories, "stories", "", "ids of stories, staged one by one (at a naive shop, those that break); none: the whole suite")
	flags.DurationVar(&o.explore, "explore", 0, "explore for so long instead")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.samples = strings.Split(*samples, ",")
	if o.clocks, err = numbers(*clocks); err == nil {
		o.hogs, err = numbers(*hogs)
	}
	if err == nil {
		o.suite, err = filepath.Abs(o.suite)
	}
	return o, err
}

func numbers(list string) (all []int, err error) {
	for _, word := range strings.Split(list, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("invalid number %q: want numbers with commas between", word)
		}
		all = append(all, n)
	}
	return all, nil
}

// run stages all of it, prints a row for each, and says how many are wrong.
func run(ctx context.Context, o options, out io.Writer) (wrong int, err error) {
	folder, err := os.MkdirTemp("", "noise-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	fmt.Fprintln(out, "| sample | clock | busy | exit code | seconds | | |\n|---|---|---|---|---|---|---|")
	for _, sample := range o.samples {
		language, kind, _ := strings.Cut(sample, "-")
		description, err := samples.Sample{Language: language, Kind: kind}.Prepare(ctx, o.targets, folder)
		if err != nil {
			return wrong, err
		}
		for _, clock := range o.clocks {
			for _, hogs := range o.hogs {
				for _, story := range strings.Split(o.stories, ",") {
					r, err := stage(ctx, o, description, clock, hogs, story)
					if err != nil {
						return wrong, err
					}
					verdict := r.judge(sample, clock, hogs)
					if verdict != "" {
						wrong++
					}
					fmt.Fprintf(out, "| %s | %d | %d | %d | %.0f | %s | %s |\n", strings.TrimSpace(sample+" "+story), clock, hogs, r.code, r.took.Seconds(), verdict, r.says)
				}
			}
		}
	}
	return wrong, nil
}

// result is what the suite came to.
type result struct {
	code int
	took time.Duration
	says string
}

var clockLine = regexp.MustCompile(`(?m)^clock: \d+`)

// said are the lines of the suite's that a row is to have.
var said = regexp.MustCompile(`(?m)^(.*too slow.*|.*could not be repeated.*|\d+ distinct schedules explored.*|\d+ runs, .*)$`)

// stage runs the suite once.
func stage(ctx context.Context, o options, description string, clock, hogs int, story string) (r result, err error) {
	text, err := os.ReadFile(description)
	if err != nil {
		return r, err
	}
	text = clockLine.ReplaceAll(text, fmt.Appendf(nil, "clock: %d", clock))
	if err := os.WriteFile(description, text, 0o600); err != nil {
		return r, err
	}
	stop, err := busy(hogs)
	if err != nil {
		return r, err
	}
	defer stop()
	test := suite.Stories
	settings := []string{"UNHAPPY_TARGET=" + description, "UNHAPPY_REPLAY=" + story}
	if o.explore > 0 {
		test, settings = suite.Exploration, append(settings, "UNHAPPY_BUDGET="+o.explore.String())
	}
	began := time.Now()
	output, code, err := suite.Run(ctx, o.suite, "", test, settings...)
	r.took = time.Since(began)
	if err != nil {
		return r, err
	}
	r.code = code
	var lines []string
	for _, line := range said.FindAllString(output, -1) {
		if line = strings.TrimSpace(line); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	r.says = strings.ReplaceAll(strings.Join(lines, "; "), "|", "\\|")
	return r, ctx.Err()
}

// judge says what is wrong with the exit code, or "".
func (r result) judge(sample string, clock, hogs int) string {
	right := 0
	if strings.HasSuffix(sample, "naive") {
		right = 1
	}
	switch {
	case r.code == right:
		return ""
	case r.code != 3:
		return "WRONG"
	case clock == 20 && hogs == 0:
		return "WRONG: nothing else was running"
	}
	return ""
}

const hog = "busy"

// busy starts so many processes that do nothing but keep a core busy.
func busy(n int) (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var stops []func()
	stop = func() {
		for _, one := range stops {
			one()
		}
	}
	for range n {
		process := exec.Command(self, hog)
		in, err := process.StdinPipe()
		if err == nil {
			err = process.Start()
		}
		if err != nil {
			stop()
			return nil, err
		}
		stops = append(stops, func() {
			_ = in.Close()
			_ = process.Wait()
		})
	}
	return stop, nil
}

// beBusy keeps a core busy until its input ends.
func beBusy() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for x := 1; ; x++ {
		if x == 0 {
			return
		}
	}
}
