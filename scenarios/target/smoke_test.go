package target_test

import (
	"testing"
	"time"
	"fmt"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

func TestSmoke(t *testing.T) {
	shop, err := target.Load("../testdata/targets/node/naive.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Story{{ID: "plain", Plot: "x", Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold()
		}},
		{ID: "double", Plot: "x", Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.DoubleClicks()
			ana.WaitsToBeTold()
		}},
		{ID: "lost", Plot: "x", Strikes: Schedule{On(CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Hangs()}, Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.Waits(40*time.Second)
		}},
		} {
	own, why := shop.Story(s)
	if why != "" {
		t.Fatal(why)
	}
	r := Enact(t.Context(), own, Options{World: "wire", Pace: shop.Pace(), Seed: 1, Expects: "kept"}, shop.Wire(target.Hands{Ports: target.NewPorts(1)}))
	fmt.Println(r.Verdict(), r.Took, r.Sentence())
	fmt.Println(r.FailureText())
	}
}
