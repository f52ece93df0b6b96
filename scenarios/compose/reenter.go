package compose

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/unhappypath/unhappypath/reference-service/checkout"
)

// role is the first argument that makes a program that calls Reenter the shop.
const role = "reference-service"

// Reenter turns this process into the reference shop where it was started as
// one, and returns otherwise. A program that stages the shop calls it first
// thing in main or TestMain: so the shop is a real process of its own without
// a build step, and a prebuilt suite needs no Go.
func Reenter() {
	if len(os.Args) < 2 || os.Args[1] != role {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := checkout.Main(ctx, os.Args[2:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
