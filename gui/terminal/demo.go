package terminal

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"postroom/watcher"
	"postroom/watcher/journal"
)

//go:embed samples/*.json
var samples embed.FS

// What the demonstration is about.
const (
	demoCompany = "Acme Ltd"
	demoDomain  = "ecommerce"
	demoScope   = "orders"
	demoFirst   = "orders-23-11.json" // sent before the window opens, so that a result is there
	demoDrop    = "orders-24-11.json" // what --drop-sample drops
)

// demoPace is how long each phase of a file takes: long enough to be watched, short enough to be waited for.
const demoPace = 500 * time.Millisecond

// demoTime bounds each thing that --drop-sample waits for.
const demoTime = 2 * time.Minute

// demo is one demonstration.
type demo struct {
	*console
	dir     string // everything of it
	drop    bool   // drop a sample, and end when its result is there
	picture string // of the window, before that end
	pace    time.Duration
	sandbox *servedSandbox
}

func (c *console) demoCommand() *cobra.Command {
	d := demo{console: c}
	command := c.command("demo", func(cmd *cobra.Command, _ []string) (err error) {
		if d.dir, err = c.demoDir(d.dir); err != nil {
			return err
		}
		if d.picture, err = absolute(d.picture); err != nil {
			return err
		}
		c.home = filepath.Join(d.dir, "state")
		return d.run(cmd.Context())
	})
	command.Flags().StringVar(&d.dir, "dir", "", c.words.Say("flag.demo.dir"))
	command.Flags().BoolVar(&d.drop, "drop-sample", false, c.words.Say("flag.demo.dropSample"))
	command.Flags().StringVar(&d.picture, "picture", "", c.words.Say("flag.demo.picture"))
	command.Flags().DurationVar(&d.pace, "pace", demoPace, c.words.Say("flag.sandbox.pace"))
	return command
}

// demoDir is a fresh folder, or the one that was asked for if nothing is in it.
func (c *console) demoDir(wanted string) (string, error) {
	if wanted == "" {
		return os.MkdirTemp("", "postroom-demo-")
	}
	dir, err := filepath.Abs(wanted)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the demonstration's folder: %w", err)
	}
	switch entries, err := os.ReadDir(dir); {
	case err != nil:
		return "", fmt.Errorf("looking into the demonstration's folder: %w", err)
	case len(entries) > 0:
		return "", usageError{c.words.Say("cmd.notEmpty", map[string]any{"folder": dir})}
	}
	return dir, nil
}

// run is an agent with a guest that plays the demonstration. Keys are kept in memory: they open nothing but the
// sandbox, and nothing after it.
func (d *demo) run(ctx context.Context) (err error) {
	d.sandbox, err = d.startSandbox(ctx, "127.0.0.1:0", SandboxOptions{Profile: d.profile, Pace: d.pace, Logger: d.log})
	if err != nil {
		return err
	}
	return errors.Join(d.runAgent(ctx, agentSetup{options: d.parts.Forgetful, guest: d.play}), d.sandbox.stop())
}

// play sets the scene, opens the window, and goes on until it is closed or the sample's result is there.
func (d *demo) play(ctx context.Context, e *watcher.Engine) error {
	d.tell("cmd.demo.begin")
	company, err := d.connect(ctx, e)
	if err != nil {
		return fmt.Errorf("setting up the demonstration: %w", err)
	}
	_, _ = fmt.Fprintln(d.parts.Out, d.words.Say("cmd.demo.ready", map[string]any{
		"url": d.sandbox.url, "outbox": filepath.Join(company.Folder, "Outbox", demoScope), "samples": d.samplesDir(company),
		"dir": d.dir,
	}))
	if d.parts.Window == nil {
		d.tell("cmd.demo.noWindow")
		if d.drop {
			return d.dropSample(ctx, e, company)
		}
		<-ctx.Done()
		return nil
	}
	window, err := d.startWindow(ctx, watcher.Target{}, nil)
	if err != nil {
		return err
	}
	defer window.kill()
	if d.drop {
		if err := d.dropSample(ctx, e, company); err != nil {
			return err
		}
		return d.takePicture(ctx, window)
	}
	select {
	case <-window.ended:
	case <-ctx.Done():
	}
	return nil
}

// connect goes through onboarding as a person would, with the sandbox's pages answered, and waits until a first
// result and the lists are there.
func (d *demo) connect(ctx context.Context, e *watcher.Engine) (watcher.Company, error) {
	callback, err := freeAddress(ctx)
	if err != nil {
		return watcher.Company{}, err
	}
	draft, err := e.NewDraft(ctx, watcher.DraftInput{
		Platform: d.sandbox.url, ProfilePath: d.profile, Domain: demoDomain, Company: demoCompany, Folder: d.dir,
		Name: "Alex Example", Email: "alex@example.com", Firm: demoCompany, Application: "Postroom",
		CallbackBase: "http://" + callback, CallbackListen: callback,
	})
	if err != nil {
		return watcher.Company{}, err
	}
	if draft, err = e.Register(ctx, draft.ID); err != nil {
		return watcher.Company{}, err
	}
	developer, application, err := d.sandbox.IDs(ctx, draft.RegistrationURL)
	if err != nil {
		return watcher.Company{}, err
	}
	if _, err := e.SetIDs(ctx, draft.ID, developer, application); err != nil {
		return watcher.Company{}, err
	}
	if draft, err = e.RequestPasscode(ctx, draft.ID); err != nil {
		return watcher.Company{}, err
	}
	if _, err := d.sandbox.Consent(ctx, draft.Passcode, demoCompany); err != nil {
		return watcher.Company{}, err
	}
	for _, scope := range []string{"products", "customers"} {
		list, err := samples.ReadFile("samples/" + scope + ".json")
		if err == nil {
			err = d.sandbox.Publish(demoCompany, scope, list)
		}
		if err != nil {
			return watcher.Company{}, err
		}
	}
	return d.furnish(ctx, e)
}

