package target

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Document is a file of YAML that was read: what is wrong with it has a place.
type Document struct {
	Folder string // the one that it lies in
	name   string
	root   *yaml.Node
}

// ReadDocument reads a file of a form that is not a shop's into a value, and holds it to
// a JSON Schema. Of what the Problems are about, nothing was read.
func ReadDocument(path, schema string, into any) (*Document, Problems, error) {
	path, text, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	d := &Document{Folder: filepath.Dir(path), name: filepath.Base(path)}
	if d.root, err = readYAML(d.name, text); err != nil {
		wrong := Problems(nil)
		if errors.As(err, &wrong) {
			return d, wrong, nil
		}
		return nil, nil, err
	}
	found := append(dropTwins(d.name, d.root), againstSchema(d.name, d.root, schema)...)
	found.sort()
	if err := d.root.Decode(into); err != nil && len(found) == 0 {
		return nil, nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return d, found, nil
}

// Problem is one thing that the document must not say, at that place.
func (d *Document) Problem(says string, place ...string) Problem {
	n := nodeAt(d.root, place)
	return Problem{File: d.name, Line: n.Line, Column: n.Column, Place: spell(place), Says: says, at: place}
}

// Alone is a service without the shop around it, of a file in that folder.
func Alone(s Service, folder string) *Target { return &Target{Service: s, folder: folder} }

// CheckAlone says what is wrong with such a service, by its place below service: its
// program, its folder and the addresses in it. Names are the facts that it may name.
func (t *Target) CheckAlone(tell func(says string, place ...string)) {
	for name, text := range t.Service.Environment {
		tell(t.leadsElsewhere(text), "environment", name)
	}
	for i, word := range t.Service.Command {
		tell(t.leadsElsewhere(word), "command", fmt.Sprint(i))
	}
	folder, err := t.workFolder(t.Service.Folder)
	if err != nil {
		tell(err.Error(), "folder")
		return
	}
	if _, err = t.program(t.Service.Command[0]); err != nil {
		tell(err.Error(), "command", "0")
	} else if err = script(folder, t.Service.Command); err != nil {
		tell(err.Error(), "command", "1")
	}
}

// readFile reads a description, which has a limit.
func readFile(path string) (absolute string, text []byte, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return "", nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", nil, fmt.Errorf("the target's file: %w", err)
	}
	defer file.Close()
	text, err = io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("it has more than %d bytes", maxFile)
	}
	if err != nil {
		return "", nil, fmt.Errorf("the target's file %s: %w", path, err)
	}
	return path, text, nil
}

// readYAML is the one document that a text holds.
func readYAML(name string, text []byte) (*yaml.Node, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s is empty: it is to describe your shop; begin with “version: 1”", name)
	case err != nil:
		if tab := tabIn(name, text); tab != nil {
			return nil, tab
		}
		return nil, fmt.Errorf("%s is no YAML: %w", name, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s holds more than one document: a file describes one shop", name)
	}
	return document.Content[0], nil
}

// tabIn says where a tab indents a line, which YAML does not allow.
func tabIn(name string, text []byte) Problems {
	for i, line := range bytes.Split(text, []byte("\n")) {
		indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		if at := bytes.IndexByte(indent, '\t'); at >= 0 {
			return Problems{{File: name, Line: i + 1, Column: at + 1, Says: "a tab cannot indent a line of YAML: write spaces"}}
		}
	}
	return nil
}

// Each visits every text of the document, names included, with its place.
func (d *Document) Each(visit func(text string, place ...string)) { each(d.root, visit) }

func each(n *yaml.Node, visit func(string, ...string), place ...string) {
	if n == nil {
		return
	}
	if n.Kind == yaml.ScalarNode {
		visit(n.Value, place...)
	}
	for i, below := range n.Content {
		name := strconv.Itoa(i)
		if n.Kind == yaml.MappingNode {
			name = n.Content[i-i%2].Value
		}
		each(below, visit, append(slices.Clone(place), name)...)
	}
}
