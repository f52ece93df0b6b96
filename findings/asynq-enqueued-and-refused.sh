#!/usr/bin/env bash
# asynq: the charge is queued, and Enqueue says that it was refused.
#
# Shown: the connection dies after Redis has stored the task and before its answer. go-redis sends
# the script again, asynq made the task's id beforehand, so the second run meets the first and
# Enqueue returns ErrTaskIDConflict ("task ID conflicts with another task") to a caller who gave no
# id. The task runs. A caller who tries again, as one does with an error, has two.
# Version: asynq 0.26.0 (Go), Redis 7.0 from Debian.
# Why a checkout cares: the customer reads "failed" and is charged; with one more try, twice.
# Instead: give the id yourself (asynq.TaskID("charge-" + order)) and take ErrTaskIDConflict for
# success: it is queued. (With BullMQ the same fault makes two jobs: bullmq-add-twice.sh.)
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "Enqueue that returns an error has queued nothing, least of all under an id nobody chose"
start_redis
go_install github.com/hibiken/asynq@v0.26.0
cat >"$work/main.go" <<'END'
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"

	"github.com/hibiken/asynq"
)

// relay passes on to Redis; where a request holds the marker it closes the client's
// connection instead of giving it Redis' answer, once.
func relay(redis string, marker []byte, armed *atomic.Bool) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, _ := net.Dial("tcp", redis)
			var lost atomic.Bool
			go pass(server, client, func(data []byte) bool {
				if bytes.Contains(data, marker) && armed.CompareAndSwap(true, false) {
					lost.Store(true)
				}
				return true
			})
			go pass(client, server, func([]byte) bool { return !lost.Load() })
		}
	}()
	return listener.Addr().String()
}

func pass(to, from net.Conn, may func([]byte) bool) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err == io.EOF || err != nil || !may(buffer[:n]) {
			return
		}
		to.Write(buffer[:n])
	}
}

func main() {
	var lose atomic.Bool
	redis := "127.0.0.1:" + os.Getenv("REDIS_PORT")
	shop := asynq.NewClient(asynq.RedisClientOpt{Addr: relay(redis, []byte("order-1"), &lose)})
	queue := asynq.NewInspector(asynq.RedisClientOpt{Addr: redis})
	charges := func() int {
		tasks, err := queue.ListPendingTasks("default")
		if err != nil {
			panic(err)
		}
		return len(tasks) - 1 // without the first one
	}
	shop.Enqueue(asynq.NewTask("warm", nil)) // the script is loaded now
	charge := asynq.NewTask("charge", []byte("order-1"))
	lose.Store(true)
	_, err := shop.Enqueue(charge)
	fmt.Printf("Enqueue: %v (ErrTaskIDConflict: %v), charges queued: %d\n", err, errors.Is(err, asynq.ErrTaskIDConflict), charges())
	_, err = shop.Enqueue(charge)
	fmt.Printf("tried again: %v, charges queued: %d\n", err, charges())

	charge = asynq.NewTask("charge", []byte("order-1 under its own id"))
	lose.Store(true)
	_, err = shop.Enqueue(charge, asynq.TaskID("charge-1"))
	before := charges()
	_, again := shop.Enqueue(charge, asynq.TaskID("charge-1"))
	fmt.Printf("with TaskID: %v; tried again: %v, charges queued more: %d\n", err, again, charges()-before)
}
END
run_go main.go >"$work/seen"
behaves <<'END'
Enqueue: task ID conflicts with another task (ErrTaskIDConflict: true), charges queued: 1
tried again: <nil>, charges queued: 2
with TaskID: task ID conflicts with another task; tried again: task ID conflicts with another task, charges queued more: 0
END
