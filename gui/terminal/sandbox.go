package terminal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func (c *console) sandboxCommand() *cobra.Command {
	var listen, dir string
	var pace time.Duration
	command := c.command("sandbox", func(cmd *cobra.Command, _ []string) (err error) {
		if dir, err = absolute(dir); err != nil {
			return err
		}
		s, err := c.startSandbox(cmd.Context(), listen, SandboxOptions{Profile: c.profile, Dir: dir, Pace: pace, Logger: c.log})
		if err != nil {
			return err
		}
		err = c.result(struct {
			URL string `json:"url"`
		}{s.url}, c.words.Say("cmd.sandbox", map[string]any{"url": s.url}))
		if err != nil {
			return errors.Join(err, s.stop())
		}
		return s.untilDone(cmd.Context())
	})
	command.Flags().StringVar(&listen, "listen", "127.0.0.1:8350", c.words.Say("flag.sandbox.listen"))
	command.Flags().StringVar(&dir, "dir", "", c.words.Say("flag.sandbox.dir"))
	command.Flags().DurationVar(&pace, "pace", time.Second, c.words.Say("flag.sandbox.pace"))
	return command
}

// servedSandbox is a sandbox with an address.
type servedSandbox struct {
	Sandbox
	url    string
	server *http.Server
	ended  chan error
}

// startSandbox makes a sandbox and serves it. It is for trying out and must not be reachable from elsewhere unless
// the person names such an address.
func (c *console) startSandbox(ctx context.Context, listen string, o SandboxOptions) (*servedSandbox, error) {
	made, err := c.parts.Sandbox(o)
	if err != nil {
		return nil, fmt.Errorf("making the sandbox: %w", err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listening on %s: %w", listen, err), made.Close())
	}
	s := &servedSandbox{
		Sandbox: made, url: "http://" + reachable(listener.Addr()), ended: make(chan error, 1),
		server: &http.Server{
			Handler: made.Handler, ReadHeaderTimeout: 10 * time.Second,
			ErrorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
		},
	}
	if err := made.SetBaseURL(s.url); err != nil {
		return nil, errors.Join(err, listener.Close(), made.Close())
	}
	go func() { s.ended <- s.server.Serve(listener) }()
	return s, nil
}

// reachable is an address that a client on this computer can call: a listener on every address is called by loopback.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
	}
	return a.String()
}

// untilDone serves until ctx ends.
func (s *servedSandbox) untilDone(ctx context.Context) error {
	select {
	case err := <-s.ended:
		s.ended <- err
		return errors.Join(fmt.Errorf("serving the sandbox: %w", err), s.stop())
	case <-ctx.Done():
		return s.stop()
	}
}

// stop cuts off whoever is still connected: nothing here is worth waiting for.
func (s *servedSandbox) stop() error {
	err := s.server.Close()
	if served := <-s.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, s.Close())
}
