package process

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("a", maxLine)
	for name, c := range map[string]struct {
		writes []string
		want   []string
	}{
		"nothing":               {nil, nil},
		"one line":              {[]string{"a\n"}, []string{"a"}},
		"no end":                {[]string{"a\nb"}, []string{"a", "b"}},
		"empty lines":           {[]string{"\n\n"}, []string{"", ""}},
		"in pieces":             {[]string{"a", "b", "\n", "c\nd", "\n"}, []string{"ab", "c", "d"}},
		"windows":               {[]string{"a\r", "\nb\r\n"}, []string{"a", "b"}},
		"just long enough":      {[]string{long + "\nb\n"}, []string{long, "b"}},
		"cut, the rest dropped": {[]string{long + "x", "y\nb\n"}, []string{long, "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			l := &lines{turn: new(sync.Mutex), tell: func(b []byte) { got = append(got, string(b)) }}
			for _, w := range c.writes {
				n, err := l.Write([]byte(w))
				require.NoError(t, err)
				require.Equal(t, len(w), n)
			}
			l.flush()
			require.Equal(t, c.want, got)
		})
	}
}
