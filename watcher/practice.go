package watcher

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"postroom/assets"
)

// practiceDomain is what a practice company is for: the domain with files in both directions.
const practiceDomain = "ecommerce"

// Practice connects a practice company at once: every step of onboarding is really taken, with the platform in this
// process and its person's part played. One that exists already is what is answered.
func (e *Engine) Practice(ctx context.Context) (Draft, error) {
	release, err := e.turn(ctx, "practice")
	if err != nil {
		return Draft{}, err
	}
	defer release()
	accounts, err := e.readAccounts()
	if err != nil {
		return Draft{}, err
	}
	for _, account := range accounts {
		if account.Practice {
			return practiceDone(account), nil
		}
	}
	practised, err := e.practised(ctx)
	if err != nil {
		return Draft{}, err
	}
	draft, err := e.practise(ctx, practised)
	if err != nil && draft.ID != "" {
		return draft, errors.Join(err, e.DropDraft(context.WithoutCancel(ctx), draft.ID))
	}
	return draft, err
}

// practiceDone is the end of a run through onboarding whose draft is long gone.
func practiceDone(account Account) Draft {
	return Draft{
		ID: account.ID, Step: StepDone, Connection: account.ID, Practice: true, Outcome: OutcomeReceived,
		Input: DraftInput{
			Company: account.Company, Folder: filepath.Dir(account.Folder), Domain: account.Domain, Platform: account.Platform,
		},
		UpdatedAt: account.ConnectedAt,
	}
}

// practised starts the platform of practice companies, once.
func (e *Engine) practised(ctx context.Context) (Practised, error) {
	if e.options.Practice == nil {
		return Practised{}, refuse(ErrWrongState, "practiceNone")
	}
	queue := e.onboarding.turns.queue("practice platform")
	select {
	case queue <- struct{}{}:
	case <-ctx.Done():
		return Practised{}, context.Cause(ctx)
	}
	defer func() { <-queue }()
	e.onboarding.mu.Lock()
	started := e.onboarding.platform
	e.onboarding.mu.Unlock()
	if started != nil {
		return *started, nil
	}
	practised, err := e.options.Practice(ctx)
	if err != nil {
		return Practised{}, fmt.Errorf("starting the practice platform: %w", err)
	}
	e.onboarding.mu.Lock()
	e.onboarding.platform = &practised
	e.onboarding.mu.Unlock()
	return practised, nil
}

// practise takes the steps.
func (e *Engine) practise(ctx context.Context, platform Practised) (Draft, error) {
	settings := e.settings()
	company := assets.For(settings.Language).Say("practice.company")
	again := newID()[:6] // its platform remembers the one before, which may have been forgotten here
	draft, err := e.beginDraft(ctx, draftRecord{Draft: Draft{
		ID: newID(), Step: StepIDs, Practice: true,
		Input: DraftInput{
			Platform: platform.Platform, ProfilePath: platform.Profile, Domain: practiceDomain,
			Name: company, Firm: company, Email: "practice-" + again + "@example.com", Application: company + " " + again,
			Company: company, Folder: settings.DocumentsRoot,
		},
	}})
	if err != nil {
		return draft, err
	}
	steps := []func() error{
		func() (err error) { draft, err = e.Register(ctx, draft.ID); return err },
		func() error {
			developer, application, err := platform.IDs(ctx, draft.RegistrationURL)
			if err != nil {
				return err
			}
			draft, err = e.SetIDs(ctx, draft.ID, developer, application)
			return err
		},
		func() (err error) { draft, err = e.RequestPasscode(ctx, draft.ID); return err },
		func() error {
			key, err := platform.Consent(ctx, draft.Passcode, company)
			if err != nil {
				return err
			}
			draft, err = e.PasteKey(ctx, draft.ID, key)
			return err
		},
		func() (err error) { draft, err = e.Test(ctx, draft.ID); return err },
	}
	id := draft.ID
	for _, step := range steps {
		if err := step(); err != nil {
			return Draft{ID: id}, fmt.Errorf("connecting a practice company: %w", err)
		}
	}
	return draft, nil
}
