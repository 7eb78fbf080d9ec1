package watcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
)

const (
	usualPasscode = 15 * time.Minute // how long one is thought to last when the platform does not say
	maxPasscode   = 48 * time.Hour
)

// RequestPasscode asks for a passcode to type into Sage 50. The secret that belongs to it was stored and read back
// before. One that is still open is given again, since a second would make the approval of the first unclear: for
// the same reason an application has one open passcode at a time, whoever asked for it.
func (e *Engine) RequestPasscode(ctx context.Context, id string) (Draft, error) {
	release, err := e.turn(ctx, "passcodes")
	if err != nil {
		return Draft{}, err
	}
	defer release()
	var twin *draftRecord
	draft, err := e.change(ctx, id, func(ctx context.Context, d *draftRecord) (err error) {
		twin, err = e.openPasscode(ctx, d)
		return err
	})
	if err == nil && twin != nil {
		// What the other run had was taken over: the same company, begun again.
		err = e.DropDraft(ctx, twin.ID)
	}
	return draft, err
}

// openPasscode is called in the draft's turn and in that of all passcodes.
func (e *Engine) openPasscode(ctx context.Context, d *draftRecord) (twin *draftRecord, err error) {
	now := e.now()
	if d.Step == StepDone {
		return nil, refuse(ErrWrongState, "draftDone")
	}
	if missing := d.missingForPasscode(); missing != "" {
		return nil, refuse(ErrInvalid, "inputMissing", "field", missing)
	}
	if err := e.checkDraftPlace(d); err != nil {
		return nil, err
	}
	if err := e.bind(ctx, d); err != nil {
		return nil, err
	}
	if d.open(now) {
		return nil, nil // no twin
	}
	twin, err = e.otherPasscode(d, now)
	if err != nil {
		return nil, err
	}
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return nil, err
	}
	d.KeptIn = secrets.Kind()
	if twin != nil {
		return twin, e.takeOver(ctx, secrets, d, twin)
	}
	return nil, e.askForPasscode(ctx, secrets, d)
}

func (d *draftRecord) missingForPasscode() string {
	for _, field := range [][2]string{
		{"developerId", d.DeveloperTail},
		{"applicationId", d.Mark},
		{"domain", d.Input.Domain},
		{"company", d.Input.Company},
		{"folder", d.Input.Folder},
	} {
		if field[1] == "" {
			return field[0]
		}
	}
	return ""
}

// otherPasscode finds another draft's open passcode for the same application. It is in the way, unless it is for
// the very same company and place: then it is the same wish, begun again.
func (e *Engine) otherPasscode(d *draftRecord, now time.Time) (*draftRecord, error) {
	drafts, err := e.readDrafts()
	e.complain("drafts", err)
	for _, other := range drafts {
		if other.ID == d.ID || other.Mark != d.Mark || !other.open(now) {
			continue
		}
		if other.Reconnects == d.Reconnects && other.Input.Platform == d.Input.Platform && other.Input.Domain == d.Input.Domain &&
			samePath(other.Input.companyFolder(), d.Input.companyFolder()) && len(other.Candidates) == 0 {
			return &other, nil
		}
		return nil, refuse(ErrBusy, "passcodeOpen", "company", other.Input.Company)
	}
	return nil, nil // none
}

// takeOver gives the draft its twin's open passcode, and first the secret that belongs to it.
func (e *Engine) takeOver(ctx context.Context, secrets vault.Vault, d, twin *draftRecord) error {
	secret, err := secrets.Get(ctx, twin.ID, vault.Secret)
	if err == nil {
		err = secrets.Set(ctx, d.ID, vault.Secret, secret)
	}
	if err != nil {
		return vaultProblem(err)
	}
	d.Passcode, d.IssuedAt, d.ExpiresAt = twin.Passcode, twin.IssuedAt, twin.ExpiresAt
	d.Outcome, d.Step = OutcomeWaiting, StepPasscode
	return nil
}