// furnish waits for the company, lays the samples beside its Outbox, and sends the first of them.
func (d *demo) furnish(ctx context.Context, e *watcher.Engine) (watcher.Company, error) {
	var company watcher.Company
	err := eventually(ctx, e, func() (bool, error) {
		overview, err := e.Overview(ctx)
		if err != nil || len(overview.Companies) == 0 {
			return false, err
		}
		company = overview.Companies[0]
		return true, nil
	})
	if err != nil {
		return company, err
	}
	if err := os.MkdirAll(d.samplesDir(company), 0o700); err != nil {
		return company, err
	}
	names, err := fs.Glob(samples, "samples/orders-*.json")
	if err != nil {
		return company, err
	}
	for _, name := range names {
		text, err := samples.ReadFile(name)
		if err != nil {
			return company, err
		}
		if err := os.WriteFile(filepath.Join(d.samplesDir(company), filepath.Base(name)), text, 0o600); err != nil {
			return company, err
		}
	}
	if err := d.dropFile(company, demoFirst); err != nil {
		return company, err
	}
	return company, eventually(ctx, e, func() (bool, error) {
		lists, err := e.Lists(ctx, company.Name)
		if err != nil || len(lists) < 2 {
			return false, err
		}
		return hasResult(ctx, e, demoFirst)
	})
}

func (d *demo) samplesDir(company watcher.Company) string {
	return filepath.Join(company.Folder, d.words.Say("cmd.demo.samples"))
}

// dropFile copies a sample into the Outbox, as a person does.
func (d *demo) dropFile(company watcher.Company, name string) error {
	text, err := samples.ReadFile("samples/" + name)
	if err != nil {
		return err
	}
	outbox := filepath.Join(company.Folder, "Outbox", demoScope)
	part := filepath.Join(outbox, "."+name+".part")
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return fmt.Errorf("dropping a sample: %w", err)
	}
	if err := os.Rename(part, filepath.Join(outbox, name)); err != nil {
		return fmt.Errorf("dropping a sample: %w", err)
	}
	return nil
}

// dropSample drops a file and waits until its result lies in the Inbox.
func (d *demo) dropSample(ctx context.Context, e *watcher.Engine, company watcher.Company) error {
	if err := d.dropFile(company, demoDrop); err != nil {
		return err
	}
	if err := eventually(ctx, e, func() (bool, error) { return hasResult(ctx, e, demoDrop) }); err != nil {
		return fmt.Errorf("waiting for the sample's result: %w", err)
	}
	d.tell("cmd.demo.result", map[string]any{"file": demoDrop, "inbox": filepath.Join(company.Folder, "Inbox")})
	return nil
}

// hasResult tells whether the newest transfer of that name was accepted and its result lies in the Inbox.
func hasResult(ctx context.Context, e *watcher.Engine, name string) (bool, error) {
	page, err := e.Transfers(ctx, watcher.Query{})
	if err != nil {
		return false, err
	}
	for _, t := range page.Transfers {
		if t.Name != name {
			continue
		}
		if t.State.Final() && t.State != journal.Accepted {
			return false, fmt.Errorf("%s ended as %s", name, t.State)
		}
		return t.ResultPath != "" && exists(t.ResultPath), nil
	}
	return false, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// eventually asks again whenever something changes, until the answer is yes.
func eventually(ctx context.Context, e *watcher.Engine, asked func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	events, err := e.Events(ctx)
	if err != nil {
		return err
	}
	for {
		if yes, err := asked(); yes || err != nil {
			return err
		}
		if _, more := <-events; !more {
			return ctx.Err()
		}
	}
}

// settleTime is how long the window gets to show what has just happened before its picture is taken.
const settleTime = time.Second

// takePicture has the window take a picture of itself.
func (d *demo) takePicture(ctx context.Context, window *child) error {
	if d.picture == "" {
		return nil
	}
	select {
	case <-time.After(settleTime):
	case <-ctx.Done():
		return ctx.Err()
	}
	taken, err := window.picture(ctx, d.picture)
	if err != nil {
		return fmt.Errorf("taking a picture of the window: %w", err)
	}
	if taken != "" {
		return fmt.Errorf("taking a picture of the window: %s", taken)
	}
	d.tell("cmd.demo.picture", map[string]any{"file": d.picture})
	return nil
}

// freeAddress finds an address on this computer that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free address: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}
