package terminal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postroom/gui/notify/notifytest"
	"postroom/sage/sandbox"
	"postroom/watcher"
	"postroom/watcher/control"
	"postroom/watcher/journal"
)

// office is a person's desk on which everything is real: the program, a session bus with a keyring and pop-ups, folders on a
// disk, and a platform at the other end of a wire that can be cut. Tests break one of them and look at what is left.
type office struct {
	*computer
	bus      *notifytest.Bus
	keyring  *secretService // nil where keys are in a file
	popups   *popups
	platform *platform
	wire     *wire
	heard    *witness
	company  string // its folder
	agent    *process
	agents   []*process // all there were, for what they said
	spoilt   bool       // the journal has been damaged on purpose
	fell     string     // what the last kill fell before, for when something comes of it
	before   []string   // what lay in the computer's root once everything was connected

	dropped   map[string][]byte // contents by name
	refused   map[string]bool   // names of files that cannot end as accepted
	published [][]byte          // lists of products, in their order
	seenLists map[string]bool   // hashes of lists that lay in Inbox once
}

// officeOptions are what makes an office differ from another.
type officeOptions struct {
	sandbox sandbox.Options
	profile string // laid over the built-in one
	folder  string // the company's folder lies in; "" a folder of the test's
	home    string // "" one of the test's
	noRing  bool   // no keyring: keys are in the encrypted file, and systemd hands the passphrase over
}

// impatient is a profile under which nothing is waited for that need not be.
const impatient = `{"trackFirst":"10ms","pollInterval":"2s","timeouts":{"dial":"1s","answer":"1s","idle":"1s"}}`

// newOffice connects a company and starts no agent yet.
func newOffice(t *testing.T, o officeOptions) *office {
	t.Helper()
	bus := notifytest.StartBus(t)
	c := newComputer(t).with("DBUS_SESSION_BUS_ADDRESS=" + bus.Address)
	if o.home != "" {
		c.home = o.home
	}
	f := &office{
		computer: c, bus: bus, popups: collectPopups(t, bus), heard: newWitness(),
		dropped: make(map[string][]byte), refused: make(map[string]bool), seenLists: make(map[string]bool),
	}
	f.heard.note(passphrase, "the passphrase")
	if !o.noRing {
		f.computer = c.with("CREDENTIALS_DIRECTORY=")
		f.keyring = startKeyring(t, bus)
	}
	if o.sandbox.Limits.MaxFile == 0 {
		o.sandbox.Limits.MaxFile = 64 << 20
	}
	f.platform, f.wire = newPlatformOverWire(t, o.sandbox, f.heard)
	profile := filepath.Join(filepath.Dir(c.home), "profile.json")
	if o.profile == "" {
		o.profile = impatient
	}
	if err := os.WriteFile(profile, []byte(o.profile), 0o600); err != nil {
		t.Fatal(err)
	}
	if o.folder == "" {
		o.folder = t.TempDir()
	}
	f.company = f.pastedIn(f.platform, o.folder, "--profile", profile)
	for _, mail := range f.platform.Mailbox() {
		f.heard.note(mail.DeveloperID, "the developer's ID")
		f.heard.note(mail.ApplicationID, "the application's ID")
	}
	f.before = names(t, filepath.Dir(c.home))
	return f
}

// live starts an agent that belongs to the office.
func (f *office) live() {
	f.t.Helper()
	f.adopt(f.start("run", "--json"))
	f.answers()
}

// adopt makes a process the office's agent.
func (f *office) adopt(agent *process) {
	f.agent = agent
	f.agents = append(f.agents, agent)
	f.popups.newLife()
}

// answers waits until the agent says that it runs.
func (f *office) answers() {
	f.t.Helper()
	if running := object[struct{ Running bool }](f.agent); !running.Running {
		f.t.Fatal("the agent does not say that it runs")
	}
}

// engine speaks to the running agent.
func (f *office) engine() *control.Client {
	f.t.Helper()
	client, err := control.Dial(f.home)
	if err != nil {
		f.t.Fatal(err)
	}
	return client
}

// file drops a small file of orders that differs from all others.
func (f *office) file(name string) { f.fileOf(name, order("W-"+name)) }

func (f *office) fileOf(name, content string) {
	f.t.Helper()
	f.dropped[name] = []byte(content)
	drop(f.t, f.company, name, content)
}

// padded is a file of so many bytes: more than a socket swallows at once, if there are many.
func padded(name string, bytes int) string {
	text := order("W-" + name)
	return text + strings.Repeat(" ", max(bytes-len(text), 0))
}

// publish has Sage 50 send a list of products that has n of them.
func (f *office) publish(n int) {
	f.t.Helper()
	list := sandbox.SampleProducts(n)
	f.published = append(f.published, list)
	if err := f.platform.Publish("Acme Ltd", "products", list); err != nil {
		f.t.Fatal(err)
	}
}

