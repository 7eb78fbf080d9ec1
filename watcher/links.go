package watcher

import (
	"context"
	"sync"
	"time"

	"postroom/sage"
)

// Account is a connection as it is kept in connections/<id>.json. It holds no key and no secret.
type Account struct {
	ID              string    `json:"id"`
	Company         string    `json:"company"`
	Domain          string    `json:"domain"`
	Folder          string    `json:"folder"`            // the company's folder, absolute
	Platform        string    `json:"platform"`          // base URL
	Profile         string    `json:"profile,omitempty"` // path of the profile it was connected with, "" the built-in one
	Practice        bool      `json:"practice,omitempty"`
	CallbackListen  string    `json:"callbackListen,omitempty"` // address the listener binds for it
	ApplicationTail string    `json:"applicationTail,omitempty"`
	ApplicationMark string    `json:"applicationMark,omitempty"` // tells one application from another, see markOf
	Vault           string    `json:"vault,omitempty"`           // under which the vault keeps this consent's keys; "" is ID
	ConnectedAt     time.Time `json:"connectedAt"`
}

// dialled is a connection's way to the platform, made by connections.go from an account: dial.
type dialled struct {
	profile *sage.Profile
	client  *sage.Client
	keys    *sage.Keys
	session Session
}

// link is an adopted connection: its way to the platform and the lanes it feeds.
type link struct {
	account Account
	dialled

	mu     sync.Mutex // guards the rest; never held over an effect
	key    Key
	cancel context.CancelFunc
	done   chan struct{}
}

// adopt gives a connection its lanes, its list polling and its company's folder. Called by runConnections for every
// account it finds, at start and later; adopting one twice with the same account does nothing, with another account
// it starts the link anew. Only while Run runs.
func (e *Engine) adopt(account Account) error { return nil }

// abandon stops a link and waits for its goroutines. Files stay where they are.
func (e *Engine) abandon(id string) {}

// noteKey records what became known of a connection's key: rotated, locked, revoked, good again. The link's lanes stop
// or go on accordingly. Called by connections.go from sage.KeysOptions.OnChange and after Rotate and RenewSecret.
func (e *Engine) noteKey(ctx context.Context, connection string, state KeyState) {}
