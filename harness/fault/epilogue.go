package fault

// Resubmit is the epilogue: when the story is over and she was told that she bought, a
// customer sends her last submit once more, the same bytes. A shop that remembers what it
// did sells nothing again.
const Resubmit Kind = "resubmit"

var epilogues = []Spec{{
	Kind: Resubmit, Does: "a customer who was told that she bought sends the same submit once more, after a restart of the shop where a process is named",
	Takes: []Parameter{MayRestart},
	Dealt: ByCustomer, Proof: told, Builder: "ResubmitsAfterRestarting", Plain: "Resubmits",
	Tries: on(AnEnd, func(s Spot) []Try { return []Try{{Fault{Kind: Resubmit, Process: s.Name}, 0, Early}} }),
	Rows:  on(AnEnd, func(s Spot) []Fault { return []Fault{{Kind: Resubmit, Process: s.Name}} }),
}}
