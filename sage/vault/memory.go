package vault

import (
	"context"
	"sync"

	"postroom/sage"
)

// Memory is a vault that forgets everything with its process: for the demonstration and for tests.
func Memory() Vault { return &memory{items: map[string]sage.Secret{}} }

type memory struct {
	mu    sync.Mutex // guards items
	items map[string]sage.Secret
}

func (m *memory) Kind() string { return "memory" }
func (m *memory) Locked() bool { return false }

func (m *memory) Get(ctx context.Context, connection string, item Item) (sage.Secret, error) {
	if err := ctx.Err(); err != nil {
		return sage.Secret{}, failed("reading", connection, item, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.items[account(connection, item)]
	if !ok {
		return sage.Secret{}, failed("reading", connection, item, ErrNotFound)
	}
	return value, nil
}

func (m *memory) Set(ctx context.Context, connection string, item Item, value sage.Secret) error {
	if err := ctx.Err(); err != nil {
		return failed("storing", connection, item, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := apply(m.items, connection, entry{item, value}); err != nil {
		return failed("storing", connection, item, err)
	}
	return nil
}

func (m *memory) Delete(ctx context.Context, connection string) error {
	if err := ctx.Err(); err != nil {
		return failed("removing", connection, "items", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, item := range Items() {
		delete(m.items, account(connection, item))
	}
	return nil
}
