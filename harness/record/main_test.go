package record_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(holds); path != "" {
		holdLock(path)
	}
	goleak.VerifyTestMain(m)
}
