#!/usr/bin/env bash
# BullMQ: one queue.add() whose answer is lost is two jobs.
#
# Shown: the connection dies after Redis has stored the job and before the answer. ioredis, which
# BullMQ uses, sends the script again by default; without a jobId the second run makes a second
# job. add() resolves, once, with the second job's id. With a jobId there is one job.
# Versions: bullmq 6.7.0, ioredis 6.0.0 (Node), Redis 7.0 from Debian.
# Why a checkout cares: each job charges the card (or ships, or refunds); the shop knows one job,
# the queue has two, and no error is written anywhere.
# Instead: give every job that moves money a jobId made of the order (`charge-<order>`), and let
# the job itself ask whether the order has been charged.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "one add() that resolves is one job"
start_redis
npm_install bullmq@6.7.0 ioredis@6.0.0
cat >"$work/shop.js" <<'END'
const net = require('net');
const { Queue, Worker } = require('bullmq');
let losses = 0;
const hop = net.createServer((client) => {
  const redis = net.connect(process.env.REDIS_PORT, '127.0.0.1');
  let lost = false;
  client.on('data', (data) => {
    if (losses > 0 && data.includes('charge the card')) {
      losses--;
      lost = true; // Redis gets the command; its answer is not passed on
    }
    redis.write(data);
  });
  redis.on('data', (data) => (lost ? client.destroy() : client.write(data)));
  client.on('error', () => {}).on('close', () => redis.destroy());
  redis.on('error', () => {}).on('close', () => client.destroy());
}).listen(0, '127.0.0.1', async () => {
  const queue = new Queue('payments', { connection: { host: '127.0.0.1', port: hop.address().port } });
  queue.on('error', () => {});
  await queue.waitUntilReady();
  await queue.add('warm', {}); // the queue's scripts are loaded now
  const charges = {};
  const worker = new Worker('payments', async (job) => {
    charges[job.data.order] = (charges[job.data.order] ?? 0) + 1;
  }, { connection: { host: '127.0.0.1', port: +process.env.REDIS_PORT } });
  for (const [order, options] of [['without a jobId', {}], ['with a jobId', { jobId: 'charge-2' }]]) {
    losses = 1;
    const added = await queue.add('charge the card', { order }, options).then(() => 'resolves', () => 'rejects');
    await new Promise((done) => setTimeout(done, 1500));
    console.log(`${order}: add() ${added}, the card is charged ${charges[order]} times`);
  }
  process.exit();
});
END
node "$work/shop.js" >"$work/seen"
behaves <<'END'
without a jobId: add() resolves, the card is charged 2 times
with a jobId: add() resolves, the card is charged 1 times
END
