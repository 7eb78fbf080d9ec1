package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"postroom/watcher/courier"
	"postroom/watcher/journal"
)

// Forgetting is what a person is told before a company is forgotten: what is kept, and what is deleted.
type Forgetting struct {
	Company     string `json:"company"`
	Folder      string `json:"folder"` // absolute; all files in it stay
	Practice    bool   `json:"practice"`
	Connections int    `json:"connections"` // whose keys and settings are deleted
	OnTheirWay  int    `json:"onTheirWay"`  // files that are queued, or whose end Sage has not told
	Sent        int    `json:"sent"`        // of these: files that Sage has or may have
	NeedsYou    int    `json:"needsYou"`
	Done        int    `json:"done"`
	Begun       bool   `json:"begun"` // it was asked for, and waits for the files that are on their way
}

// ForgetHow is how a company is to be forgotten. The zero value refuses while files are on their way.
type ForgetHow struct {
	Wait    bool `json:"wait,omitempty"`    // do it once no file is on its way any more
	Anyway  bool `json:"anyway,omitempty"`  // do not wait: nobody follows what is on its way until the company is connected anew
	History bool `json:"history,omitempty"` // delete its history too
}

// settingLeaving stands before a company's name: it is to be forgotten, or is being.
const settingLeaving = "forget/"

// forgetPage is how many transfers leave the history at a time.
const forgetPage = 500

// departure is what the journal knows of a company that is to be forgotten: enough to go on after a crash, when its
// records are gone already and its keys are not.
type departure struct {
	Wait        bool     `json:"wait,omitempty"` // for what is on its way
	History     bool     `json:"history,omitempty"`
	Connections []string `json:"connections,omitempty"`
	Vault       []string `json:"vault,omitempty"` // names under which the vault keeps something
}

// AgentVersion is the version of this program.
func (e *Engine) AgentVersion() string { return e.options.Version }

// Forgetting tells what forgetting a company would keep and delete.
func (e *Engine) Forgetting(ctx context.Context, company string) (Forgetting, error) {
	records, err := e.recordsOf(company)
	if err != nil {
		return Forgetting{}, err
	}
	heaps, err := e.journal.Heaps(ctx)
	if err != nil {
		return Forgetting{}, err
	}
	heap := heaps[company]
	f := Forgetting{
		Company: company, Folder: records[0].Folder, Practice: records[0].Practice, Connections: len(records),
		OnTheirWay: heap[journal.OnTheirWay], NeedsYou: heap[journal.NeedsYou], Done: heap[journal.Done],
	}
	if f.OnTheirWay > 0 {
		sent := []journal.State{journal.Created, journal.Sent, journal.Validating, journal.Processing}
		known, err := e.journal.History(ctx, journal.Query{Company: company, States: sent, Limit: mostLimit})
		if err != nil {
			return Forgetting{}, err
		}
		f.Sent = len(known.Transfers)
	}
	d, asked := e.pauses.departing(company)
	f.Begun = asked && d.Wait
	return f, nil
}

// recordsOf are a company's connections; ErrNotFound when there is none.
func (e *Engine) recordsOf(company string) ([]accountRecord, error) {
	records, err := e.readRecords()
	if err != nil && !errors.Is(err, errDamaged) {
		return nil, err
	}
	records = slices.DeleteFunc(records, func(r accountRecord) bool { return r.Company != company })
	if len(records) == 0 {
		return nil, refuse(ErrNotFound, "companyUnknown", "company", company)
	}
	return records, nil
}

// Forget ends all connections of a company here: their keys and settings are deleted, its pause too, and its history if that
// is chosen. All files stay where they are. While files are on their way it refuses (ErrWrongState), unless it is to wait for
// them or to be done anyway. The consent is to be withdrawn in Sage too.
//
// That it is to be done is durable first, and what a crash interrupts is finished by the next agent.
func (e *Engine) Forget(ctx context.Context, company string, how ForgetHow) error {
	told, err := e.Forgetting(ctx, company)
	if err != nil {
		return err
	}
	if told.OnTheirWay > 0 && how.Wait {
		return e.depart(ctx, company, departure{Wait: true, History: how.History})
	}
	if told.OnTheirWay > 0 && !how.Anyway {
		return refuse(ErrWrongState, "filesOnTheirWay", "company", company, "count", strconv.Itoa(told.OnTheirWay))
	}
	if _, err := e.unlocked(ctx); err != nil {
		return err
	}
	return e.leaveNow(ctx, company, how.History)
}

// KeepCompany takes back that a company is to be forgotten, while that still waits.
func (e *Engine) KeepCompany(ctx context.Context, company string) error {
	release, err := e.turn(ctx, "forget")
	if err != nil {
		return err
	}
	defer release()
	if d, asked := e.pauses.departing(company); !asked || !d.Wait {
		return refuse(ErrWrongState, "notForgotten", "company", company)
	}
	if err := e.journal.Put(ctx, journal.Setting{Key: settingLeaving + company}); err != nil {
		return err
	}
	e.pauses.stay(company)
	e.emit(Event{Kind: EventAll})
	return nil
}

// depart makes durable that a company is to be forgotten.
func (e *Engine) depart(ctx context.Context, company string, d departure) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := e.journal.Put(ctx, journal.Setting{Key: settingLeaving + company, Value: string(text)}); err != nil {
		return err
	}
	e.pauses.depart(company, d)
	e.pausesChanged()
	return nil
}

