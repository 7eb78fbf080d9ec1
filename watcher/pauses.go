package watcher

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"postroom/watcher/journal"
)

const (
	settingPaused = "paused"     // since when all sending is; with "/" and a company's name behind it, that company's
	settingQuiet  = "quietUntil" // no pop-ups before
	mostQuiet     = 24 * time.Hour
)

// everyone stands for all companies where one could be named.
const everyone = ""

// pauses are what a person has put off; they outlive a restart.
type pauses struct {
	quiet atomic.Pointer[time.Time]

	mu      sync.Mutex           // guards the rest
	stopped map[string]time.Time // since when: everyone, or a company by its name
	leaving map[string]departure // companies that are to be forgotten, or are being
}

func (p *pauses) stop(company string, since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped == nil {
		p.stopped = make(map[string]time.Time)
	}
	p.stopped[company] = since
}

func (p *pauses) resume(company string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.stopped, company)
}

// since tells since when sending is paused: of everyone or of one company; false when it is not.
func (p *pauses) since(company string) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, stopped := p.stopped[company]
	return at, stopped
}

// companies are those that are paused alone.
func (p *pauses) companies() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	names := slices.Sorted(maps.Keys(p.stopped))
	return slices.DeleteFunc(names, func(name string) bool { return name == everyone })
}

func (p *pauses) depart(company string, d departure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.leaving == nil {
		p.leaving = make(map[string]departure)
	}
	p.leaving[company] = d
}

func (p *pauses) stay(company string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.leaving, company)
}

// departing tells whether a company is to be forgotten, and how.
func (p *pauses) departing(company string) (departure, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, asked := p.leaving[company]
	return d, asked
}

func (p *pauses) departures() map[string]departure {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.leaving)
}

// openPauses reads what was put off before the start.
func (e *Engine) openPauses(ctx context.Context) error {
	values, err := e.journal.Settings(ctx)
	if err != nil {
		return err
	}
	for key, value := range values {
		if company, of := strings.CutPrefix(key, settingLeaving); of {
			var d departure
			if err := json.Unmarshal([]byte(value), &d); err != nil {
				e.log.Warn("how a company is to be forgotten cannot be read", "company", company, "error", err)
				continue
			}
			e.pauses.depart(company, d)
			continue
		}
		company, of := strings.CutPrefix(key, settingPaused+"/")
		if key == settingPaused {
			company, of = everyone, true
		}
		if of && value != "" {
			since, err := time.Parse(time.RFC3339, value)
			if err != nil {
				e.log.Warn("since when sending is paused cannot be read", "value", value)
			}
			e.pauses.stop(company, since)
		}
	}
	if until, err := time.Parse(time.RFC3339, values[settingQuiet]); err == nil {
		e.pauses.quiet.Store(&until)
	}
	return nil
}

// paused tells that nothing is to be claimed, created or sent. What was sent is followed all the same.
func (e *Engine) paused() bool {
	_, stopped := e.pauses.since(everyone)
	return stopped
}

// pausedSince tells whether a company's files may not be sent, alone or with all others, and since when.
func (e *Engine) pausedSince(company string) (time.Time, bool) {
	if since, stopped := e.pauses.since(everyone); stopped {
		return since, true
	}
	if company == everyone {
		return time.Time{}, false
	}
	if d, asked := e.pauses.departing(company); asked && !d.Wait {
		return time.Time{}, true // nothing more is sent for a company that is being forgotten
	}
	return e.pauses.since(company)
}

// quietUntil is until when no pop-ups are wanted; zero when they are.
func (e *Engine) quietUntil() time.Time {
	if until := e.pauses.quiet.Load(); until != nil && until.After(e.now()) {
		return *until
	}
	return time.Time{}
}

// Pause stops sending until Resume, also over a restart. Files wait.
func (e *Engine) Pause(ctx context.Context) error { return e.pause(ctx, everyone) }

// Resume goes on with sending: of everyone, those too who were paused alone.
func (e *Engine) Resume(ctx context.Context) error {
	return e.resume(ctx, append(e.pauses.companies(), everyone)...)
}

// PauseCompany stops sending one company's files until ResumeCompany or Resume, also over a restart. ErrNotFound when
// there is no such company.
func (e *Engine) PauseCompany(ctx context.Context, company string) error {
	if e.folderOf(company) == "" {
		return refuse(ErrNotFound, "companyUnknown", "company", company)
	}
	return e.pause(ctx, company)
}

// ResumeCompany goes on with sending one company's files. A pause of everyone stays.
func (e *Engine) ResumeCompany(ctx context.Context, company string) error {
	if _, stopped := e.pauses.since(company); !stopped && e.folderOf(company) == "" {
		return refuse(ErrNotFound, "companyUnknown", "company", company)
	}
	return e.resume(ctx, company)
}

// pause is durable before it is true. One that is in force keeps its beginning.
func (e *Engine) pause(ctx context.Context, company string) error {
	if _, stopped := e.pauses.since(company); stopped {
		return nil
	}
	since := e.now().UTC()
	if err := e.journal.Put(ctx, journal.Setting{Key: pauseKey(company), Value: since.Format(time.RFC3339)}); err != nil {
		return err
	}
	e.pauses.stop(company, since)
	e.pausesChanged()
	return nil
}

func (e *Engine) resume(ctx context.Context, companies ...string) error {
	changes := make([]journal.Change, 0, len(companies))
	for _, company := range companies {
		changes = append(changes, journal.Setting{Key: pauseKey(company)})
	}
	if err := e.journal.Put(ctx, changes...); err != nil {
		return err
	}
	for _, company := range companies {
		e.pauses.resume(company)
	}
	e.pausesChanged()
	return nil
}

func pauseKey(company string) string {
	if company == everyone {
		return settingPaused
	}
	return settingPaused + "/" + company
}

func (e *Engine) pausesChanged() {
	for _, c := range e.allCompanies() {
		c.wakeLanes()
	}
	e.emit(Event{Kind: EventAll})
}

// Quiet keeps pop-ups away for some minutes; 0 lets them come again.
func (e *Engine) Quiet(ctx context.Context, minutes int) error {
	if minutes < 0 || time.Duration(minutes)*time.Minute > mostQuiet {
		return refuse(ErrInvalid, "quietInvalid")
	}
	until := e.now().Add(time.Duration(minutes) * time.Minute).UTC()
	if err := e.journal.Put(ctx, journal.Setting{Key: settingQuiet, Value: until.Format(time.RFC3339)}); err != nil {
		return err
	}
	e.pauses.quiet.Store(&until)
	e.emit(Event{Kind: EventAll})
	return nil
}
