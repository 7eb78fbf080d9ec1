// Postroom carries files between a folder on a desk and Sage 50 Cloud.
//
// This file is the wiring: it builds the parts and hands them to the commands in gui/terminal. What a part does is
// said in its own package.
package main

import (
	"context"
	"fmt"
	"os"

	"postroom/gui/desktop"
	"postroom/gui/terminal"
	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher"
)

// version is set by the build.
var version = "dev"

func main() {
	parts := terminal.Parts{
		Version:   version,
		Sandbox:   newSandbox,
		Forgetful: func(o *watcher.Options) { o.Vault = vault.Memory() },
		In:        os.Stdin, Out: os.Stdout, Err: os.Stderr,
	}
	if desktop.Built {
		parts.Window = func(ctx context.Context, o terminal.WindowOptions) error {
			return desktop.Run(ctx, desktop.Options(o))
		}
	}
	os.Exit(terminal.Run(context.Background(), parts, os.Args[1:]))
}

// newSandbox makes the platform for the sandbox, the demonstration and practice companies. No other room but
// tests may know that one.
func newSandbox(o terminal.SandboxOptions) (terminal.Sandbox, error) {
	profile, err := sage.LoadProfileFile(o.Profile)
	if err != nil {
		return terminal.Sandbox{}, err
	}
	s, err := sandbox.New(sandbox.Options{Profile: profile, Dir: o.Dir, Pace: o.Pace, Logger: o.Logger})
	if err != nil {
		return terminal.Sandbox{}, err
	}
	return terminal.Sandbox{
		Handler: s.Handler(), SetBaseURL: s.SetBaseURL, Close: s.Close, Publish: s.Publish,
		IDs: func(_ context.Context, registrationURL string) (developerID, applicationID string, err error) {
			if err := s.SolveCaptcha(registrationURL); err != nil {
				return "", "", err
			}
			mails := s.Mailbox()
			if len(mails) == 0 {
				return "", "", fmt.Errorf("the sandbox sent no e-mail for %s", registrationURL)
			}
			newest := mails[len(mails)-1]
			return newest.DeveloperID, newest.ApplicationID, nil
		},
		Consent: func(_ context.Context, passcode, company string) (string, error) {
			if err := s.Grant(passcode, company); err != nil {
				return "", err
			}
			key, err := s.InitialKey(company, "")
			return key.Reveal(), err
		},
	}, nil
}
