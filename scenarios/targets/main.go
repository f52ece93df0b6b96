// Command targets is the harness's examination at shops that nobody here links with:
// the sample shops have defects of real shops behind switches, and each must be found by
// exploring a purchase, while its harmless twin is left alone.
//
// The list is scenarios/testdata/targets/defects.yaml. With -directed nothing is
// explored: each defect is shown by the schedule that it is listed with, which proves
// that it is one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	only := flag.String("only", "", "defects whose names contain this; all of them by default")
	isDirected := flag.Bool("directed", false, "stage the schedules of the list, and explore nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *only, *isDirected); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// all is the folder of the sample shops, seen from the module's root.
var all = filepath.Join("scenarios", "testdata", "targets")

func run(ctx context.Context, only string, isDirected bool) error {
	list, err := readList(filepath.Join(all, "defects.yaml"))
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(d defect) bool { return !strings.Contains(d.Name, only) })
	if len(list) == 0 {
		return fmt.Errorf("there is no defect whose name contains %q in %s, seen from the module's root", only, all)
	}
	folder, err := os.MkdirTemp("", "unhappypath-targets-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s := newShops(all, folder)
	if isDirected {
		return directed(ctx, s, list, os.Stdout)
	}
	return nil
}
