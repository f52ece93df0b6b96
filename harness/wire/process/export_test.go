package process

// EndInput does what our death does to the program's input.
func (p *Process) EndInput() error { return p.stdin.Close() }
