package fault

// Space is where a fault comes from.
type Space string

// The spaces, in the order in which they are told.
const (
	Messages Space = "messages" // lost, late, twice, refused, changed, and the bytes on a hop
	Machines Space = "machines" // processes that die or stand still, tokens that the provider forgets
	People   Space = "people"   // what customers decide at the provider, do to their computers, and do once more
)

// Spaces are all of them.
func Spaces() []Space { return []Space{Messages, Machines, People} }

// Space is the kind's.
func (s Spec) Space() Space {
	switch s.Dealt {
	case OnProcess, AtProvider:
		return Machines
	case ByCustomer, ByDecision, OnLid:
		return People
	}
	return Messages
}
