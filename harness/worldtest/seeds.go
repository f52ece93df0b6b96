package worldtest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
)

// Replays is how often each seed is enacted.
const Replays = 5

// Unlike enacts every seed from 1 on Replays times, and returns those whose
// records are not the same to the byte, with the first line in which two differ.
// A run that the harness could not finish is an error.
func Unlike(seeds int, enact func(seed uint64) *judge.Run) (differ []uint64, where string, err error) {
	for seed := uint64(1); seed <= uint64(seeds); seed++ {
		first := ""
		for range Replays {
			text, err := written(enact(seed))
			if err != nil {
				return differ, where, fmt.Errorf("seed %d: %w", seed, err)
			}
			if first == "" {
				first = text
			}
			if text != first {
				differ, where = append(differ, seed), difference(first, text)
				break
			}
		}
	}
	return differ, where, nil
}

// written is the run's record without what is not of the story: when and how
// long, in real time.
func written(r *judge.Run) (string, error) {
	if r.Failure != "" {
		return "", errors.New(r.Failure)
	}
	r.Began, r.Took = time.Time{}, 0
	var b bytes.Buffer
	record := record.NewWriter(&b)
	record.Write(r)
	return b.String(), record.Err()
}

// difference shows the first line in which two records differ.
func difference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("line %d:\n%s\n%s", i+1, left[i], right[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(left), len(right))
}
