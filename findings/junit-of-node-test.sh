#!/usr/bin/env bash
# Node's own JUnit report, read by five tools: the failed test is not there.
#
# Shown: `node --test --test-reporter=junit` writes a test outside any describe() straight below
# <testsuites>, without a <testsuite>. Readers that walk from suite to suite drop it: a red run
# becomes "skipped", an empty report or one failure fewer, and the tools exit 0.
# Versions: Node 20's junit reporter, junit-to-ctrf 0.0.14, test-results-parser 0.4.6,
# junit-merge 2.0.0, junitxml-to-javascript 1.1.4, junit-report-merger 9.0.4 (which keeps it).
# Why a checkout cares: "is charged once" is a typical top-level test; the dashboard and the merged
# report show no failure of it while the build's exit code, often ignored there, is 1.
# Instead: put every test into a describe(); compare the count of cases before and after each
# tool; let the runner's exit code decide, never a converted report.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a failed test in a JUnit report is a failed test in whatever is made of the report"
npm_install junit-to-ctrf@0.0.14 test-results-parser@0.4.6 junit-merge@2.0.0 junitxml-to-javascript@1.1.4 junit-report-merger@9.0.4
mkdir "$work/top" "$work/both"
cat >"$work/top/shop.test.js" <<'END'
const { test } = require('node:test');
test('is charged once', () => { throw new Error('charged twice'); });
END
cat >"$work/both/shop.test.js" <<'END'
const { test, describe, it } = require('node:test');
test('is charged once', () => { throw new Error('charged twice'); });
describe('checkout', () => {
  it('sells', () => {});
  it('refunds once', () => { throw new Error('refunded twice'); });
});
END
cat >"$work/read.js" <<'END'
const { execFileSync } = require('child_process');
const fs = require('fs');
const bin = (tool) => `${__dirname}/node_modules/.bin/${tool}`;
const failures = (file) => (fs.readFileSync(file, 'utf8').match(/<failure/g) ?? []).length;
const [kind] = process.argv.slice(2);
const xml = `${kind}.xml`;
const run = (tool, ...args) => execFileSync(bin(tool), args, { stdio: 'pipe' }); // throws unless it exits 0
(async () => {
  console.log(`${kind}, the report itself: ${failures(xml)} failed`);
  run('junit-to-ctrf', xml, '-o', `${kind}.json`);
  console.log(`${kind}, junit-to-ctrf: ${fs.existsSync(`${kind}.json`)
    ? `${JSON.parse(fs.readFileSync(`${kind}.json`)).results.summary.failed} failed` : 'no report, exit 0'}`);
  const parsed = require('test-results-parser').parse({ type: 'junit', files: [xml] });
  console.log(`${kind}, test-results-parser: ${parsed.failed} failed, status ${parsed.status}`);
  run('junit-merge', '-o', `${kind}-merged.xml`, xml);
  console.log(`${kind}, junit-merge: ${failures(`${kind}-merged.xml`)} failed`);
  const { testsuites } = await new (require('junitxml-to-javascript'))().parseXMLFile(xml);
  console.log(`${kind}, junitxml-to-javascript: ${testsuites.reduce((sum, suite) => sum + suite.errors, 0)} failed`);
  run('jrm', `${kind}-jrm.xml`, xml);
  console.log(`${kind}, junit-report-merger: ${failures(`${kind}-jrm.xml`)} failed`);
})();
END
cd "$work"
for kind in top both; do
  code=0
  (cd "$kind" && node --test --test-reporter=junit shop.test.js >"../$kind.xml") || code=$?
  echo "$kind, node --test: exit $code"
  node read.js "$kind"
done >seen
behaves <<'END'
top, node --test: exit 1
top, the report itself: 1 failed
top, junit-to-ctrf: no report, exit 0
top, test-results-parser: 0 failed, status SKIP
top, junit-merge: 0 failed
top, junitxml-to-javascript: 0 failed
top, junit-report-merger: 1 failed
both, node --test: exit 1
both, the report itself: 2 failed
both, junit-to-ctrf: 1 failed
both, test-results-parser: 1 failed, status FAIL
both, junit-merge: 1 failed
both, junitxml-to-javascript: 1 failed
both, junit-report-merger: 2 failed
END
