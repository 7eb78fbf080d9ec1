package simulation

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher"
	"postroom/watcher/simulation/files"
	"postroom/watcher/simulation/gate"
	"postroom/watcher/simulation/platform"
)

const (
	home = "/home/robin/.config/postroom"
	desk = "/desk"
)

// world is everything that an engine meets in one run.
type world struct {
	plan      plan
	gate      *gate.Gate
	disk      *files.Disk
	record    *record
	platform  *platform.Platform
	keyring   *platform.Keyring
	clock     platform.Clock // of the computer
	locks     *locks
	log       *lines
	companies []*company
	ledger    *ledger
	doors     []func(*watcher.Options) // what is put before every life's doors: bugs that were planted
	start     time.Time
	doom      func(n int, p *gate.Process) // what becomes of the n-th life, from 0, besides the plan's crashes; nil: nothing
	interlude func()                       // happens when people are done and before faults end; nil: nothing

	mu       sync.Mutex // guards the rest
	life     *life      // nil while no engine runs
	lives    int
	process  *gate.Process // of the life that is, or is beginning
	cut      *gate.Process // whose computer loses its power
	over     bool          // no further life begins
	calmed   bool          // faults have ended
	hurried  time.Time     // when a person had what waits tried at once
	broken   []violation
	contents int // how many contents were made
}

// company is one connected company.
type company struct {
	name    string
	folder  string
	id      string // of its connection
	made    sandbox.Credentials
	plugged atomic.Bool
	away    map[print]int    // what lies there while it is not plugged in
	inbox   map[print]string // every list that was ever visible, with where it was
}

// outcome is what became of a run.
type outcome struct {
	plan   plan
	broken []violation
	counts map[string]int
	hash   uint64
	tale   string
	log    string
}

// play runs a plan in a bubble of its own. Planted bugs are put in before the story begins.
func play(t *testing.T, p plan, told bool, plant ...func(*world)) (o outcome) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		w, err := newWorld(p)
		if err != nil {
			panic(fmt.Sprintf("seed %d: %v", p.Seed, err))
		}
		if told {
			w.gate.Tell()
		}
		for _, put := range plant {
			put(w)
		}
		w.run()
		o = outcome{plan: p, broken: w.broken, counts: w.gate.Counts(), hash: w.gate.Hash(), tale: w.gate.Tale(), log: w.log.String()}
	})
	return o
}

func newWorld(p plan) (*world, error) {
	w := &world{plan: p, gate: gate.New(p.Seed), locks: &locks{held: make(map[string]*gate.Process)}, log: &lines{}, start: time.Now()}
	w.gate.Free(true)
	w.disk = files.New(w.gate, files.Options{Kind: files.Ext4, Now: w.clock.Now, Writeback: 30 * time.Second})
	w.ledger = newLedger(w)
	var err error
	if w.record, err = newRecord(w.gate); err != nil {
		return nil, err
	}
	w.record.heard = w.heard
	w.keyring = platform.NewKeyring(w.gate)
	profile, err := w.layProfile()
	if err != nil {
		return nil, err
	}
	if w.platform, err = platform.New(w.gate, platform.Options{
		Seed: p.Seed, Keyring: w.keyring, Uploads: p.Uploads,
		Sandbox: sandbox.Options{Profile: profile, Pace: p.Pace, ResultDelay: p.Late, Limits: sandbox.Limits{KeyTTL: p.KeyTTL}, Dialect: p.Dialect},
	}); err != nil {
		return nil, err
	}
	settings := fmt.Sprintf(`{"sameFile":%q,"documentsRoot":%q,"notify":"all"}`, p.SameFile, desk)
	if err := w.disk.Lay(filepath.Join(home, "settings.json"), []byte(settings)); err != nil {
		return nil, err
	}
	for i := range p.Companies {
		if err := w.connect([]string{"Acme Ltd", "Bergmann & Söhne"}[i], i); err != nil {
			return nil, err
		}
	}
	return w, w.layCallbacks()
}

// twoScopes is a profile by which files go out in two lanes of one connection.
const twoScopes = `{"domains": {"ecommerce": {"scopes": {
	"returns": {"direction": "outgoing", "contract": "order", "resultContract": "orderResult"}
}}}}`

// profileAt is where the engine finds it.
const profileAt = home + "/profile.json"

// scopes are those by which files go out.
func (w *world) scopes() []string {
	if w.plan.Scopes > 1 {
		return []string{"orders", "returns"}
	}
	return []string{"orders"}
}

