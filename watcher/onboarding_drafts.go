package watcher

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"postroom/sage/vault"
)

// draftRecord is a draft as it is kept in drafts/<id>.json. Its ID is also the name under which the vault keeps the
// draft's IDs, secret and keys; they stay there when it becomes a connection.
type draftRecord struct {
	Draft
	CreatedAt    time.Time `json:"createdAt"`
	Mark         string    `json:"applicationMark,omitempty"` // tells one application from another
	Registration string    `json:"registration,omitempty"`    // in callbacks.json
	KeptIn       string    `json:"keptIn,omitempty"`          // which vault has its secret
	Candidates   []string  `json:"candidates,omitempty"`      // names in the vault of delivered keys that are not tried yet
	Via          []string  `json:"via,omitempty"`             // in callbacks.json, where the last of them came to
	Attempts     int       `json:"attempts,omitempty"`        // to try them, in a row
	Stuck        bool      `json:"stuck,omitempty"`           // trying again by itself would not help
	PolledAt     time.Time `json:"polledAt,omitzero"`         // when the passcode's outcome was asked for last
}

// open reports whether the draft waits for the consent to its passcode.
func (d *draftRecord) open(now time.Time) bool {
	return d.Step != StepDone && d.Passcode != "" && d.Outcome == OutcomeWaiting && now.Before(d.ExpiresAt)
}

// draftName is what an ID can look like; it becomes a file's name.
var draftName = regexp.MustCompile(`^[a-z0-9]{10,40}$`)

// newID names a draft, and the connection that it becomes.
func newID() string { return strings.ToLower(rand.Text()) }

func (e *Engine) draftPath(id string) string {
	return filepath.Join(e.options.Home, "drafts", id+".json")
}

func (e *Engine) readDraft(id string) (draftRecord, error) {
	var d draftRecord
	if !draftName.MatchString(id) {
		return d, refuse(ErrNotFound, "draftGone")
	}
	err := readKept(e.fs, e.draftPath(id), &d)
	if errors.Is(err, fs.ErrNotExist) {
		return d, refuse(ErrNotFound, "draftGone")
	}
	if err == nil && d.ID != id {
		err = fmt.Errorf("reading %s: %w: it is about another draft", e.draftPath(id), errDamaged)
	}
	return d, err
}

