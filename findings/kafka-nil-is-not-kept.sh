#!/usr/bin/env bash
# An order is written to Kafka by kafka-go, and the broker refuses it.
#
# Shown: kafka.Writer{Addr, Topic}, as its manual has it, asks for no acknowledgement. WriteMessages
# returns nil where the broker refused the message, since it leads that partition no more; it closes the
# connection, which is all that Kafka can do then, and nobody hears of it. The older kafka.NewWriter of
# the same package asks for all replicas and has the error, and so has franz-go.
# Versions: kafka-go 0.4.51, franz-go 1.22.3 and its broker for tests, kfake, Go 1.26.
# Why a checkout cares: the customer is told "ordered" and the order is nowhere, in just the minutes in
# which a broker goes and another one leads. A move from NewWriter to Writer{} brings that without a word.
# Instead: RequiredAcks: kafka.RequireAll in each Writer; a test whose broker refuses.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "WriteMessages waits for the broker, and nil means that it has the message"
go_install github.com/segmentio/kafka-go@v0.4.51 github.com/twmb/franz-go@v1.22.3 github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c github.com/twmb/franz-go/pkg/kmsg@v1.15.1
cat >"$work/main.go" <<'END'
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// refusing starts a broker that refuses every message, and tells which acknowledgements it was asked for.
func refusing() (address string, acks chan int16, stop func()) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	if err != nil { panic(err) }
	acks = make(chan int16, 100)
	cluster.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		produce := request.(*kmsg.ProduceRequest)
		acks <- produce.Acks
		if produce.Acks == 0 { return nil, errors.New("closed"), true } // no answer is wanted; Kafka closes the connection
		answer := produce.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range produce.Topics {
			told := kmsg.NewProduceResponseTopic()
			told.Topic, told.TopicID = topic.Topic, topic.TopicID
			for _, asked := range topic.Partitions {
				partition := kmsg.NewProduceResponseTopicPartition()
				partition.Partition, partition.ErrorCode = asked.Partition, kerr.NotLeaderForPartition.Code
				told.Partitions = append(told.Partitions, partition)
			}
			answer.Topics = append(answer.Topics, told)
		}
		return answer, nil, true
	})
	return cluster.ListenAddrs()[0], acks, cluster.Close
}

func write(writer *kafka.Writer) error {
	writer.Transport, writer.MaxAttempts, writer.BatchTimeout = &kafka.Transport{}, 1, 10*time.Millisecond
	return writer.WriteMessages(context.Background(), kafka.Message{Value: []byte("order 1")})
}

func main() {
	for _, way := range []struct {
		name string
		send func(address string) error
	}{
		{"kafka-go, Writer{Addr, Topic}", func(address string) error {
			return write(&kafka.Writer{Addr: kafka.TCP(address), Topic: "orders"})
		}},
		{"kafka-go, Writer{RequiredAcks: RequireAll}", func(address string) error {
			return write(&kafka.Writer{Addr: kafka.TCP(address), Topic: "orders", RequiredAcks: kafka.RequireAll})
		}},
		{"kafka-go, NewWriter", func(address string) error {
			return write(kafka.NewWriter(kafka.WriterConfig{Brokers: []string{address}, Topic: "orders"}))
		}},
		{"franz-go", func(address string) error {
			client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.DefaultProduceTopic("orders"), kgo.RecordRetries(0))
			if err != nil { panic(err) }
			defer client.Close()
			return client.ProduceSync(context.Background(), kgo.StringRecord("order 1")).FirstErr()
		}},
	} {
		address, acks, stop := refusing()
		err := way.send(address)
		fmt.Printf("%s: error %t, asked for acknowledgements: %d\n", way.name, err != nil, <-acks)
		stop()
	}
}
END
run_go main.go >"$work/seen"
behaves <<'END'
kafka-go, Writer{Addr, Topic}: error false, asked for acknowledgements: 0
kafka-go, Writer{RequiredAcks: RequireAll}: error true, asked for acknowledgements: -1
kafka-go, NewWriter: error true, asked for acknowledgements: -1
franz-go: error true, asked for acknowledgements: -1
END