// layProfile gives the platform's profile, nil for the built-in one, and lays it down for the engine.
func (w *world) layProfile() (*sage.Profile, error) {
	if w.plan.Scopes < 2 {
		return nil, nil //nolint:nilnil // the built-in one has no file
	}
	if err := w.disk.Lay(profileAt, []byte(twoScopes)); err != nil {
		return nil, err
	}
	return sage.LoadProfile(strings.NewReader(twoScopes))
}

// connect records a company that has given its consent.
func (w *world) connect(name string, n int) error {
	secret := sage.NewSecret(fmt.Sprintf("secret-of-%d-%d-0123456789abcdef", w.plan.Seed, n))
	made, err := w.platform.Connect(announced(sandbox.Setup{Company: name, Secret: secret}, n))
	if err != nil {
		return err
	}
	c := &company{name: name, folder: filepath.Join(desk, name), id: fmt.Sprintf("connection%d", n+1), made: made, inbox: make(map[print]string)}
	c.plugged.Store(true)
	w.companies = append(w.companies, c)
	secrets := w.vault(w.gate.Process("world"))
	for _, i := range []struct {
		item  vault.Item
		value sage.Secret
	}{{vault.Secret, made.Secret}, {vault.InitialKey, made.InitialKey}, {vault.CurrentKey, made.InitialKey}} {
		if err := secrets.Set(noContext, c.id, i.item, i.value); err != nil {
			return err
		}
	}
	if err := w.disk.Mount(c.folder, w.plan.kind()); err != nil {
		return err
	}
	folders := []string{"Inbox", "Sent", "Failed", tookOut}
	for _, scope := range w.scopes() {
		folders = append(folders, "Outbox/"+scope)
	}
	for _, folder := range folders {
		if err := w.disk.MakeAll(filepath.Join(c.folder, folder)); err != nil {
			return err
		}
	}
	connected := watcher.Account{
		ID: c.id, Company: name, Domain: "ecommerce", Folder: c.folder, Platform: platform.BaseURL, ConnectedAt: time.Now().Add(time.Duration(n) * time.Second),
	}
	if w.plan.Scopes > 1 {
		connected.Profile = profileAt
	}
	account, err := json.Marshal(listening(connected, n))
	if err != nil {
		return err
	}
	return w.disk.Lay(filepath.Join(home, "connections", c.id+".json"), account)
}

// run plays the story to its end, lets every journey end, and looks at what is left.
func (w *world) run() {
	if w.plan.Stumbles > 0 {
		w.gate.Slow(40, w.plan.Stumbles)
	}
	w.gate.AfterEach(w.look)
	w.gate.Free(false)
	w.disk.SetFaults(w.plan.Faults.disk())
	w.record.setFaults(w.plan.Faults)
	w.platform.SetFaults(w.plan.Faults.of("net.", "callback."))
	w.keyring.SetFaults(w.plan.Faults.of("keyring."))
	end := make(chan struct{})
	go func() {
		defer close(end)
		w.story()
	}()
	w.gate.Run(end)
	w.gate.AfterEach(nil)
	w.gate.Free(true)
	w.atTheEnd()
	if err := w.platform.Close(); err != nil {
		panic(err)
	}
	if err := w.record.close(); err != nil {
		panic(err)
	}
}

// story is the run, from the first life to the last.
func (w *world) story() {
	var engine, people sync.WaitGroup
	engine.Go(w.live)
	for i, does := range w.plan.People {
		people.Go(func() { w.person(i+1, does) })
	}
	people.Wait()
	if w.interlude != nil {
		w.interlude()
	}
	time.Sleep(w.plan.Linger)
	w.calm()
	w.settle()
	w.mu.Lock()
	w.over = true
	l := w.life
	w.mu.Unlock()
	if l != nil {
		l.stop()
	}
	engine.Wait()
}

// vault is the keyring as a process uses it.
func (w *world) vault(p *gate.Process) vault.Vault {
	return w.keyring.Vault(p)
}

// there tells whether the folder is there that a file of a company or of the home lies in.
func (w *world) there(path string) bool {
	for _, c := range w.companies {
		if within(path, c.folder) {
			return c.plugged.Load()
		}
	}
	return true
}

// now is the time of the story.
func (w *world) now() time.Duration { return time.Since(w.start) }

// violate notes that a check was broken.
func (w *world) violate(check, format string, args ...any) {
	v := violation{check: check, what: fmt.Sprintf(format, args...)}
	w.gate.Note("check", check, v.what)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, other := range w.broken {
		if other.check == v.check {
			return // one of a kind is enough
		}
	}
	w.broken = append(w.broken, v)
}

func (w *world) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
