package wire

import (
	"errors"
	"net"
	"strconv"
	"sync"
)

// Ports gives services and proxies ports to listen at. They lie below those that
// a system hands out to anyone who asks for any: a service that is killed and started
// again, and a hop that was down, find their port as they left it.
//
// A port belongs to nobody while its service is about to listen, and another suite
// on this machine would take it. So ports come from blocks, and a block is leased:
// a UDP socket at the number of its first port says so to all other suites. The
// numbers of UDP and TCP are apart, and a lease ends with its process.
type Ports struct {
	mu       sync.Mutex
	begin    int // the block that is asked for first
	blocks   []*block
	reserved map[int]bool
	taken    map[int]bool
}

// block is a number of ports that no other suite takes.
type block struct {
	lease       net.PacketConn
	first, next int
}

// The range that ports are taken from, in turn, and what is leased at once.
const (
	firstPort = 20000
	blockSize = 200
	blocks    = 60
)

// NewPorts begins at a place that differs from process to process.
func NewPorts(process int) *Ports {
	return &Ports{reserved: map[int]bool{}, taken: map[int]bool{}, begin: process * 37 % blocks}
}

// Reserve keeps a port for somebody else.
func (p *Ports) Reserve(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reserved[port] = true
}

// Free is a port at which nobody listens. It is the caller's until it is given
// back.
func (p *Ports) Free() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.blocks {
		if port, found := p.in(b); found {
			return port, nil
		}
	}
	for i := range blocks {
		b, err := lease(firstPort + (p.begin+i)%blocks*blockSize)
		if err != nil {
			continue // another suite's, or ours already
		}
		p.blocks = append(p.blocks, b)
		if port, found := p.in(b); found {
			return port, nil
		}
	}
	return 0, errors.New("there is no free port from 20000 to 31999 on 127.0.0.1")
}

// GiveBack says that nobody listens at the port any more.
func (p *Ports) GiveBack(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, port)
}

// in finds a free port in a block: the one that was longest in nobody's hands.
func (p *Ports) in(b *block) (port int, found bool) {
	for range blockSize {
		port = b.first + b.next
		b.next = (b.next + 1) % blockSize
		if p.reserved[port] || p.taken[port] {
			continue
		}
		l, err := net.Listen("tcp", onLoopback(port))
		if err == nil && l.Close() == nil {
			p.taken[port] = true
			return port, true
		}
	}
	return 0, false
}

func lease(first int) (*block, error) {
	l, err := net.ListenPacket("udp4", onLoopback(first))
	if err != nil {
		return nil, err
	}
	return &block{lease: l, first: first}, nil
}

func onLoopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
