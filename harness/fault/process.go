package fault

// Process faults hit a process of the shop.
const (
	Kill      Kind = "kill"
	KillAfter Kind = "kill_after"
	Pause     Kind = "pause"
)

// Shop names the shop as a process, whichever of its processes that is: the one at an end
// of the message that is the trigger, or else the one that serves its customers.
const Shop = "checkout"

var processFaults = []Spec{
	{
		Kind: Kill, Does: "a process is killed (SIGKILL), and started again when the injection heals",
		Takes: []Parameter{Process},
		Dealt: OnProcess, Proof: told, Builder: "Kills",
		Process: &OfProcess{Begin: Processes.Kill, End: Processes.Revive, LosesMessage: true},
		Tries: on(AProcess, func(s Spot) (list []Try) {
			for _, d := range absence {
				list = append(list, Try{Fault{Kind: Kill, Process: s.Name}, d, Early})
			}
			return list
		}),
		Rows: on(AProcess, func(s Spot) []Fault { return []Fault{{Kind: Kill, Process: s.Name}} }),
	},
	{
		Kind: KillAfter, Does: "the answer goes on, and the process is killed then (SIGKILL), and started again when the injection heals",
		Takes: []Parameter{Process},
		Check: ofAnswers,
		Dealt: OnProcess, Proof: told, Builder: "KillsAfter",
		Process: &OfProcess{Begin: Processes.Kill, End: Processes.Revive, Again: true},
		Untried: "it differs from kill for what the shop itself answers, of which a directed story hits each notice of the provider",
		Rows: on(AProcess, func(s Spot) []Fault {
			if s.Phase == Arrives {
				return nil
			}
			return []Fault{{Kind: KillAfter, Process: s.Name}}
		}),
	},
	{
		Kind: Pause, Does: "a process stands still (SIGSTOP), and goes on when the injection heals",
		Takes: []Parameter{Process},
		Dealt: OnProcess, Proof: told, Builder: "Pauses",
		Process: &OfProcess{Begin: Processes.Pause, End: Processes.Resume},
		Untried: "only one world can stage it",
		Rows:    on(AProcess, func(s Spot) []Fault { return []Fault{{Kind: Pause, Process: s.Name}} }),
		Only:    "wire", Why: "goroutines cannot be stopped as SIGSTOP stops a process",
	},
}
