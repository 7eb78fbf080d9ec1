//go:build unix

package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"postroom/watcher"
)

// maxSocketPath keeps clear of what the systems take: 108 bytes on Linux, 104 on macOS, the ending zero included.
const maxSocketPath = 100

// socketName is the socket in the home. Where the home's path is too long for a socket, it is a symbolic link to one
// elsewhere, so that agent and client agree on the place even when their environments differ.
const socketName = "agent.sock"

func listen(ctx context.Context, home string) (net.Listener, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("making the home %s: %w", home, err)
	}
	entry := filepath.Join(home, socketName)
	if conn, err := dial(ctx, home); err == nil {
		_ = conn.Close()
		return nil, fmt.Errorf("listening on %s: an agent answers there: %w", entry, watcher.ErrBusy)
	}
	// Whatever lies there answers to nobody: it was left by an agent that was killed.
	if err := os.Remove(entry); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("removing the old socket %s: %w", entry, err)
	}
	path := entry
	if len(entry) > maxSocketPath {
		var err error
		if path, err = socketElsewhere(home); err != nil {
			return nil, err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("removing the old socket %s: %w", path, err)
		}
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", path, err)
	}
	guarded := &guardedListener{UnixListener: listener}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("closing %s to others: %w", path, err), guarded.Close())
	}
	if path != entry {
		guarded.link = entry
		if err := os.Symlink(path, entry); err != nil {
			return nil, errors.Join(fmt.Errorf("naming the socket in the home: %w", err), guarded.Close())
		}
	}
	return guarded, nil
}

// socketElsewhere is a place with a short name that only this user can enter.
func socketElsewhere(home string) (string, error) {
	user := strconv.Itoa(os.Getuid())
	name := fingerprint(home, user) + ".sock"
	var errs []error
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir(), "/tmp"} {
		dir := filepath.Join(base, "postroom-"+user)
		path := filepath.Join(dir, name)
		if !filepath.IsAbs(path) || len(path) > maxSocketPath {
			continue
		}
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) { //nolint:gosec // the user's own environment names it
			errs = append(errs, err)
			continue
		}
		if err := private(dir); err != nil {
			errs = append(errs, err)
			continue
		}
		return path, nil
	}
	return "", fmt.Errorf("the home's path %s is too long for a socket, and no place with a shorter one was found: %w",
		home, errors.Join(errs...))
}

// private refuses a directory that somebody else owns or can enter, such as one laid in wait in a shared /tmp.
func private(dir string) error {
	info, err := os.Lstat(dir) //nolint:gosec // looking at a path is how it is judged
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	case !ok || int(stat.Uid) != os.Getuid():
		return fmt.Errorf("%s belongs to another user", dir)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s can be entered by other users", dir)
	}
	return nil
}

// dial connects to the home's agent, and makes sure that it is this user's.
func dial(ctx context.Context, home string) (net.Conn, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, fmt.Errorf("finding the home %s: %w", home, err)
	}
	path := filepath.Join(home, socketName)
	if target, err := os.Readlink(path); err == nil {
		if err := private(filepath.Dir(target)); err != nil {
			return nil, fmt.Errorf("the agent's socket: %w", err)
		}
		path = target
	}
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("connecting to %s: %w", path, fs.ErrNotExist)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", path, err)
	}
	if err := checkPeer(conn.(*net.UnixConn)); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("connecting to %s: %w", path, err)
	}
	return conn, nil
}

// guardedListener lets in nobody but this user, whatever has become of the socket's mode.
type guardedListener struct {
	*net.UnixListener
	link string // the symbolic link in the home, if there is one
}

func (l *guardedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if checkPeer(conn) == nil {
			return conn, nil
		}
		_ = conn.Close()
	}
}

// Close takes the socket and its link away.
func (l *guardedListener) Close() error {
	err := l.UnixListener.Close()
	if l.link != "" {
		err = errors.Join(err, os.Remove(l.link))
	}
	return err
}

// checkPeer refuses whoever is known to be another user.
func checkPeer(conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("asking who is at the other end: %w", err)
	}
	var uid int
	var known bool
	var asked error
	if err := raw.Control(func(fd uintptr) { uid, known, asked = peerUser(int(fd)) }); err != nil {
		return fmt.Errorf("asking who is at the other end: %w", err)
	}
	if asked != nil {
		return fmt.Errorf("asking who is at the other end: %w", asked)
	}
	if known && uid != os.Getuid() {
		return fmt.Errorf("user %d is at the other end: %w", uid, fs.ErrPermission)
	}
	return nil
}