// askForPasscode makes the secret durable, then asks.
func (e *Engine) askForPasscode(ctx context.Context, secrets vault.Vault, d *draftRecord) error {
	developer, application, secret, err := e.credentials(ctx, secrets, d.ID)
	if err != nil {
		return err
	}
	client, _, err := e.client(d.Input.ProfilePath, d.Input.Platform)
	if err != nil {
		return err
	}
	defer client.Close()
	passcode, err := client.CreatePasscode(ctx, developer, application, secret)
	if err != nil {
		return platformProblem(client.BaseURL(), err)
	}
	// The time that is left is the server's to say; when that is, this computer's clock tells.
	left := usualPasscode
	if !passcode.Expires.IsZero() {
		left = min(passcode.Left(), maxPasscode)
	}
	d.Passcode = passcode.Code
	d.IssuedAt = e.now().UTC()
	d.ExpiresAt = d.IssuedAt.Add(left)
	d.Outcome, d.Step = OutcomeWaiting, StepPasscode
	d.Checks, d.Attempts, d.RetryAt = nil, 0, time.Time{}
	return nil
}

// credentials are the IDs and the secret of a draft. The secret is made once and serves every passcode of the draft:
// an approval that comes late still finds the secret it was made with.
func (e *Engine) credentials(ctx context.Context, secrets vault.Vault, id string) (developer, application sage.ID, secret sage.Secret, err error) {
	fail := func(err error) (sage.ID, sage.ID, sage.Secret, error) {
		return sage.ID{}, sage.ID{}, sage.Secret{}, vaultProblem(err)
	}
	first, err := secrets.Get(ctx, id, vault.DeveloperID)
	if err != nil {
		return fail(err)
	}
	second, err := secrets.Get(ctx, id, vault.ApplicationID)
	if err != nil {
		return fail(err)
	}
	secret, err = secrets.Get(ctx, id, vault.Secret)
	if errors.Is(err, vault.ErrNotFound) {
		secret = sage.GenerateSecret()
		if err = secrets.Set(ctx, id, vault.Secret, secret); err == nil {
			secret, err = secrets.Get(ctx, id, vault.Secret) // what is sent is what the vault gives back
		}
	}
	if err != nil {
		return fail(err)
	}
	return sage.NewID(first.Reveal()), sage.NewID(second.Reveal()), secret, nil
}

// endPasscode tells that a passcode ran out, or was refused in Sage: the platform does not say which.
func (e *Engine) endPasscode(ctx context.Context, id string) error {
	_, err := e.change(ctx, id, func(_ context.Context, d *draftRecord) error {
		if d.Outcome == OutcomeWaiting && !d.open(e.now()) {
			d.Outcome = OutcomeRanOut
		}
		return nil
	})
	return err
}

// pollOutcome asks after the consent where the profile names such a call, and says when it is due again.
func (e *Engine) pollOutcome(ctx context.Context, jobs *jobs, d draftRecord) time.Duration {
	profile, err := e.profile(d.Input.ProfilePath)
	if err != nil || profile.Operations.PasscodeOutcome.Path == "" || profile.OutcomePoll <= 0 {
		return tickEvery
	}
	wait := d.PolledAt.Add(profile.OutcomePoll).Sub(e.now())
	if wait > 0 {
		return wait
	}
	jobs.start(d.ID, func() error { return e.askOutcome(ctx, d) })
	return tickEvery
}

// askOutcome asks once. The answer that carries the key is the key's delivery.
func (e *Engine) askOutcome(ctx context.Context, d draftRecord) error {
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return err
	}
	developer, application, _, err := e.credentials(ctx, secrets, d.ID)
	if err != nil {
		return err
	}
	client, _, err := e.client(d.Input.ProfilePath, d.Input.Platform)
	if err != nil {
		return err
	}
	defer client.Close()
	key, asked := client.PasscodeOutcome(ctx, developer, application, d.Passcode)
	_, err = e.change(ctx, d.ID, func(ctx context.Context, now *draftRecord) error {
		now.PolledAt = e.now().UTC()
		switch {
		case now.Passcode != d.Passcode:
			return nil // the answer is about one before
		case asked == nil:
			return e.keepCandidate(ctx, now, key)
		case errors.Is(asked, sage.ErrPasscodeExpired), errors.Is(asked, sage.ErrPasscodeRevoked), errors.Is(asked, sage.ErrPasscodeUnknown):
			now.Outcome = OutcomeRanOut
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("asking after a passcode: %w", err)
	}
	return nil
}

// checkDraftPlace refuses a place that belongs to another company or cannot be one. A connection that is renewed
// keeps the place it has.
func (e *Engine) checkDraftPlace(d *draftRecord) error {
	if d.Reconnects != "" {
		return nil
	}
	records, err := e.placedRecords()
	if err != nil {
		return err
	}
	return e.checkPlace(d.Input, records)
}
