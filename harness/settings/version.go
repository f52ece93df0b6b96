package settings

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// What is built, where the linker is told: “go test -c” does not stamp a program.
var commit, toxiproxy string

// VersionOf says, one fact a line, which build of a program this is.
func VersionOf(program string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	revision := commit
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = cmp.Or(revision, s.Value)
		}
	}
	var text strings.Builder
	say := func(what, is string) { fmt.Fprintf(&text, "%-10s %s\n", what, cmp.Or(is, "unknown")) }
	say(program, cmp.Or(info.Main.Version, "(devel)"))
	say("commit", revision)
	say("go", fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH))
	say("toxiproxy", toxiproxy)
	return text.String()
}
