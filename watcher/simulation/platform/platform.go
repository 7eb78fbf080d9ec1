package platform

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/watcher/simulation/gate"
)

// Where the simulated platform is reached, and contents are uploaded to where that is another host.
const (
	BaseURL   = "https://platform.example"
	UploadURL = "https://uploads.example"
)

// Options are what a Platform is made with.
type Options struct {
	Seed    uint64          // of IDs, passcodes and keys
	Sandbox sandbox.Options // its BaseURL, Now, Rand and Callbacks are ours
	Uploads bool            // contents go to another host
	Keyring *Keyring        // the keyring of the computer whose keys are looked after; nil: none
}

// Platform is the platform and the network that leads to it.
type Platform struct {
	*sandbox.Sandbox
	Clock Clock // of the platform; what a client sees of it is the Date of answers and the expiry of keys

	gate      *gate.Gate
	process   *gate.Process // for what the platform does by itself
	profile   *sage.Profile
	direct    http.RoundTripper // to the sandbox
	base      *url.URL
	keyring   *Keyring
	faults    atomic.Pointer[Faults]
	gone      atomic.Int32 // how many results' addresses have run out
	lines     lines
	listeners listeners
	truth     truth
}

// New makes a platform. Close it before the bubble ends.
func New(g *gate.Gate, o Options) (*Platform, error) {
	p := &Platform{gate: g, process: g.Process("platform"), profile: o.Sandbox.Profile, keyring: o.Keyring}
	if p.profile == nil {
		p.profile = sage.DefaultProfile()
	}
	p.faults.Store(&Faults{})
	p.lines.init()
	p.truth.init()
	var err error
	if p.base, err = url.Parse(BaseURL); err != nil {
		return nil, err
	}
	s := o.Sandbox
	s.Profile, s.BaseURL, s.Now, s.Callbacks = p.profile, BaseURL, p.Clock.Now, caller{p}
	s.Rand = &random{source: rand.NewPCG(o.Seed, 0x5a6e)} //nolint:gosec // it has to be the same every time
	if o.Uploads {
		s.UploadBaseURL = UploadURL
	}
	if p.Sandbox, err = sandbox.New(s); err != nil {
		return nil, err
	}
	p.direct = p.RoundTripper()
	return p, nil
}

// Close ends the platform. Its own calls that are under way come to nothing.
func (p *Platform) Close() error {
	p.process.Kill()
	return p.Sandbox.Close()
}

// SetFaults says what goes wrong from now on with requests and the platform's calls.
func (p *Platform) SetFaults(f Faults) { p.faults.Store(&f) }

// RunOut has the next n addresses of results lead to nothing, once each; tracking gives others.
func (p *Platform) RunOut(n int) { p.gone.Store(int32(n)) } //nolint:gosec // a few

// Calm ends all faults and outages, and resets what is still held up by one.
func (p *Platform) Calm() {
	p.SetFaults(nil)
	p.SetOutage("")
	p.Break()
}

// random reads bytes from a seeded source.
type random struct {
	mu     sync.Mutex // guards source
	source *rand.PCG
}

// Read fills b.
func (r *random) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range b {
		if i%8 == 0 {
			for n, word := i, r.source.Uint64(); n < min(i+8, len(b)); n, word = n+1, word>>8 {
				b[n] = byte(word)
			}
		}
	}
	return len(b), nil
}

// lines are the connections through which requests go.
type lines struct {
	mu     sync.Mutex // guards what follows
	outage Kind
	broken chan struct{} // closed when all that is under way is reset
}

func (l *lines) init() { l.broken = make(chan struct{}) }

// SetOutage has every request fail in one way, one of Refused, NoName, BadTLS, ResetBefore, BlackHole and Portal; "" ends it.
func (p *Platform) SetOutage(k Kind) {
	p.lines.mu.Lock()
	defer p.lines.mu.Unlock()
	p.lines.outage = k
}

// Break resets every connection, as a network that is swapped does.
func (p *Platform) Break() {
	p.lines.mu.Lock()
	defer p.lines.mu.Unlock()
	close(p.lines.broken)
	p.lines.broken = make(chan struct{})
}

func (l *lines) now() (outage Kind, broken <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.outage, l.broken
}
