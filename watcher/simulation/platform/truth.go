package platform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/simulation/gate"
)

// truth is what has been seen of the clients.
type truth struct {
	mu         sync.Mutex // guards what follows
	violations []string
	excused    map[string]int     // the sandbox's violations that are the network's doing, by text
	misled     int                // tracking answers that said again that content is awaited
	states     map[string][]told  // what tracking has told, by address, oldest first
	refused    map[string]bool    // keys that were answered 401
	keys       map[string]*newest // by initial key
	rotations  int
	pardons    int
	owners     map[string]string        // the initial key of each that a rotation gave
	patience   map[kindOfCall]time.Time // until when the platform has asked not to be called so
}

// kindOfCall is what a Retry-After is about: calls of one process and connection to one address.
type kindOfCall struct {
	process            *gate.Process
	initial            string
	method, host, path string
}

// newest is the newest key that a rotation gave.
type newest struct {
	key      string
	process  *gate.Process // that asked for it
	heard    bool          // the answer reached it whole
	pardons  int           // then
	troubles int           // of the keyring, then
	hung     bool          // the keyring hung then
}

func (t *truth) init() {
	t.excused, t.states = map[string]int{}, map[string][]told{}
	t.refused, t.keys = map[string]bool{}, map[string]*newest{}
	t.owners, t.patience = map[string]string{}, map[kindOfCall]time.Time{}
}

func (p *Platform) violation(text string) {
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	p.truth.violations = append(p.truth.violations, text)
}

// Violations are what clients should not have done: the sandbox's, without those that the network caused by doubling a
// request or by telling an old state, and the network's own:
//
//	foreign-host     a key or a secret was sent to a host that is not the platform's
//	unsafe-address   a call went over plain http, or into this computer's network
//	forged-address   a call went to an address that only a forged notification named
//	unstored-key     a call carried a key that the keyring never held
//	impatient        a call came again before the time that the platform had asked to wait for with a Retry-After
//	needless-rotation  a key was replaced although nothing was wrong with it and its answer had come whole
func (p *Platform) Violations() []string {
	all := p.Sandbox.Violations()
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	excused := make(map[string]int, len(p.truth.excused))
	misled := p.truth.misled
	list := append([]string(nil), p.truth.violations...)
	for _, text := range all {
		switch {
		case excused[text] < p.truth.excused[text]:
			excused[text]++
		case strings.HasPrefix(text, "sent-twice:") && misled > 0:
			misled--
		default:
			list = append(list, text)
		}
	}
	return list
}

// Pardon is for a rotation that a person asked for: the next one is not needless.
func (p *Platform) Pardon() {
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	p.truth.pardons++
}

// Pressed is for what a person wants tried at once: no Retry-After that came before counts.
func (p *Platform) Pressed() {
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	clear(p.truth.patience)
}

// kindOf is what a Retry-After that a call gets is about. It must be called with truth.mu held.
func (p *Platform) kindOf(c *call) kindOfCall {
	initial := c.key
	if owner, ok := p.truth.owners[c.key]; ok {
		initial = owner
	}
	if c.purpose == rotate {
		initial = c.initial
	}
	return kindOfCall{process: c.process, initial: initial, method: c.r.Method, host: c.r.URL.Host, path: c.r.URL.Path}
}

// begins looks at a call that a client has just decided to make.
func (p *Platform) begins(c *call) {
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	if early := time.Until(p.truth.patience[p.kindOf(c)]); early > 0 {
		p.truth.violations = append(p.truth.violations,
			fmt.Sprintf("impatient: %s %s came %s before the time that the platform had asked to wait for", c.r.Method, c.r.URL.Path, early))
	}
}

// putOff notes that a client has heard a Retry-After.
func (p *Platform) putOff(c *call) {
	if c.rest <= 0 {
		return
	}
	p.gate.Count("net.retryAfter")
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	p.truth.patience[p.kindOf(c)] = time.Now().Add(c.rest)
}

// Rotations tells how many keys were given by rotation.
func (p *Platform) Rotations() int {
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	return p.truth.rotations
}

// Taken is a content that the platform has taken.
type Taken struct {
	sandbox.File
	Records []string // the IDs of its records, in their order
}

// Taken are the contents that the platform has taken, in the order of their records' creation. A content that ended as
// failed or rejected was taken too.
func (p *Platform) Taken() ([]Taken, error) {
	var list []Taken
	for _, f := range p.Files() {
		if f.ReceivedAt.IsZero() {
			continue
		}
		content, err := p.Content(f.ID)
		if err != nil {
			return nil, fmt.Errorf("platform: reading what was received as %s: %w", f.Name, err)
		}
		data, err := io.ReadAll(content)
		_ = content.Close()
		if err != nil {
			return nil, fmt.Errorf("platform: reading what was received as %s: %w", f.Name, err)
		}
		list = append(list, Taken{File: f, Records: recordsOf(data)})
	}
	return list, nil
}

