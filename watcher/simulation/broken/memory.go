package broken

import "sync"

// counter counts over all lives of a world's engines.
type counter struct {
	mu sync.Mutex // guards n
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

// memory keeps the first value of each name.
type memory[T any] struct {
	mu    sync.Mutex // guards known
	known map[string]T
}

// keep gives the first value that was kept under a name.
func (m *memory[T]) keep(name string, value T) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[string]T{}
	}
	if first, ok := m.known[name]; ok {
		return first
	}
	m.known[name] = value
	return value
}

// set replaces the value of a name and gives the one before.
func (m *memory[T]) set(name string, value T) (before T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[string]T{}
	}
	before = m.known[name]
	m.known[name] = value
	return before
}

func (m *memory[T]) get(name string) (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.known[name]
	return value, ok
}
