package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/authority"
)

// client is a provider's own client in a program that creates one payment.
type client struct {
	Name     string
	Provider string
	Command  []string
	// NoTimeout says that the client has no time-out that a caller could set.
	NoTimeout bool `json:"no_timeout"`
	// TLS says that the client calls addresses of HTTPS only.
	TLS bool `json:"tls"`

	folder  string
	by      *authority.Authority // that it trusts; nil: it needs none
	trusted string               // the file with its certificate
}

// step is what has to be there before a client can run.
type step struct {
	Program string // that is needed
	From    string // where it comes from
	Folder  string
	Command []string
}

// prepare reads the list of clients and installs them.
func prepare(ctx context.Context, folder, built string) ([]client, error) {
	text, err := os.ReadFile(filepath.Join(folder, "clients.json"))
	if err != nil {
		return nil, err
	}
	var file struct {
		Prepare []step
		Clients []client
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("clients.json: %w", err)
	}
	filled := func(words []string) (list []string) {
		for _, word := range words {
			list = append(list, strings.ReplaceAll(word, "${built}", built))
		}
		return list
	}
	for _, s := range file.Prepare {
		words := filled(s.Command)
		c := exec.CommandContext(ctx, words[0], words[1:]...)
		c.Dir = filepath.Join(folder, s.Folder)
		if out, err := c.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s is needed (%s): %s: %w\n%s", s.Program, s.From, strings.Join(words, " "), err, out)
		}
	}
	by, err := authority.New()
	if err != nil {
		return nil, err
	}
	trusted := filepath.Join(built, "ca.pem")
	if err := os.WriteFile(trusted, by.PEM(), 0o600); err != nil {
		return nil, err
	}
	for i := range file.Clients {
		c := &file.Clients[i]
		c.folder, c.Command = folder, filled(c.Command)
		if c.TLS {
			c.by, c.trusted = by, trusted
		}
	}
	return file.Clients, nil
}

// heard is what the caller of a client heard.
type heard struct {
	Version string
	Heard   string // "a payment", or the error's class
	Status  int    // 0: none
}

func (h heard) String() string {
	if h.Status == 0 {
		return h.Heard
	}
	return fmt.Sprintf("%s, status %d", h.Heard, h.Status)
}

// longest is how long a client may try: five minutes are more than any needs here.
const longest = 5 * time.Minute

// buys lets the client create a payment at the address, with these facts of its account.
func (c client) buys(ctx context.Context, address string, facts map[string]string, timeout time.Duration) (heard, error) {
	ctx, stop := context.WithTimeout(ctx, longest)
	defer stop()
	command := exec.CommandContext(ctx, c.Command[0], c.Command[1:]...)
	command.Dir = c.folder
	command.Env = append(os.Environ(), "FAKE="+address, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	for name, value := range facts {
		command.Env = append(command.Env, strings.ToUpper(name)+"="+value)
	}
	if c.by != nil {
		command.Env = append(command.Env, "NODE_EXTRA_CA_CERTS="+c.trusted)
	}
	if timeout > 0 && !c.NoTimeout {
		command.Env = append(command.Env, fmt.Sprintf("TIMEOUT_MS=%d", timeout.Milliseconds()))
	}
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	err := command.Run()
	var said heard
	if err == nil {
		err = json.Unmarshal(out.Bytes(), &said)
	}
	if err != nil {
		return heard{}, fmt.Errorf("%s: %w\n%s%s", strings.Join(c.Command, " "), err, out.Bytes(), errors.Bytes())
	}
	return said, nil
}