// transfers are all of them, asked of the agent that runs, or read from a copy of the journal that a dead one left: to open
// the journal itself would mend what the next agent has to mend.
func (f *office) transfers() []watcher.Transfer {
	f.t.Helper()
	if f.agent != nil && !f.agent.gone() {
		all, err := pages(f.t.Context(), f.engine())
		if err != nil {
			f.t.Fatal(err)
		}
		return all
	}
	copied := f.t.TempDir()
	for _, pattern := range []string{"journal.db*", "connections/*.json"} {
		found, err := filepath.Glob(filepath.Join(f.home, pattern))
		if err != nil {
			f.t.Fatal(err)
		}
		for _, from := range found {
			to := filepath.Join(copied, strings.TrimPrefix(from, f.home))
			text, err := os.ReadFile(from)
			if err == nil {
				err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, text, 0o600))
			}
			if err != nil {
				f.t.Fatal(err)
			}
		}
	}
	engine, err := watcher.Open(f.t.Context(), watcher.Options{Home: copied})
	if err != nil {
		f.t.Fatal(err)
	}
	defer engine.Close()
	all, err := pages(f.t.Context(), engine)
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

func pages(ctx context.Context, e interface {
	Transfers(context.Context, watcher.Query) (watcher.Page, error)
},
) (all []watcher.Transfer, err error) {
	query := watcher.Query{Limit: 1000}
	for {
		page, err := e.Transfers(ctx, query)
		if err != nil {
			return nil, err
		}
		if all = append(all, page.Transfers...); page.Next == "" {
			return all, nil
		}
		query.Before = page.Next
	}
}

// told is what the agent says of all transfers; false when it is about to die.
func (f *office) told() ([]watcher.Transfer, bool) {
	client, err := control.Dial(f.home)
	if err != nil {
		return nil, false
	}
	all, err := pages(f.t.Context(), client)
	return all, err == nil
}

// ended tells whether the running agent has brought every file that was dropped to its end, and every list is here.
func (f *office) ended() bool {
	f.t.Helper()
	shown, told := f.told()
	if !told {
		return false
	}
	ended := make(map[string]bool)
	for _, t := range shown {
		waitsForPerson := t.State == journal.Held || t.State == journal.Unknown
		if !t.State.Final() && !waitsForPerson || t.State == journal.Accepted && t.ResultPath == "" {
			return false
		}
		ended[t.SHA256] = true
	}
	for name, content := range f.dropped {
		if !ended[hashOf(content)] || there(filepath.Join(f.company, "Outbox", "orders", name)) {
			return false
		}
	}
	if len(f.published) == 0 {
		return true
	}
	newest, err := os.ReadFile(filepath.Join(f.company, "Inbox", "products", "products.json"))
	return err == nil && slices.Equal(newest, f.published[len(f.published)-1])
}

// drains waits until every journey has ended.
func (f *office) drains() {
	f.t.Helper()
	f.until("every journey ends", f.ended)
}

// until looks again and again until something is so. What it waits for comes from other processes, which have no event that
// would tell of all of it.
func (f *office) until(what string, so func() bool) {
	f.t.Helper()
	eventually(f.t, what, so, func() string {
		said := "\n" + listing(f.t, f.company)
		if f.fell != "" {
			said = ", after a kill before " + f.fell + said
		}
		for _, t := range f.transfers() {
			if !t.State.Final() {
				said += "\n" + t.Name + " " + string(t.State)
				if t.Waits != nil {
					said += " waits: " + t.Waits.Code
				}
			}
		}
		return said
	})
}

func eventually(t *testing.T, what string, so func() bool, instead func() string) {
	t.Helper()
	ticker := time.NewTicker(15 * time.Millisecond)
	defer ticker.Stop()
	for end := time.After(patience); !so(); {
		select {
		case <-ticker.C:
		case <-end:
			t.Fatalf("what was waited for does not come: %s%s", what, instead())
		}
	}
}

// waitsFor waits until a file is shown to wait for one of some causes.
func (f *office) waitsFor(name string, codes ...string) {
	f.t.Helper()
	var last string
	f.until(name+" waits for "+strings.Join(codes, " or "), func() bool {
		for _, t := range f.transfers() {
			if t.Name == name && t.Waits != nil {
				last = t.Waits.Code
			}
		}
		return slices.Contains(codes, last)
	})
}

// names of what a folder holds.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

// popups are what a person saw, in every life of the agent.
type popups struct {
	mu    sync.Mutex // guards what follows
	lives [][]popup
}

// popup is one of them and when it came.
type popup struct {
	notifytest.Shown
	at time.Time
}

func collectPopups(t *testing.T, bus *notifytest.Bus) *popups {
	t.Helper()
	daemon := notifytest.StartDaemon(t, bus, "body")
	p := &popups{lives: make([][]popup, 1)}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case shown := <-daemon.Shown:
				p.mu.Lock()
				p.lives[len(p.lives)-1] = append(p.lives[len(p.lives)-1], popup{shown, time.Now()})
				p.mu.Unlock()
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
	})
	return p
}

func (p *popups) newLife() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lives = append(p.lives, nil)
}

// all of them, by life.
func (p *popups) all() [][]popup {
	p.mu.Lock()
	defer p.mu.Unlock()
	lives := make([][]popup, len(p.lives))
	for i, life := range p.lives {
		lives[i] = slices.Clone(life)
	}
	return lives
}
