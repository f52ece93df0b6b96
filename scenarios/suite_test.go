package scenarios_test

import (
	"testing"

	"github.com/unhappypath/unhappypath/scenarios"
)

func TestMain(m *testing.M) { scenarios.Main(m) }

func TestScenarios(t *testing.T) { scenarios.RunStories(t) }
