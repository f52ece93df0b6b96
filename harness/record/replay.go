package record

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Replay says how to enact a story once more with injections beside its own.
type Replay struct {
	Story      string             `json:"story"`
	Seed       uint64             `json:"seed"`
	Without    []string           `json:"without,omitempty"`    // safeguards switched off
	Injections injection.Schedule `json:"injections,omitempty"` // beside the story's own
}

// Versions of tokens. The older one names no operations, and calls injections strikes.
const (
	replayVersion    = "u2"
	oldReplayVersion = "u1"
)

// UnmarshalJSON reads what a token and a regression of any version say.
func (r *Replay) UnmarshalJSON(text []byte) error {
	type today Replay
	var read struct {
		today
		Strikes injection.Schedule `json:"strikes"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*r = Replay(read.today)
	r.Injections = append(r.Injections, read.Strikes...)
	return nil
}

// String is a token of one word that ParseReplay reads: the version, what is to
// be done, and a checksum, with dots between.
func (r Replay) String() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings and numbers
	}
	return fmt.Sprintf("%s.%s.%08x", replayVersion, base64.RawURLEncoding.EncodeToString(text), crc32.ChecksumIEEE(text))
}

// IsReplay says whether a text is meant as a token.
func IsReplay(text string) bool { return strings.Contains(text, ".") }

// ParseReplay reads a token.
func ParseReplay(token string) (Replay, error) {
	var r Replay
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return r, errors.New("a replay token has three parts with dots between, such as u2.eyJzd….1a2b3c4d: copy all of it")
	}
	if parts[0] != replayVersion && parts[0] != oldReplayVersion {
		return r, fmt.Errorf("this replay token is of version %q, and this suite reads %q and %q: replay it with the suite that printed it", parts[0], oldReplayVersion, replayVersion)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) != parts[2] {
		return r, errors.New("this replay token is damaged: its checksum does not fit; copy all of it once more")
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return Replay{}, fmt.Errorf("this replay token says nothing that can be enacted: %w", err)
	}
	return r, r.Check()
}

// Check says what is wrong with the replay, or nil.
func (r Replay) Check() error {
	if !judge.IsStoryID(r.Story) {
		return fmt.Errorf("%q is no story id: want words in lower case with hyphens between", r.Story)
	}
	for _, s := range r.Injections {
		if err := s.Check(); err != nil {
			return err
		}
	}
	return nil
}
