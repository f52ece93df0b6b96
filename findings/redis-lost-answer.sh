#!/usr/bin/env bash
# A stock counter and a lock in Redis, and one lost answer.
#
# Shown: when the connection dies between Redis having executed a command and its answer,
# ioredis and go-redis send the command again by default. DECR counts twice and SET NX tells
# the holder of a lock that someone else holds it; neither call returns an error.
# node-redis reports the error and sends nothing again.
# Versions: ioredis 6.0.0, redis 6.3.1 (Node), go-redis 9.23.0, Redis 7.0 from Debian.
# Why a checkout cares: two goods leave the stock for one purchase; a buyer is locked out of
# her own order until the lock expires ("another payment is in progress").
# Instead: give counters and locks an owner that the command checks: SET NX with a random value,
# then GET and compare after null; a stock movement as a row or a script that knows the order id.
# Or switch re-sending off: ioredis `maxRetriesPerRequest: 0`, go-redis `MaxRetries: -1`. Not by
# ioredis' `autoResendUnfulfilledCommands: false`: then the call never settles.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a command whose answer was lost ends in an error; DECR and SET NX are not repeated unasked"
start_redis
npm_install ioredis@6.0.0 redis@6.3.1
go_install github.com/redis/go-redis/v9@v9.23.0

cat >"$work/relay.js" <<'END'
// Passes everything on to Redis; where a request holds the marker, it waits for Redis'
// answer and then closes the client's connection without it. Once per marker.
const net = require('net');
exports.relay = () => new Promise((ready) => {
  const relay = { marker: null, requests: 0 };
  const server = net.createServer((client) => {
    const redis = net.connect(process.env.REDIS_PORT, '127.0.0.1');
    let lost = false;
    client.on('data', (data) => {
      if (relay.marker && data.toString().toUpperCase().includes(relay.marker)) {
        relay.requests++;
        lost = relay.requests === 1;
      }
      redis.write(data);
    });
    redis.on('data', (data) => (lost ? client.destroy() : client.write(data)));
    client.on('error', () => {}).on('close', () => redis.destroy());
    redis.on('error', () => {}).on('close', () => client.destroy());
  }).listen(0, '127.0.0.1', () => {
    relay.port = server.address().port;
    ready(relay);
  });
  relay.lose = (marker) => Object.assign(relay, { marker, requests: 0 });
});
END
cat >"$work/node.js" <<'END'
const { relay } = require('./relay');
const { spawn } = require('child_process');
const Redis = require('ioredis');
const { createClient } = require('redis');
(async () => {
  const books = new Redis(process.env.REDIS_PORT, '127.0.0.1');
  const told = async (call) => { try { return await Promise.race([call, silence()]); } catch { return 'an error'; } };
  const silence = () => new Promise((done) => setTimeout(done, 3000, 'nothing for 3 s'));
  const tell = async (name, hop, decr, lock) => {
    await books.mset('stock', 10, 'x', 0);
    await books.del('lock');
    hop.lose('DECR');
    console.log(`${name}: DECR of 10 returns ${await told(decr())}, the stock is ${await books.get('stock')}`);
    hop.lose('NX');
    console.log(`${name}: SET NX returns ${await told(lock())}, the lock is held by ${await books.get('lock')}`);
  };
  let hop;
  for (const [name, options] of [['ioredis', {}], ['ioredis, maxRetriesPerRequest 0', { maxRetriesPerRequest: 0 }],
    ['ioredis, autoResendUnfulfilledCommands false', { autoResendUnfulfilledCommands: false }]]) {
    hop = await relay();
    const io = new Redis(hop.port, '127.0.0.1', options).on('error', () => {});
    await io.ping();
    await tell(name, hop, () => io.decr('stock'), () => io.set('lock', 'me', 'EX', 60, 'NX'));
  }
  hop = await relay();
  const plain = createClient({ url: `redis://127.0.0.1:${hop.port}` }).on('error', () => {});
  await plain.connect();
  await tell('node-redis', hop, () => plain.decr('stock'), () => plain.set('lock', 'me', { NX: true, EX: 60 }));
  hop = await relay();
  const go = (what) => () => new Promise((done) => {
    let out = '';
    spawn('./shop', [`127.0.0.1:${hop.port}`, what], { cwd: __dirname })
      .on('close', () => done(out.trim())).stdout.on('data', (d) => (out += d));
  });
  await tell('go-redis', hop, go('decr'), go('lock'));
  process.exit();
})();
END
cat >"$work/shop.go" <<'END'
package main

import ("context"; "fmt"; "os"; "time"; "github.com/redis/go-redis/v9")

func main() {
	ctx, client := context.Background(), redis.NewClient(&redis.Options{Addr: os.Args[1]})
	var answer any
	var err error
	if os.Args[2] == "decr" {
		answer, err = client.Decr(ctx, "stock").Result()
	} else {
		answer, err = client.SetNX(ctx, "lock", "me", time.Minute).Result()
	}
	if err != nil { answer = "an error" }
	fmt.Println(answer)
}
END
(cd "$work" && go mod tidy 2>/dev/null && go build -o shop shop.go)
node "$work/node.js" >"$work/seen"
behaves <<'END'
ioredis: DECR of 10 returns 8, the stock is 8
ioredis: SET NX returns null, the lock is held by me
ioredis, maxRetriesPerRequest 0: DECR of 10 returns an error, the stock is 9
ioredis, maxRetriesPerRequest 0: SET NX returns an error, the lock is held by me
ioredis, autoResendUnfulfilledCommands false: DECR of 10 returns nothing for 3 s, the stock is 9
ioredis, autoResendUnfulfilledCommands false: SET NX returns nothing for 3 s, the lock is held by me
node-redis: DECR of 10 returns an error, the stock is 9
node-redis: SET NX returns an error, the lock is held by me
go-redis: DECR of 10 returns 8, the stock is 8
go-redis: SET NX returns false, the lock is held by me
END
