package cast

import (
	"errors"
	"net"
	"strconv"
	"sync"
)

// Ports gives services ports to listen at. They lie below those that a system
// hands out to whoever asks for any: a service that is killed and started again
// finds its port as it left it.
type Ports struct {
	mu   sync.Mutex
	next int
}

// The range that ports are taken from, in turn.
const (
	firstPort = 20000
	lastPort  = 31999
)

// NewPorts begins at a place that differs from process to process.
func NewPorts(process int) *Ports {
	return &Ports{next: firstPort + process*97%(lastPort-firstPort)}
}

// Free is a port at which nobody listens.
func (p *Ports) Free() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range lastPort - firstPort {
		port := p.next
		if p.next++; p.next > lastPort {
			p.next = firstPort
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("there is no free port from 20000 to 31999 on 127.0.0.1")
}