// recordsOf gives the IDs of a content's records: of an array, of an array within an object, or of one object.
func recordsOf(data []byte) []string {
	var document any
	if json.Unmarshal(data, &document) != nil {
		return nil
	}
	if object, ok := document.(map[string]any); ok {
		document = []any{object}
		for _, value := range object {
			if list, ok := value.([]any); ok && len(object) == 1 {
				document = list
			}
		}
	}
	list, _ := document.([]any)
	var ids []string
	for _, record := range list {
		if fields, ok := record.(map[string]any); ok {
			ids = append(ids, fmt.Sprint(fields["id"]))
		}
	}
	return ids
}

// keyOf is the key that a request carries.
func (p *Platform) keyOf(r *http.Request) string {
	value := r.Header.Get(p.profile.Key.Header)
	if scheme := p.profile.Key.Scheme; scheme != "" {
		value = strings.TrimPrefix(value, scheme+" ")
	}
	return value
}

// seen looks at a request that goes to the platform.
func (p *Platform) seen(c *call) {
	if c.key != "" && p.keyring != nil && !p.keyring.Held(c.key) {
		p.violation("unstored-key: a call carried a key that the keyring never held")
	}
}

// answered looks at what the platform has answered.
func (p *Platform) answered(c *call, resp *http.Response) error {
	good := resp.StatusCode/100 == 2
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		p.unauthorised(c)
		return nil
	case !good || c.purpose != rotate && c.purpose != track:
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return err
	}
	resp.Body = &made{Reader: bytes.NewReader(body)}
	if c.purpose == track {
		p.tracked(c.r.URL.Path, body)
	} else {
		p.rotated(c, body)
	}
	return nil
}

func (p *Platform) unauthorised(c *call) {
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	p.truth.refused[c.key] = true
}

// tracked remembers what tracking told.
func (p *Platform) tracked(address string, body []byte) {
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	before := p.truth.states[address]
	if len(before) == 0 || !bytes.Equal(before[len(before)-1].body, body) {
		p.truth.states[address] = append(before, told{body, time.Now()})
	}
}

// told is an answer of tracking, and when it was first given.
type told struct {
	body []byte
	at   time.Time
}

// lag is for how long tracking may go on telling what is not true any more. A client that waits less before it believes that
// content did not arrive has it taken twice; one that would wait for ever sends nothing.
const lag = 2 * time.Minute

// earlier is what tracking told before; now, if that is all there is or is known for longer than tracking lags.
func (p *Platform) earlier(c *call, now []byte) []byte {
	p.truth.mu.Lock()
	all := p.truth.states[c.r.URL.Path]
	p.truth.mu.Unlock()
	if len(all) < 2 || time.Since(all[len(all)-1].at) > lag {
		return now
	}
	body := all[p.gate.Intn(len(all)-1)].body
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	if bytes.Contains(body, []byte(sandbox.AwaitingUpload)) {
		p.truth.misled++
	}
	return body
}

// rotated notes a new key, and whether there was a need for it. The renewal of a secret gives none.
func (p *Platform) rotated(c *call, body []byte) {
	key := lookup(body, p.profile.Answers.Key.First())
	initial := lookup(c.sent, p.profile.Names.Rotation.InitialKey)
	if key == "" {
		return
	}
	troubles, hangs := 0, false
	if p.keyring != nil {
		troubles, hangs = p.keyring.Troubles(), p.keyring.Hangs()
	}
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	c.gave = key
	p.truth.rotations++
	p.truth.owners[key] = initial
	last := p.truth.keys[initial]
	if last != nil && last.heard && !last.hung && last.process == c.process && !p.truth.refused[last.key] &&
		last.pardons == p.truth.pardons && last.troubles == troubles {
		p.truth.violations = append(p.truth.violations, "needless-rotation: a key was replaced that nothing was wrong with")
	}
	p.truth.keys[initial] = &newest{key: key, process: c.process, pardons: p.truth.pardons, troubles: troubles, hung: hangs}
}

// heard notes that the answer to a call has arrived as it was given. Only the answer that gave a key tells a client of it:
// a rotation that was refused, or a new secret, says nothing of a key whose own answer was lost.
func (p *Platform) heard(c *call) {
	if c.gave == "" {
		return
	}
	p.truth.mu.Lock()
	defer p.truth.mu.Unlock()
	last := p.truth.keys[lookup(c.sent, p.profile.Names.Rotation.InitialKey)]
	last.heard = last.heard || last.key == c.gave
}

// lookup finds a text in a JSON object by its name in any case.
func lookup(body []byte, name string) string {
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return ""
	}
	for key, value := range fields {
		if text, ok := value.(string); ok && strings.EqualFold(key, name) {
			return text
		}
	}
	return ""
}

// excused makes a call whose violations are not the client's. Nothing may pass the gate in it.
func (c *call) excused(do func() (*http.Response, error)) (*http.Response, error) {
	before := len(c.platform.Sandbox.Violations())
	resp, err := do()
	after := c.platform.Sandbox.Violations()
	c.platform.truth.mu.Lock()
	defer c.platform.truth.mu.Unlock()
	for _, text := range after[before:] {
		c.platform.truth.excused[text]++
	}
	return resp, err
}
