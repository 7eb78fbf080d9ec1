package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
)

// Listen binds the home's address for this user alone. The error is watcher.ErrBusy when an agent answers there.
func Listen(home string) (net.Listener, error) {
	return listenIn(context.Background(), home)
}

// listenIn is Listen for as long as ctx allows.
func listenIn(ctx context.Context, home string) (net.Listener, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, fmt.Errorf("finding the home %s: %w", home, err)
	}
	return listen(ctx, home)
}

// fingerprint is a short name for a home that fits where its path does not.
func fingerprint(home, user string) string {
	sum := sha256.Sum256([]byte(home + "\x00" + user))
	return hex.EncodeToString(sum[:12])
}