// readDrafts gives all drafts, the oldest first. One that cannot be read does not hide the others.
func (e *Engine) readDrafts() ([]draftRecord, error) {
	entries, err := e.fs.ReadDir(filepath.Join(e.options.Home, "drafts"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the drafts: %w", err)
	}
	var drafts []draftRecord
	var errs []error
	for _, entry := range entries {
		id, isDraft := strings.CutSuffix(entry.Name, ".json")
		if !isDraft || !draftName.MatchString(id) {
			continue
		}
		switch d, err := e.readDraft(id); {
		case err == nil:
			drafts = append(drafts, d)
		case !errors.Is(err, ErrNotFound):
			errs = append(errs, err)
		}
	}
	slices.SortFunc(drafts, func(a, b draftRecord) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return drafts, errors.Join(errs...)
}

// saveDraft makes the draft durable and tells of it.
func (e *Engine) saveDraft(d *draftRecord) error {
	d.UpdatedAt = e.now().UTC()
	if err := writeKept(e.fs, e.draftPath(d.ID), d); err != nil {
		return fmt.Errorf("saving a draft: %w", err)
	}
	e.emit(Event{Kind: EventDraft, ID: d.ID})
	return nil
}

// change lets do work on a draft while nobody else does, and keeps what became of it. What do refuses with a problem
// is kept in the draft too, so that it is still told after the window was closed; but not what was merely typed wrong.
func (e *Engine) change(ctx context.Context, id string, do func(ctx context.Context, d *draftRecord) error) (Draft, error) {
	release, err := e.turn(ctx, "draft-"+id)
	if err != nil {
		return Draft{}, err
	}
	defer release()
	d, err := e.readDraft(id)
	if err != nil {
		return Draft{}, err
	}
	d.Problem = nil
	err = do(ctx, &d)
	if errors.Is(err, ErrInvalid) || errors.Is(err, context.Canceled) {
		return e.view(d), err
	}
	if told, ok := errors.AsType[*ProblemError](err); ok {
		d.Problem = &told.Problem
	}
	if saveErr := e.saveDraft(&d); saveErr != nil {
		return e.view(d), errors.Join(err, saveErr)
	}
	e.nudge()
	return e.view(d), err
}

// view is the draft as it is shown: a passcode that has run out is told as such at once, and an address that could
// not be bound is a warning beside it.
func (e *Engine) view(d draftRecord) Draft {
	shown := d.Draft
	if d.Outcome == OutcomeWaiting && !d.open(e.now()) {
		shown.Outcome = OutcomeRanOut
	}
	if address, err := listenAddress(d.Input.CallbackListen); err == nil && d.Step != StepDone {
		e.onboarding.mu.Lock()
		trouble, found := e.onboarding.binding[address]
		e.onboarding.mu.Unlock()
		if found {
			shown.Warnings = append(slices.Clip(shown.Warnings), trouble)
		}
	}
	return shown
}

// Drafts are all runs through onboarding, the oldest first; those that are done are kept for a week.
func (e *Engine) Drafts(context.Context) ([]Draft, error) {
	records, err := e.readDrafts()
	e.complain("drafts", err)
	drafts := make([]Draft, 0, len(records))
	for _, d := range records {
		drafts = append(drafts, e.view(d))
	}
	return drafts, nil
}

// Draft is one run through onboarding.
func (e *Engine) Draft(_ context.Context, id string) (Draft, error) {
	d, err := e.readDraft(id)
	if err != nil {
		return Draft{}, err
	}
	return e.view(d), nil
}

// NewDraft begins a run through onboarding with what is known of it.
func (e *Engine) NewDraft(ctx context.Context, in DraftInput) (Draft, error) {
	d := draftRecord{Draft: Draft{ID: newID(), Step: StepIDs, Input: in}}
	return e.beginDraft(ctx, d)
}

func (e *Engine) beginDraft(_ context.Context, d draftRecord) (Draft, error) {
	d.Input = d.Input.clean()
	if d.Input.ProfilePath == "" {
		d.Input.ProfilePath = e.options.Profile
	}
	if err := e.checkInput(d.Input); err != nil {
		return Draft{}, err
	}
	d.CreatedAt = e.now().UTC()
	d.Warnings = e.placeWarnings(d.Input)
	if err := e.saveDraft(&d); err != nil {
		return Draft{}, err
	}
	e.nudge()
	return e.view(d), nil
}

// Reconnect begins a new consent for a connection that exists, at the passcode: its folder and history stay, and so
// does its first key. One that was begun already is gone on with.
func (e *Engine) Reconnect(ctx context.Context, connection string) (Draft, error) {
	release, err := e.turn(ctx, "reconnect-"+connection)
	if err != nil {
		return Draft{}, err
	}
	defer release()
	account, err := e.account(connection)
	if err != nil {
		return Draft{}, err
	}
	drafts, err := e.readDrafts()
	e.complain("drafts", err)
	for _, d := range drafts {
		if d.Reconnects == connection && d.Step != StepDone {
			return e.view(d), nil
		}
	}
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return Draft{}, err
	}
	d := draftRecord{
		Draft: Draft{
			ID: newID(), Step: StepPasscode, Reconnects: connection, Practice: account.Practice,
			ApplicationTail: account.ApplicationTail,
			Input: DraftInput{
				Platform: account.Platform, ProfilePath: account.Profile, Domain: account.Domain,
				Company: account.Company, Folder: filepath.Dir(account.Folder), CallbackListen: account.CallbackListen,
			},
		},
		Mark: account.ApplicationMark, KeptIn: secrets.Kind(),
	}
	for _, item := range []vault.Item{vault.DeveloperID, vault.ApplicationID} {
		id, err := secrets.Get(ctx, account.vaultName(), item)
		if errors.Is(err, vault.ErrNotFound) {
			d.Step = StepIDs // lost with the keyring: they are asked for again
			continue
		}
		if err == nil {
			err = secrets.Set(ctx, d.ID, item, id)
		}
		if err != nil {
			return Draft{}, vaultProblem(err)
		}
		if item == vault.DeveloperID {
			d.DeveloperTail = tailOf(id.Reveal())
		}
	}
	return e.beginDraft(ctx, d)
}

// UpdateDraft keeps what a person entered, and the step they are at. What Sage was told with the registration cannot
// be changed any more, nor can a step be taken whose ground is missing.
func (e *Engine) UpdateDraft(ctx context.Context, id string, step DraftStep, in DraftInput) (Draft, error) {
	return e.change(ctx, id, func(_ context.Context, d *draftRecord) error {
		in = in.clean()
		if in.ProfilePath == "" {
			in.ProfilePath = d.Input.ProfilePath
		}
		if d.Step == StepDone {
			return refuse(ErrWrongState, "draftDone")
		}
		if err := e.checkInput(in); err != nil {
			return err
		}
		if fixed := d.fixed(e.now(), in); fixed != "" {
			return refuse(ErrInvalid, "draftFixed", "field", fixed)
		}
		was := d.Input
		d.Input = in
		if !d.reaches(step) {
			d.Input = was
			return refuse(ErrInvalid, "draftStep", "step", string(step))
		}
		if in.Company != "" && in.Folder != "" && d.Reconnects == "" {
			if err := e.checkDraftPlace(d); err != nil {
				return err
			}
		}
		d.Step, d.Warnings = step, e.placeWarnings(in)
		return nil
	})
}

// fixed names the first thing that in would change and that is settled: with the platform since the registration,
// with the person in Sage 50 while a passcode is open, or by the connection that is renewed.
func (d *draftRecord) fixed(now time.Time, in DraftInput) string {
	changed := func(pairs ...[3]string) string {
		for _, p := range pairs {
			if p[1] != p[2] {
				return p[0]
			}
		}
		return ""
	}
	told := [][3]string{
		{"platform", d.Input.Platform, in.Platform},
		{"domain", d.Input.Domain, in.Domain},
	}
	name := ""
	if d.RegistrationURL != "" || d.ApprovalURL != "" {
		name = changed(append(told, [][3]string{
			{"callbackBase", d.Input.CallbackBase, in.CallbackBase},
			{"approvalUrl", d.Input.ApprovalURL, in.ApprovalURL},
		}...)...)
	}
	if name == "" && (d.open(now) || d.Reconnects != "") {
		name = changed(told...)
	}
	if name == "" && d.Reconnects != "" {
		name = changed([3]string{"company", d.Input.Company, in.Company}, [3]string{"folder", d.Input.Folder, in.Folder})
	}
	return name
}

// reaches reports whether the draft has what a step stands on. Steps may be gone back to.
func (d *draftRecord) reaches(step DraftStep) bool {
	switch step {
	case StepWelcome, StepIDs:
		return true
	case StepEmail:
		return d.RegistrationURL != ""
	case StepFolder:
		return d.Mark != ""
	case StepPasscode:
		return d.Mark != "" && d.Input.Company != "" && d.Input.Folder != "" && d.Input.Domain != ""
	case StepTest:
		return len(d.Candidates) > 0 || len(d.Checks) > 0
	}
	return false // done is reached by a key that works, not by being told
}

// DropDraft ends a run through onboarding. Its secrets go with it, unless it has become a connection; the token that
// Sage was told stays, since an application keeps its addresses.
func (e *Engine) DropDraft(ctx context.Context, id string) error {
	release, err := e.turn(ctx, "draft-"+id)
	if err != nil {
		return err
	}
	defer release()
	d, err := e.readDraft(id)
	if err != nil {
		return err
	}
	if err := e.forgetDraft(ctx, d); err != nil {
		return err
	}
	e.nudge()
	return nil
}

// forgetDraft removes a draft in whose turn it is called.
func (e *Engine) forgetDraft(ctx context.Context, d draftRecord) error {
	names := candidateNames(d.ID)
	if d.Step != StepDone {
		made, err := e.madeBy(d.ID)
		if err != nil {
			return err
		}
		if made == nil {
			names = append(names, d.ID)
		}
	}
	if d.KeptIn != "" && (d.Step != StepDone || len(d.Candidates) > 0) {
		secrets, err := e.unlocked(ctx)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := secrets.Delete(ctx, name); err != nil {
				return vaultProblem(err)
			}
		}
	}
	if err := e.fs.Remove(e.draftPath(d.ID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing a draft: %w", err)
	}
	e.emit(Event{Kind: EventDraft, ID: d.ID})
	return nil
}
