#!/usr/bin/env bash
# The same job key added twice, in four queues: how often is the card charged?
#
# Shown: a "unique" key means four things. pg-boss' singletonKey does nothing in a queue of the
# default policy. graphile-worker's jobKey and BullMQ's jobId with removeOnComplete forget a job
# that is done (graphile-worker's also one that is running); asynq's TaskID forgets a done one,
# too. BullMQ's jobId with default options never runs a *failed* job's id again: add() resolves
# and nothing happens.
# Versions: bullmq 6.7.0 + ioredis 6.0.0, pg-boss 12.38.0, graphile-worker 0.18.0 (Node 20),
# asynq 0.26.0 (Go), Redis 7.0 and PostgreSQL 15 from Debian.
# Why a checkout cares: a double click, a webhook delivered again or a sweeper adds the charge of an
# order again: charged twice here, and there a declined card can never be tried again.
# Instead: the queue's key is a convenience. Let the job claim the order's row (UNIQUE(order, kind))
# before it calls the provider; pg-boss: policy 'exclusive' for jobs that wait or run.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "adding a job under a key that exists is a no-op, and after a failure it is a new try"
start_redis
start_postgres
npm_install bullmq@6.7.0 ioredis@6.0.0 pg-boss@12.38.0 graphile-worker@0.18.0
go_install github.com/hibiken/asynq@v0.26.0
cat >"$work/queues.mjs" <<'END'
import { Queue, Worker } from 'bullmq';
import { PgBoss } from 'pg-boss';
import { run, makeWorkerUtils, Logger } from 'graphile-worker';
const redis = { host: '127.0.0.1', port: +process.env.REDIS_PORT };
const connectionString = `postgres://shop@127.0.0.1:${process.env.POSTGRES_PORT}/shop`;
const pause = (ms = 1500) => new Promise((done) => setTimeout(done, ms));

// Adds each order twice under one key: while the first charge runs, after it, after it failed.
async function tell(name, start) {
  const charges = { running: 0, done: 0, failed: 0 };
  let open;
  const held = new Promise((resolve) => (open = resolve));
  const add = await start(async ({ order }) => {
    charges[order]++;
    if (order === 'running') await held;
    if (order === 'failed') throw new Error('declined');
  });
  for (const order of Object.keys(charges)) {
    for (let time = 0; time < 2; time++) await add(order), await pause();
  }
  open();
  console.log(`${name}: again while it runs ${charges.running}, after it is done ${charges.done}, after it failed ${charges.failed}`);
}
const bullmq = (name, defaultJobOptions) => async (charge) => {
  const queue = new Queue(name, { connection: redis, defaultJobOptions });
  new Worker(name, (job) => charge(job.data), { connection: redis, concurrency: 5 });
  return (order) => queue.add('charge', { order }, { jobId: `charge-${order}` });
};
const boss = new PgBoss(connectionString);
boss.on('error', () => {});
await boss.start();
const pgBoss = (name, policy) => async (charge) => {
  await boss.createQueue(name, { policy, retryLimit: 0 });
  for (let n = 0; n < 3; n++) await boss.work(name, { pollingIntervalSeconds: 0.5 }, ([job]) => charge(job.data));
  return (order) => boss.send(name, { order }, { singletonKey: `charge-${order}` });
};
const graphile = async (charge) => {
  const utils = await makeWorkerUtils({ connectionString });
  await utils.migrate();
  await run({ connectionString, concurrency: 5, pollInterval: 100, logger: new Logger(() => () => {}), taskList: { charge } });
  return (order) => utils.addJob('charge', { order }, { jobKey: `charge-${order}`, maxAttempts: 1 });
};
await tell('BullMQ jobId', bullmq('kept', {}));
await tell('BullMQ jobId, removeOnComplete and removeOnFail', bullmq('removed', { removeOnComplete: true, removeOnFail: true }));
await tell('pg-boss singletonKey', pgBoss('standard', 'standard'));
await tell('pg-boss singletonKey, policy exclusive', pgBoss('exclusive', 'exclusive'));
await tell('graphile-worker jobKey', graphile);
process.exit();
END
cat >"$work/main.go" <<'END'
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
)

func main() {
	redis := asynq.RedisClientOpt{Addr: "127.0.0.1:" + os.Getenv("REDIS_PORT"), DB: 1}
	orders, held := []string{"running", "done", "failed"}, make(chan bool)
	var charges [3]atomic.Int32
	mux := asynq.NewServeMux()
	for i, order := range orders {
		mux.HandleFunc(order, func(context.Context, *asynq.Task) error {
			charges[i].Add(1)
			switch order {
			case "running":
				<-held
			case "failed":
				return fmt.Errorf("%w: %w", errors.New("declined"), asynq.SkipRetry)
			}
			return nil
		})
	}
	if err := asynq.NewServer(redis, asynq.Config{Concurrency: 5, LogLevel: asynq.FatalLevel}).Start(mux); err != nil {
		panic(err)
	}
	client := asynq.NewClient(redis)
	for _, order := range orders {
		for range 2 {
			client.Enqueue(asynq.NewTask(order, nil), asynq.TaskID("charge-"+order))
			time.Sleep(1500 * time.Millisecond)
		}
	}
	fmt.Printf("asynq TaskID: again while it runs %d, after it is done %d, after it failed %d\n",
		charges[0].Load(), charges[1].Load(), charges[2].Load())
}
END
node --no-warnings "$work/queues.mjs" >"$work/seen" 2>/dev/null
run_go main.go >>"$work/seen" 2>/dev/null
behaves <<'END'
BullMQ jobId: again while it runs 1, after it is done 1, after it failed 1
BullMQ jobId, removeOnComplete and removeOnFail: again while it runs 1, after it is done 2, after it failed 2
pg-boss singletonKey: again while it runs 2, after it is done 2, after it failed 2
pg-boss singletonKey, policy exclusive: again while it runs 1, after it is done 2, after it failed 2
graphile-worker jobKey: again while it runs 2, after it is done 2, after it failed 2
asynq TaskID: again while it runs 1, after it is done 2, after it failed 1
END
