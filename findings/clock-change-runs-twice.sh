#!/usr/bin/env bash
# A daily job at a fixed local hour, in the two nights in which the clocks are changed.
#
# Shown: "every day at 02:30 / 03:30, Europe/Berlin", from noon to noon around 29 March 2026 (02:00
# becomes 03:00) and 25 October 2026 (03:00 becomes 02:00). The four Node schedulers really run,
# with a faked clock; of the Go ones the times are asked that they would wait for. robfig/cron (on
# which asynq and gocron are built) and cronexpr run the 02:30 job twice in October and not at all in
# March; node-cron and gronx leave it out in March. And cron runs the 03:30 job, an hour that comes
# once, twice in October: at 02:30 and at 03:30. croner and node-schedule run each job once a night.
# Versions: cron 4.4.0, croner 11.0.1, node-schedule 2.1.1, node-cron 4.6.0, @sinonjs/fake-timers
# 15.5.0 (Node 20), robfig/cron 3.0.1, gronx 1.20.4, cronexpr 1.1.3 (Go).
# Why a checkout cares: renewals, captures and payouts run at night. Twice is two charges where the
# key is made per run; not at all is a day's captures missed, near the end of an authorisation.
# Instead: run by UTC, or outside of 01:00 to 04:00; claim a unique row (job, date) before the work,
# and make each key of the order and the date that is due, never of the time of the run.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a daily job runs once a day, in each library, as Debian's cron does for those nights too"
npm_install cron@4.4.0 croner@11.0.1 node-schedule@2.1.1 node-cron@4.6.0 @sinonjs/fake-timers@15.5.0
go_install github.com/robfig/cron/v3@v3.0.1 github.com/adhocore/gronx@v1.20.4 github.com/hashicorp/cronexpr@v1.1.3
cat >"$work/nights.js" <<'END'
const { CronJob } = require('cron');
const { Cron } = require('croner');
const schedule = require('node-schedule');
const nodeCron = require('node-cron');
const fake = require('@sinonjs/fake-timers');
const zone = 'Europe/Berlin';
const start = { // each gives back how it is stopped
  cron: (when, job) => { const it = CronJob.from({ cronTime: when, onTick: job, start: true, timeZone: zone }); return () => it.stop(); },
  croner: (when, job) => { const it = new Cron(when, { timezone: zone }, job); return () => it.stop(); },
  'node-schedule': (when, job) => { const it = schedule.scheduleJob({ rule: when, tz: zone }, job); return () => it.cancel(); },
  'node-cron': (when, job) => { const it = nodeCron.schedule(when, job, { timezone: zone }); return () => it.stop(); },
};
const local = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
(async () => {
  for (const name of Object.keys(start)) {
    const told = [];
    for (const when of ['30 2 * * *', '30 3 * * *'])
      for (const [night, from] of [['March', '2026-03-28T11:00:00Z'], ['October', '2026-10-24T10:00:00Z']]) {
        const clock = fake.install({ now: new Date(from), toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
        const runs = [];
        const stop = start[name](when, () => { runs.push(local.format(new Date())); });
        await clock.tickAsync(24 * 3600 * 1000);
        await stop();
        clock.uninstall();
        told.push(`${when.slice(3, 4)}:30 in ${night}: ${runs.join(' and ') || 'not at all'}`);
      }
    console.log(`${name}: ${told.join('; ')}`);
  }
  process.exit();
})();
END
cat >"$work/main.go" <<'END'
package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/adhocore/gronx"
	"github.com/hashicorp/cronexpr"
	"github.com/robfig/cron/v3"
)

func main() {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil { panic(err) }
	libraries := []string{"robfig/cron", "gronx", "cronexpr"}
	for _, name := range libraries {
		var told []string
		for _, when := range []string{"30 2 * * *", "30 3 * * *"} {
			for night, from := range []time.Time{time.Date(2026, 3, 28, 12, 0, 0, 0, zone), time.Date(2026, 10, 24, 12, 0, 0, 0, zone)} {
				next := map[string]func(time.Time) time.Time{
					"robfig/cron": func(t time.Time) time.Time { s, _ := cron.ParseStandard(when); return s.Next(t) },
					"gronx":       func(t time.Time) time.Time { n, _ := gronx.NextTickAfter(when, t, false); return n },
					"cronexpr":    func(t time.Time) time.Time { return cronexpr.MustParse(when).Next(t) },
				}[name]
				var runs []string
				for t := next(from); t.Before(from.AddDate(0, 0, 1)); t = next(t) {
					runs = append(runs, t.Format("15:04"))
				}
				if runs == nil { runs = []string{"not at all"} }
				told = append(told, fmt.Sprintf("%s:30 in %s: %s", when[3:4], []string{"March", "October"}[night], strings.Join(runs, " and ")))
			}
		}
		fmt.Printf("Go %s: %s\n", name, strings.Join(told, "; "))
	}
}
END
node "$work/nights.js" >"$work/seen"
run_go main.go >>"$work/seen"
behaves <<'END'
cron: 2:30 in March: 03:00; 2:30 in October: 02:30; 3:30 in March: 03:30; 3:30 in October: 02:30 and 03:30
croner: 2:30 in March: 03:00; 2:30 in October: 02:30; 3:30 in March: 03:30; 3:30 in October: 03:30
node-schedule: 2:30 in March: 03:30; 2:30 in October: 02:30; 3:30 in March: 03:30; 3:30 in October: 03:30
node-cron: 2:30 in March: not at all; 2:30 in October: 02:30; 3:30 in March: 03:30; 3:30 in October: 03:30
Go robfig/cron: 2:30 in March: not at all; 2:30 in October: 02:30 and 02:30; 3:30 in March: 03:30; 3:30 in October: 03:30
Go gronx: 2:30 in March: not at all; 2:30 in October: 02:30; 3:30 in March: 03:30; 3:30 in October: 03:30
Go cronexpr: 2:30 in March: not at all; 2:30 in October: 02:30 and 02:30; 3:30 in March: 03:30; 3:30 in October: 03:30
END
