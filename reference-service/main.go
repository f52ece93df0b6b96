// The reference service: a checkout that keeps its promises when its network,
// its database, its payment provider or its customers do not. Run it with
// -help for its settings.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/unhappypath/unhappypath/reference-service/checkout"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := checkout.Main(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
