package sage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
)

// through goes through everything that a client and a platform do together, from a registration to a renewed
// secret, and gives the first thing that is not as it should be.
func (w *world) through(ctx context.Context) error {
	return steps(
		func() error { return w.connect(ctx) },
		func() error { return w.lists(ctx) },
		func() error { return w.upload(ctx) },
		func() error { return w.ends(ctx) },
		func() error { return w.refusals(ctx) },
		func() error { return w.replaceKeys(ctx) },
		func() error {
			return that(len(w.sandbox.Violations()) == 0, "the sandbox has seen %v", w.sandbox.Violations())
		},
	)
}

// connect registers, gets a passcode and a key.
func (w *world) connect(ctx context.Context) error {
	application := sage.Application{
		Name: "Shop", Description: "Sells", Domain: "ecommerce",
		ApprovalURL: walkApproval, NotificationURL: walkNews,
	}
	registered, err := w.client.RegisterDeveloper(ctx, sage.Registration{Name: "Robin", Email: "robin@example.test", Company: "Reed", Application: application})
	if err != nil {
		return err
	}
	if err := w.sandbox.SolveCaptcha(registered.RegistrationURL); err != nil {
		return fmt.Errorf("solving the captcha at %q: %w", registered.RegistrationURL, err)
	}
	mail, entry := w.sandbox.Mailbox()[0], w.sandbox.Registrations()[0]
	if entry.Name != "Robin" || entry.Email != "robin@example.test" || entry.Company != "Reed" || entry.Application != "Shop" || entry.Domain != "ecommerce" {
		return fmt.Errorf("registered as %+v", entry)
	}
	developer, first := sage.NewID(mail.DeveloperID), sage.NewID(mail.ApplicationID)
	another, err := w.client.RegisterApplication(ctx, developer, sage.Application{Name: "Second", Domain: "ecommerce"})
	if err != nil || another.ApplicationID.IsZero() {
		return fmt.Errorf("a further application: %+v, %w", another, err)
	}
	secret := sage.NewSecret("the first secret")
	passcode, err := w.client.CreatePasscode(ctx, developer, first, secret)
	if err != nil {
		return err
	}
	if left := passcode.Left(); left < 14*time.Minute || left > 15*time.Minute {
		return fmt.Errorf("the passcode lasts %v", left)
	}
	if err := w.outcome(ctx, developer, first, passcode.Code, sage.ErrNotConsented); err != nil {
		return err
	}
	if err := w.sandbox.Grant(passcode.Code, "Acme"); err != nil {
		return fmt.Errorf("granting %q: %w", passcode.Code, err)
	}
	key, err := w.approved(mail, passcode.Code)
	if err != nil {
		return err
	}
	if err := w.outcome(ctx, developer, first, passcode.Code, nil); err != nil {
		return err
	}
	w.keys.set = sage.KeySet{Initial: key, Current: key, Secret: secret}
	w.session = w.client.Session("ecommerce", sage.NewKeys(w.client, w.keys, sage.KeysOptions{}))
	return nil
}

// outcome reads a passcode's outcome where there is such a call.
func (w *world) outcome(ctx context.Context, developer, application sage.ID, code string, want error) error {
	key, err := w.client.PasscodeOutcome(ctx, developer, application, code)
	if w.client.Profile().Operations.PasscodeOutcome.Path == "" {
		want = sage.ErrNoSuchCall
	}
	if !errors.Is(err, want) {
		return fmt.Errorf("the passcode's outcome: %w", err)
	}
	initial, _ := w.sandbox.InitialKey("Acme", "")
	return that(err != nil || key.Equal(initial), "the outcome is another key")
}

// approved waits for the call to approvalUrl, as our own listener reads it.
func (w *world) approved(mail sandbox.Mail, code string) (sage.Secret, error) {
	<-time.After(time.Millisecond) // the sandbox calls in its own time
	a, err := w.ears.approval()
	if err != nil {
		return sage.Secret{}, err
	}
	initial, err := w.sandbox.InitialKey("Acme", "")
	if err != nil {
		return sage.Secret{}, err
	}
	if !a.Key.Equal(initial) {
		return sage.Secret{}, errors.New("the approval does not hold the key")
	}
	return initial, that(a.Passcode == code && a.ApplicationID.Reveal() == mail.ApplicationID && a.Domain == "ecommerce" && a.Company == "Acme" &&
		a.Expires.After(time.Now()), "the approval is %+v", a)
}

// lists reads a list before there is one, and after.
func (w *world) lists(ctx context.Context) error {
	if _, err := w.session.Latest(ctx, "products", ""); !errors.Is(err, sage.ErrNothingThere) {
		return fmt.Errorf("before there is a list: %w", err)
	}
	list := sandbox.SampleProducts(3)
	if err := w.sandbox.Publish("Acme", "products", list); err != nil {
		return err
	}
	<-time.After(time.Millisecond)
	latest, err := w.session.Latest(ctx, "products", "")
	if err != nil {
		return err
	}
	if latest.FileID == "" || latest.Size != int64(len(list)) || time.Since(latest.Timestamp) > time.Minute || latest.Timestamp.IsZero() {
		return fmt.Errorf("the newest list is %+v", latest)
	}
	var out bytes.Buffer
	if _, err := w.session.Download(ctx, latest.DownloadURL, &out, 0); err != nil || !bytes.Equal(out.Bytes(), list) {
		return fmt.Errorf("the list has %d bytes: %w", out.Len(), err)
	}
	n, err := w.ears.notification()
	if err != nil {
		return err
	}
	return that(!n.ApplicationID.IsZero() && n.Domain == "ecommerce" && n.Scope == "products" && n.FileID == latest.FileID &&
		n.DownloadURL == latest.DownloadURL && time.Since(n.Timestamp).Abs() < time.Minute, "the notification is %+v", n)
}

