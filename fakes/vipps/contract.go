package vipps

import (
	_ "embed"
	"sync"

	"github.com/unhappypath/unhappypath/fakes/contract"
)

// Document is the OpenAPI document that every accepted request and every
// answer of the fake is checked against.
//
//go:embed openapi.yaml
var Document []byte

// loadContract compiles the document, once for all providers of the process.
var loadContract = sync.OnceValues(func() (*contract.Contract, error) { return contract.Load(Document) })
