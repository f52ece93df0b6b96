package wire

import (
	"errors"
	"net"
	"strconv"
	"sync"
)

// Ports gives services and proxies ports to listen at. They lie below those that
// a system hands out to whoever asks for any: a service that is killed and started
// again, and a hop that was down, find their port as they left it.
type Ports struct {
	mu       sync.Mutex
	next     int
	reserved map[int]bool
}

// The range that ports are taken from, in turn.
const (
	firstPort = 20000
	lastPort  = 31999
)

// NewPorts begins at a place that differs from process to process.
func NewPorts(process int) *Ports {
	return &Ports{reserved: map[int]bool{}, next: firstPort + process*7416%(lastPort-firstPort)}
}

// Reserve keeps a port for somebody else.
func (p *Ports) Reserve(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reserved[port] = true
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
		if p.reserved[port] {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("there is no free port from 20000 to 31999 on 127.0.0.1")
}