// send sends a file in as many steps as the profile says.
func (w *world) send(ctx context.Context, name string, data []byte) (sage.Created, error) {
	f := sage.NewFile{Name: name, Size: int64(len(data)), IdempotencyKey: "transfer " + name}
	if w.client.Profile().Upload == sage.OneStep {
		return w.session.CreateAndSend(ctx, "orders", f, body(data))
	}
	created, err := w.session.Create(ctx, "orders", f)
	if err != nil {
		return created, err
	}
	if t, err := w.session.Track(ctx, created.TrackingURL); err != nil || !t.AwaitsUpload {
		return created, fmt.Errorf("before its content the file is %+v: %w", t, err)
	}
	again, err := w.session.Create(ctx, "orders", f)
	if err != nil || again != created {
		return created, fmt.Errorf("the same create gives %+v, then %+v: %w", created, again, err)
	}
	return created, w.session.Send(ctx, created, body(data))
}

// upload follows a file through every word there is.
func (w *world) upload(ctx context.Context) error {
	w.sandbox.Quarantine(true)
	if err := w.sandbox.SetInstalled("Acme", false); err != nil {
		return err
	}
	data := sandbox.SampleOrders(2)
	created, err := w.send(ctx, "orders ü.json", data)
	if err != nil {
		return err
	}
	files := w.sandbox.Files()
	if f := files[len(files)-1]; f.Size != int64(len(data)) || created.FileID != f.ID ||
		f.Name != "orders ü.json" && w.client.Profile().Operations.SendOneStep.Parameters == sage.InQuery {
		return fmt.Errorf("the platform has %+v of %+v", f, created)
	}
	seen := map[sage.Phase]bool{}
	figure := false
	var last sage.Tracking
	for range 200 {
		if last, err = w.session.Track(ctx, created.TrackingURL); err != nil {
			return err
		}
		seen[last.Phase] = true
		figure = figure || last.Progress != nil && *last.Progress > 0
		w.changed = append(w.changed, last.Status)
		switch last.Phase {
		case sage.PhaseQuarantined:
			w.sandbox.Quarantine(false)
		case sage.PhaseWaiting:
			if err := w.sandbox.SetInstalled("Acme", true); err != nil {
				return err
			}
		case sage.PhaseEnded:
			return steps(
				func() error { return that(last.Final == sage.Accepted, "the file ended as %+v", last) },
				func() error { return that(figure, "no figure of progress was read") },
				func() error {
					return that(seen[sage.PhaseValidating] && seen[sage.PhaseQuarantined] && seen[sage.PhaseWaiting] && seen[sage.PhaseProcessing] &&
						!seen[sage.PhaseUnknown], "the words were %q, read as %v", w.changed, seen)
				},
				func() error {
					var out bytes.Buffer
					n, err := w.session.Download(ctx, last.ResultURL, &out, 0)
					return that(err == nil && n > 0 && json.Valid(out.Bytes()), "the result has %d bytes: %v", n, err)
				},
			)
		}
		<-time.After(time.Second)
	}
	return fmt.Errorf("the file stays %+v", last)
}

// ends lets files end by each of the other final words.
func (w *world) ends(ctx context.Context) error {
	words := []sandbox.Status{sandbox.Failed, sandbox.BadRequest, sandbox.Rejected}
	if err := w.sandbox.EndNext(words...); err != nil {
		return err
	}
	for i, word := range words {
		created, err := w.send(ctx, fmt.Sprintf("%d.json", i), sandbox.SampleOrdersFrom(2000+i, 1))
		if err != nil {
			return err
		}
		<-time.After(20 * walkPace)
		t, err := w.session.Track(ctx, created.TrackingURL)
		if err != nil || t.Final != sage.Failed {
			return fmt.Errorf("a file that ends as %s is %+v: %w", word, t, err)
		}
		w.changed = append(w.changed, t.Status)
	}
	return nil
}

// refusals reads an error with all that belongs to it.
func (w *world) refusals(ctx context.Context) error {
	_, err := w.send(ctx, "large.json", bytes.Repeat([]byte(" "), walkLimit+1))
	e, ok := errors.AsType[*sage.Error](err)
	if !ok || !errors.Is(err, sage.ErrTooLarge) || e.Code != 2425 || e.Message == "" {
		return fmt.Errorf("a file that is too large: %w", err)
	}
	return that(e.Limit == walkLimit, "the limit is told as %d", e.Limit)
}

// replaceKeys lets the key expire and the secret be renewed.
func (w *world) replaceKeys(ctx context.Context) error {
	for range 2 {
		before := w.keys.set
		if err := w.sandbox.ExpireKey("Acme", ""); err != nil {
			return err
		}
		if _, err := w.session.Latest(ctx, "products", ""); err != nil {
			return fmt.Errorf("with an expired key: %w", err)
		}
		if after := w.keys.set; after.Current.Equal(before.Current) || !after.Initial.Equal(before.Initial) {
			return errors.New("the key was not replaced")
		}
		if err := w.session.Keys().RenewSecret(ctx); err != nil {
			return err
		}
		if w.session.Keys().State().Expires.IsZero() {
			return errors.New("when the key ends was not read")
		}
	}
	return nil
}
