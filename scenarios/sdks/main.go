// Command sdks measures what payment providers' own clients do when a payment's creation
// goes wrong: how many requests come, under which idempotency keys, how many payments are
// made, and what the caller hears. The clients are real, and pinned but for Debian's
// (testdata/clients); the provider is a fake, and a tap before it deals the faults.
//
//	go run ./scenarios/sdks                  # compares with docs/clients.md
//	go run ./scenarios/sdks -update          # writes it
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	folder := flag.String("clients", "scenarios/sdks/testdata/clients", "the folder of the clients")
	page := flag.String("page", "docs/clients.md", "the page that has the table")
	update := flag.Bool("update", false, "write the page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *folder, *page, *update)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sdks:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, folder, page string, update bool) (err error) {
	built, err := os.MkdirTemp("", "sdks-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(built)) }()
	list, err := prepare(ctx, folder, built)
	if err != nil {
		return err
	}
	measured, err := measureAll(ctx, list)
	if err != nil {
		return err
	}
	table := render(measured)
	fmt.Print(table)
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, old, found := strings.Cut(string(text), mark)
	switch {
	case !found:
		return fmt.Errorf("%s has no line %q, after which the table stands", page, strings.TrimSpace(mark))
	case update:
		return os.WriteFile(page, []byte(before+mark+table), 0o644)
	case old != table:
		return fmt.Errorf("%s says otherwise: %s; -update writes it anew", filepath.ToSlash(page), firstDifference(old, table))
	}
	return nil
}

// firstDifference is the first line in which two tables differ.
func firstDifference(old, now string) string {
	was, is := strings.Split(old, "\n"), strings.Split(now, "\n")
	for i, line := range is {
		if i >= len(was) {
			return fmt.Sprintf("it lacks %q", line)
		}
		if was[i] != line {
			return fmt.Sprintf("%q is now %q", was[i], line)
		}
	}
	return fmt.Sprintf("it ends with %q", was[len(is)])
}
