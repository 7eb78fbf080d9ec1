package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strings"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"

	"postroom/watcher"
)

// pipePath is the home's pipe: one per home and user, in whatever case the home is written.
func pipePath(home, user string) string {
	return `\\.\pipe\postroom-` + fingerprint(strings.ToLower(home), user)
}

// currentUser is the SID of the user this process runs as.
func currentUser() (string, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", fmt.Errorf("finding the current user: %w", err)
	}
	return user.User.Sid.String(), nil
}

func listen(_ context.Context, home string) (net.Listener, error) {
	user, err := currentUser()
	if err != nil {
		return nil, err
	}
	path := pipePath(home, user)
	// Owner and only entry: this user. Protected, so that nothing is inherited; no access over the network.
	sddl := "O:" + user + "D:P(D;;GA;;;NU)(A;;GA;;;" + user + ")"
	listener, err := winio.ListenPipe(path, &winio.PipeConfig{SecurityDescriptor: sddl})
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrExist) { // the first instance of the name is another's
		return nil, fmt.Errorf("listening on %s: an agent answers there: %w", path, watcher.ErrBusy)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", path, err)
	}
	return listener, nil
}

// dial connects to the home's agent, and makes sure that the pipe is this user's and not one laid in wait under its name.
func dial(ctx context.Context, home string) (net.Conn, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, fmt.Errorf("finding the home %s: %w", home, err)
	}
	user, err := currentUser()
	if err != nil {
		return nil, err
	}
	path := pipePath(home, user)
	conn, err := winio.DialPipeContext(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", path, err)
	}
	if err := checkOwner(conn, user); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to %s: %w", path, err), conn.Close())
	}
	return conn, nil
}

func checkOwner(conn net.Conn, user string) error {
	handle, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return errors.New("the pipe does not tell its owner")
	}
	descriptor, err := windows.GetSecurityInfo(windows.Handle(handle.Fd()), windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("asking who owns the pipe: %w", err)
	}
	owner, _, err := descriptor.Owner()
	if err != nil {
		return fmt.Errorf("asking who owns the pipe: %w", err)
	}
	if owner.String() != user {
		return fmt.Errorf("the pipe belongs to another user: %w", fs.ErrPermission)
	}
	return nil
}
