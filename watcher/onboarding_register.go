package watcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"postroom/sage"
	"postroom/sage/callback"
	"postroom/sage/vault"
)

// Register tells the platform of a developer and a first application, or of a further application where the
// developer's ID is known (SetIDs). The IDs come by e-mail once RegistrationURL was opened in a browser; a platform
// that gives the application's ID at once is believed.
func (e *Engine) Register(ctx context.Context, id string) (Draft, error) {
	return e.change(ctx, id, func(ctx context.Context, d *draftRecord) error {
		if d.RegistrationURL != "" || d.ApprovalURL != "" && d.ApplicationTail != "" {
			return nil // done before; a second application would only confuse
		}
		if missing := d.Input.missingToRegister(d.DeveloperTail != ""); missing != "" {
			return refuse(ErrInvalid, "inputMissing", "field", missing)
		}
		client, profile, err := e.client(d.Input.ProfilePath, d.Input.Platform)
		if err != nil {
			return err
		}
		defer client.Close()
		if _, known := profile.Domains[d.Input.Domain]; !known {
			return refuse(ErrInvalid, "domainUnknown", "domain", d.Input.Domain)
		}
		// The token is durable before the platform hears of it: the key may come to it months later.
		application, err := e.announce(ctx, d, client.BaseURL())
		if err != nil {
			return err
		}
		registered, err := e.registerWith(ctx, client, d, application)
		if err != nil {
			return registrationProblem(client.BaseURL(), d, err)
		}
		if registered.RegistrationURL != "" && !opensInBrowser(registered.RegistrationURL) {
			return refuse(nil, "platformNotUnderstood", "host", client.BaseURL())
		}
		d.RegistrationURL = registered.RegistrationURL
		d.ApprovalURL, d.NotificationURL = application.ApprovalURL, application.NotificationURL
		d.Step = StepEmail
		if registered.ApplicationID.IsZero() {
			return nil
		}
		return e.keepIDs(ctx, d, "", registered.ApplicationID.Reveal())
	})
}

func (in DraftInput) missingToRegister(developerKnown bool) string {
	needed := [][2]string{{"application", in.Application}, {"domain", in.Domain}}
	if !developerKnown {
		needed = append(needed, [2]string{"name", in.Name}, [2]string{"email", in.Email}, [2]string{"firm", in.Firm})
	}
	for _, field := range needed {
		if field[1] == "" {
			return field[0]
		}
	}
	return ""
}

// announce makes the application as the platform is told of it, with addresses of ours where the key comes to this
// computer, and with somebody else's where they receive it.
func (e *Engine) announce(ctx context.Context, d *draftRecord, platform string) (sage.Application, error) {
	application := sage.Application{
		Name: d.Input.Application, Description: d.Input.Description, Domain: d.Input.Domain, ApprovalURL: d.Input.ApprovalURL,
	}
	if d.Input.CallbackBase == "" {
		return application, nil
	}
	entry, err := e.register(ctx, d, platform)
	if err != nil {
		return application, err
	}
	application.ApprovalURL = d.Input.CallbackBase + callback.ApprovalPath + entry.Token
	application.NotificationURL = d.Input.CallbackBase + callback.NotificationPath + entry.Token
	return application, nil
}

func (e *Engine) registerWith(ctx context.Context, client *sage.Client, d *draftRecord, application sage.Application) (sage.Registered, error) {
	if d.DeveloperTail == "" {
		return client.RegisterDeveloper(ctx, sage.Registration{
			Name: d.Input.Name, Email: d.Input.Email, Company: d.Input.Firm, Application: application,
		})
	}
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return sage.Registered{}, err
	}
	developer, err := secrets.Get(ctx, d.ID, vault.DeveloperID)
	if err != nil {
		return sage.Registered{}, vaultProblem(err)
	}
	return client.RegisterApplication(ctx, sage.NewID(developer.Reveal()), application)
}

