package corpus

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/reports"
)

func TestTheSumFailsWithOneThatIsNotAsItShouldBe(t *testing.T) {
	found := reports.Defect{Name: "found", Caught: true, Story: Plain, After: time.Second}
	missed := reports.Defect{Name: "missed", Because: "nobody became unhappy"}
	alone := reports.Defect{Name: "alone", Harmless: true}
	accused := reports.Defect{Name: "accused", Harmless: true, Caught: true, Because: "a harmless twin was accused"}
	for name, row := range map[string]struct {
		all  []reports.Defect
		text string
		bad  string
	}{
		"all good":    {[]reports.Defect{found, alone}, "1 of 1 defects caught, 1 of them by exploring a plain purchase; 1 of 1 harmless changes left alone", ""},
		"missed":      {[]reports.Defect{found, missed}, "1 of 2 defects caught", "missed"},
		"accused":     {[]reports.Defect{found, alone, accused}, "1 of 2 harmless changes left alone", "accused"},
		"none at all": {[]reports.Defect{missed}, "0 of 1 defects caught", "missed"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := Sum(row.all)
			require.Contains(t, text, row.text)
			if row.bad == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.bad)
		})
	}
	require.Contains(t, Line(accused), "✖ accused")
	require.Contains(t, Line(alone), "✔ alone")
}
