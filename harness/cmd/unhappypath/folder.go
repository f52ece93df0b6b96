package main

import (
	"errors"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/reports"
)

// WIRE AT MERGE: the body is “return reports.WriteFolder(dir, runs, about)”.
func writeFolder(_ string, _ []*harness.Run, _ reports.About) error {
	return errors.New("--folder: this build has no multi-page form")
}