// registrationProblem adds to a refusal what it was about.
func registrationProblem(platform string, d *draftRecord, err error) error {
	err = platformProblem(platform, err)
	if told, ok := errors.AsType[*ProblemError](err); ok {
		told.Problem.Args["email"], told.Problem.Args["application"], told.Problem.Args["domain"] = d.Input.Email, d.Input.Application, d.Input.Domain
	}
	return err
}

// idForm is what can be an ID; the platform's documents do not say more of it.
var idForm = regexp.MustCompile(`^[\x21-\x7e]{1,200}$`)

// SetIDs keeps the IDs of Sage's e-mail in the vault. Either may be the whole e-mail, in which they are found. The
// developer's alone is enough to register a further application.
func (e *Engine) SetIDs(ctx context.Context, id, developerID, applicationID string) (Draft, error) {
	developerID, applicationID = strings.TrimSpace(developerID), strings.TrimSpace(applicationID)
	for _, text := range []string{developerID, applicationID} {
		if developer, application := FindIDs(text); developer != "" && application != "" {
			developerID, applicationID = developer, application
		}
	}
	return e.change(ctx, id, func(ctx context.Context, d *draftRecord) error {
		switch {
		case d.Step == StepDone:
			return refuse(ErrWrongState, "draftDone")
		case developerID == "" && (applicationID == "" || d.DeveloperTail == ""):
			return refuse(ErrInvalid, "idsMissing")
		case developerID != "" && !idForm.MatchString(developerID), applicationID != "" && !idForm.MatchString(applicationID):
			return refuse(ErrInvalid, "idsInvalid")
		case applicationID != "" && d.open(e.now()) && markOf(applicationID) != d.Mark:
			return refuse(ErrInvalid, "draftFixed", "field", "applicationId")
		}
		return e.keepIDs(ctx, d, developerID, applicationID)
	})
}

// keepIDs stores what is given and goes on to the folder when both are known.
func (e *Engine) keepIDs(ctx context.Context, d *draftRecord, developerID, applicationID string) error {
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return err
	}
	d.KeptIn = secrets.Kind() // before there is anything: what is dropped later is looked for there
	if developerID != "" {
		if err := secrets.Set(ctx, d.ID, vault.DeveloperID, sage.NewSecret(developerID)); err != nil {
			return vaultProblem(err)
		}
		d.DeveloperTail = tailOf(developerID)
	}
	if applicationID != "" {
		if err := secrets.Set(ctx, d.ID, vault.ApplicationID, sage.NewSecret(applicationID)); err != nil {
			return vaultProblem(err)
		}
		d.ApplicationTail, d.Mark = tailOf(applicationID), markOf(applicationID)
		if err := e.bind(ctx, d); err != nil {
			return err
		}
	}
	if d.Mark != "" && d.DeveloperTail != "" && slices.Contains([]DraftStep{StepWelcome, StepIDs, StepEmail}, d.Step) {
		d.Step = StepFolder
	}
	return nil
}

// tailOf shows the end of an ID, or that there is one too short to show any of it.
func tailOf(id string) string {
	if tail := sage.NewID(id).Tail(); tail != "" {
		return tail
	}
	return "…"
}

// markOf tells one application from another without saying which it is, in files and without the vault.
func markOf(applicationID string) string {
	if applicationID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("postroom application " + applicationID))
	return hex.EncodeToString(sum[:12])
}

// bind ties the draft's application to the token it was registered with, and to a path that was set up elsewhere.
// Where that cannot be written down, the key can still be pasted; the overview tells.
func (e *Engine) bind(ctx context.Context, d *draftRecord) error {
	err := e.bindToken(ctx, d)
	if err == nil && d.Input.CallbackPath != "" {
		err = e.bindPath(ctx, d)
	}
	if errors.Is(err, errDamaged) {
		e.complain("callbacks", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("binding the application to its address: %w", err)
	}
	return nil
}
