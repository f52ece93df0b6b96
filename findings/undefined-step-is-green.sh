#!/usr/bin/env bash
# A feature says "Then she is charged once", and the step's definition has another wording.
#
# Shown: by godog, with TestingT as its manual has it, the scenario is undefined and `go test` passes,
# exit 0, though its own JUnit file has an error for it. So it does for a step that says it is pending.
# With Strict: true it fails for both, and cucumber-js fails by itself.
# Versions: godog 0.16.0 (Go 1.26), @cucumber/cucumber 13.3.0 (Node 20).
# Why a checkout cares: the Then steps are where money is counted. One edited word in a feature, or in a
# definition, turns the check off, and nothing is red.
# Instead: Strict: true, and a count of the steps that passed.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a scenario whose step has no definition fails the run"
npm_install @cucumber/cucumber@13.3.0
mkdir "$work/go" "$work/features"
cat >"$work/go/pay_test.go" <<'END'
package pay

import (
	"errors"
	"os"
	"testing"

	"github.com/cucumber/godog"
)

func TestFeatures(t *testing.T) {
	status := godog.TestSuite{
		ScenarioInitializer: func(s *godog.ScenarioContext) {
			s.Step("^she pays$", func() error { return nil })
			s.Step("^she is charged once$", func() error { return errors.New("charged twice") })
			s.Step("^a receipt comes$", func() error { return godog.ErrPending })
		},
		Options: &godog.Options{
			Format: "junit:" + os.Getenv("REPORT"), Paths: []string{os.Getenv("FEATURE")},
			Strict: os.Getenv("STRICT") != "", TestingT: t,
		},
	}.Run()
	if status != 0 {
		t.Fatal("status", status)
	}
}
END
cat >"$work/features/steps.cjs" <<'END'
const { Then, When } = require('@cucumber/cucumber');
When('she pays', () => {});
Then('she is charged once', () => { throw new Error('charged twice'); });
Then('a receipt comes', () => 'pending');
END
feature() { printf 'Feature: pay\n  Scenario: a mug\n    When she pays\n    Then %s\n' "$1" >"$work/features/pay.feature"; }
coded() { local code=0; "$@" >"$work/out" 2>&1 || code=$?; [ "$code" = 0 ] && echo 'exit 0' || echo 'not 0'; }
cd "$work"
export FEATURE=$work/features/pay.feature REPORT=$work/report.xml
(cd go && printf 'module pay\n\ngo 1.26\n' >go.mod && go get github.com/cucumber/godog@v0.16.0 2>/dev/null && go mod tidy >/dev/null 2>&1)
echo "versions: godog 0.16.0, $(go version | cut -d' ' -f3)"
for step in 'she is charged once' 'she is charged only once' 'a receipt comes'; do
  feature "$step"
  godog=$(coded go -C go test -count=1 .)
  found=$(grep -cE '<(error|failure) ' report.xml)
  strict=$(STRICT=1 coded go -C go test -count=1 .)
  cucumber=$(coded node_modules/.bin/cucumber-js --require features/steps.cjs features/pay.feature)
  echo "Then $step: godog $godog, in its JUnit file $found error; Strict $strict; cucumber-js $cucumber"
done >seen
behaves <<'END'
Then she is charged once: godog not 0, in its JUnit file 1 error; Strict not 0; cucumber-js not 0
Then she is charged only once: godog exit 0, in its JUnit file 1 error; Strict not 0; cucumber-js not 0
Then a receipt comes: godog exit 0, in its JUnit file 1 error; Strict not 0; cucumber-js not 0
END
