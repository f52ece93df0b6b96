#!/usr/bin/env bash
# A daily job at 02:30 in Europe/Oslo, on the two nights when the clocks change.
#
# Shown: Go's robfig/cron runs it *twice* in the autumn (02:30 summer time, 02:30 winter time) and
# not at all in the spring. Node's croner, cron and cron-parser (the clock of BullMQ and pg-boss)
# run it once each night, in the spring at 03:00 or at 03:30.
# Versions: robfig/cron 3.0.1 (Go), croner 11.0.1, cron 4.4.0, cron-parser 5.10.6 (Node 20).
# Why a checkout cares: "capture what was reserved", "pay the sellers out", "bill the
# subscriptions": twice on one night, and a day missing on another. Both are a valid schedule.
# Instead: schedule money in UTC, and make a run a row with the business day as its unique key;
# look for days without a row.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a daily job runs once a day"
npm_install croner@11.0.1 cron@4.4.0 cron-parser@5.10.6
go_install github.com/robfig/cron/v3@v3.0.1
cat >"$work/main.go" <<'END'
package main

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func main() {
	oslo, _ := time.LoadLocation("Europe/Oslo")
	daily, _ := cron.ParseStandard("30 2 * * *")
	for _, night := range []time.Time{time.Date(2027, 3, 27, 21, 0, 0, 0, oslo), time.Date(2027, 10, 30, 21, 0, 0, 0, oslo)} {
		var runs []string
		for next := daily.Next(night); next.Before(night.AddDate(0, 0, 2)); next = daily.Next(next) {
			runs = append(runs, next.UTC().Format("01-02T15:04Z"))
		}
		fmt.Printf("robfig/cron, two nights from %s: %d runs, %s\n", night.Format("2 January"), len(runs), strings.Join(runs, " "))
	}
}
END
cat >"$work/nights.js" <<'END'
const { Cron } = require('croner');
const { CronTime } = require('cron');
const { CronExpressionParser } = require('cron-parser');
const daily = '30 2 * * *', timezone = 'Europe/Oslo';
const next = {
  croner: (after) => new Cron(daily, { timezone }).nextRun(after),
  cron: (after) => new CronTime(daily, timezone).getNextDateFrom(after, timezone).toJSDate(),
  'cron-parser': (after) => CronExpressionParser.parse(daily, { currentDate: after, tz: timezone }).next().toDate(),
};
for (const [name, following] of Object.entries(next))
  for (const [from, to, night] of [['2027-03-27T20:00Z', '2027-03-29T19:00Z', '27 March'], ['2027-10-30T19:00Z', '2027-11-01T20:00Z', '30 October']]) {
    const runs = [];
    for (let run = following(new Date(from)); run < new Date(to); run = following(run)) runs.push(`${run.toISOString().slice(5, 16)}Z`);
    console.log(`${name}, two nights from ${night}: ${runs.length} runs, ${runs.join(' ')}`);
  }
END
run_go main.go >"$work/seen"
node "$work/nights.js" >>"$work/seen"
behaves <<'END'
robfig/cron, two nights from 27 March: 1 runs, 03-29T00:30Z
robfig/cron, two nights from 30 October: 3 runs, 10-31T00:30Z 10-31T01:30Z 11-01T01:30Z
croner, two nights from 27 March: 2 runs, 03-28T01:00Z 03-29T00:30Z
croner, two nights from 30 October: 2 runs, 10-31T00:30Z 11-01T01:30Z
cron, two nights from 27 March: 2 runs, 03-28T01:00Z 03-29T00:30Z
cron, two nights from 30 October: 2 runs, 10-31T00:30Z 11-01T01:30Z
cron-parser, two nights from 27 March: 2 runs, 03-28T01:30Z 03-29T00:30Z
cron-parser, two nights from 30 October: 2 runs, 10-31T00:30Z 11-01T01:30Z
END
