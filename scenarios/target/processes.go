package target

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/harness/fault"
)

// Process is a process of the shop. What is said under service goes for all of them.
type Process struct {
	Name        string            `yaml:"-"`
	Command     []string          `yaml:"command"`
	Folder      string            `yaml:"folder"`
	Environment map[string]string `yaml:"environment"`
	Ready       Ready             `yaml:"ready"`
	Serves      bool              `yaml:"serves"` // its customers and the provider reach it
	Replicas    int               `yaml:"replicas"`
}

// processes are in the order of the file, in which they are started.
type processes []Process

// UnmarshalYAML implements yaml.Unmarshaler.
func (p *processes) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return unread(n, fmt.Errorf("processes have names"))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		one := Process{Name: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&one); err != nil {
			return err
		}
		*p = append(*p, one)
	}
	return nil
}

// Shop are the processes as they are started: the service's own, or those that have names.
func (t *Target) Shop() (list []Process) {
	s := t.Service
	if len(t.Processes) == 0 {
		return []Process{{Name: fault.Shop, Command: s.Command, Folder: s.Folder, Environment: s.Environment, Ready: s.Ready, Serves: true, Replicas: s.Replicas}}
	}
	for _, p := range t.Processes {
		own := p
		own.Environment = maps.Clone(s.Environment)
		if own.Environment == nil {
			own.Environment = map[string]string{}
		}
		maps.Copy(own.Environment, p.Environment)
		if own.Folder == "" {
			own.Folder = s.Folder
		}
		list = append(list, own)
	}
	return list
}

// Names are what its replicas are called: by its own name where there is one only.
func (p Process) Names() []string {
	if p.Replicas < 2 {
		return []string{p.Name}
	}
	names := make([]string, p.Replicas)
	for i := range names {
		names[i] = p.Name + "-" + strconv.Itoa(i+1)
	}
	return names
}

// NoPort is what is said of a process that is nowhere told at which port it is to listen.
const NoPort = "neither its command nor its environment names ${service.port}"

// KnowsPort says whether a process is told where it is to listen, or the command that
// runs before it, which may write that down.
func (t *Target) KnowsPort(p Process) bool {
	texts := slices.Concat(slices.Collect(maps.Values(p.Environment)), p.Command, t.Reset.Command)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, "${service.port}") })
}

// KnowsPorts says whether each process that is started and serves does.
func (t *Target) KnowsPorts() bool {
	return t.Service.URL != "" || !slices.ContainsFunc(t.Shop(), func(p Process) bool { return p.Serves && !t.KnowsPort(p) })
}

// ProcessNames are those of all processes, in the order in which they start.
func (t *Target) ProcessNames() (names []string) {
	for _, p := range t.Shop() {
		names = append(names, p.Names()...)
	}
	return names
}

// noProcess says what is wrong with the name of a process in an injection, or "".
func (t *Target) noProcess(name string) string {
	names := t.ProcessNames()
	if name == "" || name == fault.Shop || t.Service.URL != "" || slices.Contains(names, name) {
		return ""
	}
	valid := []string{"“" + fault.Shop + "”"}
	for _, own := range names {
		if own != fault.Shop {
			valid = append(valid, "“"+own+"”")
		}
	}
	return fmt.Sprintf("there is no process %q: there is %s", name, strings.Join(valid, ", "))
}

// checkProcesses looks whether one of them serves, and is what is started.
func (t *Target) checkProcesses(tell func(string, ...string)) {
	if len(t.Processes) == 0 {
		return
	}
	s := t.Service
	for name, is := range map[string]bool{"command": s.Command != nil, "url": s.URL != "", "ready": s.Ready != Ready{}, "replicas": s.Replicas != 0} {
		if is {
			tell("say this of one of the processes: where there are several, service is what all of them have", "service", name)
		}
	}
	var serving []string
	taken := map[string]bool{}
	for _, p := range t.Processes {
		at := []string{"processes", p.Name}
		if slices.Contains(ours, p.Name) {
			tell(fmt.Sprintf("%s is a name of the harness: give the process another one, such as web", p.Name), at...)
		}
		for _, name := range p.Names() {
			if taken[name] {
				tell(fmt.Sprintf("two processes are called %s: give one of them another name", name), at...)
			}
			taken[name] = true
		}
		if p.Serves {
			serving = append(serving, p.Name)
		} else if p.Ready.Get != "" {
			tell("only the process that serves can be asked: say ready: {line: …} with what this one prints, or leave it out", append(at, "ready", "get")...)
		}
		t.checkTexts(tell, p.Environment, append(slices.Clone(at), "environment")...)
		t.checkWords(tell, p.Command, append(slices.Clone(at), "command")...)
	}
	switch len(serving) {
	case 0:
		tell("say serves: true of the process that listens at ${service.port}", "processes")
	case 1:
	default:
		tell(fmt.Sprintf("one process serves, and these say so: %s; where they are alike, say replicas: 2 of one", strings.Join(serving, ", ")), "processes", serving[1], "serves")
	}
}

// checkTexts and checkWords look at the environment and at the command of a process.
func (t *Target) checkTexts(tell func(string, ...string), environment map[string]string, place ...string) {
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		at := append(slices.Clone(place), name)
		tell(t.unknownFact(environment[name]), at...)
		tell(t.leadsElsewhere(environment[name]), at...)
	}
}

func (t *Target) checkWords(tell func(string, ...string), words []string, place ...string) {
	for i, word := range words {
		at := append(slices.Clone(place), strconv.Itoa(i))
		tell(t.unknownFact(word), at...)
		tell(t.leadsElsewhere(word), at...)
	}
}