// leaveNow begins to forget a company and does all of it.
func (e *Engine) leaveNow(ctx context.Context, company string, history bool) error {
	release, err := e.turn(ctx, "forget")
	if err != nil {
		return err
	}
	defer release()
	records, err := e.recordsOf(company)
	if err != nil {
		return err
	}
	d := departure{History: history}
	for _, r := range records {
		d.Connections = append(d.Connections, r.ID)
		d.Vault = append(append(d.Vault, r.ID, r.vaultName()), r.Earlier...)
	}
	slices.Sort(d.Vault)
	d.Vault = slices.Compact(d.Vault)
	if err := e.depart(ctx, company, d); err != nil {
		return err
	}
	return e.sendOff(ctx, company, d)
}

// sendOff does what a departure says, as far as it is not done yet.
func (e *Engine) sendOff(ctx context.Context, company string, d departure) error {
	e.takeBackClaimed(ctx, company)
	if err := e.dropDraftsOf(ctx, d.Connections); err != nil {
		return err
	}
	if err := e.removeConnections(ctx, company, d); err != nil {
		return err
	}
	last := []journal.Change{
		journal.Severed{Connections: d.Connections}, journal.Setting{Key: pauseKey(company)}, journal.Setting{Key: settingLeaving + company},
	}
	if d.History {
		if err := e.forgetHistory(ctx, company); err != nil {
			return err
		}
		last = append(last, journal.Unlisted{Company: company})
	}
	if err := e.journal.Put(ctx, last...); err != nil {
		return err
	}
	e.pauses.resume(company)
	e.pauses.stay(company)
	e.log.Info("a company was forgotten", "company", company, "connections", len(d.Connections), "history", d.History)
	e.emit(Event{Kind: EventAll})
	return nil
}

// takeBackClaimed puts files that were set aside to be sent, and of which nothing has gone out, where a person sees them. One
// that cannot be taken back now stays aside, and goes on when the company is connected anew.
func (e *Engine) takeBackClaimed(ctx context.Context, company string) {
	found, err := e.journal.Transfers(ctx, journal.Query{Company: company, States: []journal.State{journal.Claimed}, Limit: mostLimit})
	if err != nil {
		e.log.Warn("what was set aside could not be listed", "company", company, "error", err)
	}
	for i := range found {
		if !courier.Allows(&found[i], courier.Cancel) {
			continue
		}
		if err := e.Cancel(ctx, found[i].ID); err != nil {
			e.log.Warn("a file that was set aside stays there", "transfer", found[i].ID, "error", err)
		}
	}
}

// dropDraftsOf ends what was begun to renew a consent, so that it does not bring a connection back.
func (e *Engine) dropDraftsOf(ctx context.Context, connections []string) error {
	drafts, err := e.readDrafts()
	if err != nil && !errors.Is(err, errDamaged) {
		return err
	}
	for _, draft := range drafts {
		if !slices.Contains(connections, draft.Reconnects) && !slices.Contains(connections, draft.Connection) {
			continue
		}
		if err := e.DropDraft(ctx, draft.ID); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// removeConnections deletes a company's connections with their keys.
func (e *Engine) removeConnections(ctx context.Context, company string, d departure) error {
	release, err := e.turn(ctx, "connections")
	if err != nil {
		return err
	}
	defer release()
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return err
	}
	for _, id := range d.Connections {
		if err := e.fs.Remove(e.accountPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a connection: %w", err)
		}
		e.abandon(id)
		e.emit(Event{Kind: EventConnection, ID: id, Company: company})
	}
	wake(e.onboarding.changed)
	for _, name := range d.Vault {
		if err := secrets.Delete(ctx, name); err != nil {
			return vaultProblem(err)
		}
	}
	return nil
}

// forgetHistory has the history show nothing of a company any more but what is still open. What identifies content stays for
// as long as the same content would be noticed: forgotten is not a way to send a file twice.
func (e *Engine) forgetHistory(ctx context.Context, company string) error {
	for _, bucket := range []journal.Bucket{journal.NeedsYou, journal.Done} {
		ask := journal.Query{Company: company, Bucket: &bucket, Limit: forgetPage}
		for {
			page, err := e.journal.Transfers(ctx, ask)
			if err != nil {
				return err
			}
			var changes []journal.Change
			var gone []int64
			for i := range page {
				t := page[i]
				if t.Phase() != journal.Closed {
					continue
				}
				if bucket == journal.NeedsYou {
					t.Dismissed = true
					changes = append(changes, journal.Stepped{Transfer: t})
				}
				gone = append(gone, t.Sequence)
			}
			if len(gone) > 0 {
				if err := e.journal.Put(ctx, append(changes, journal.Forgotten{Sequences: gone})...); err != nil {
					return err
				}
			}
			if len(page) < forgetPage {
				break
			}
			ask.Before = page[len(page)-1].Sequence
		}
	}
	return nil
}

// goOnForgetting finishes what a crash has interrupted, and what waited for files that have come to their end. It costs
// nothing where no company is to be forgotten.
func (e *Engine) goOnForgetting(ctx context.Context) {
	for company, d := range e.pauses.departures() {
		err := e.goOnLeaving(ctx, company, d)
		if ctx.Err() == nil {
			e.complain("forgetting "+company, err)
		}
	}
}

func (e *Engine) goOnLeaving(ctx context.Context, company string, d departure) error {
	if d.Wait {
		told, err := e.Forgetting(ctx, company)
		switch {
		case errors.Is(err, ErrNotFound): // disconnected meanwhile
			return e.KeepCompany(ctx, company)
		case err != nil || told.OnTheirWay > 0:
			return err
		}
		return e.leaveNow(ctx, company, d.History)
	}
	release, err := e.turn(ctx, "forget")
	if err != nil {
		return err
	}
	defer release()
	if _, still := e.pauses.departing(company); !still {
		return nil // a command has finished it meanwhile
	}
	return e.sendOff(ctx, company, d)
}
