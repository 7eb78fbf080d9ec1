package gui

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"

	"github.com/rymdport/portal/filechooser"
)

// ChooseFiles asks the person for files in the desktop's own dialog: that of the portal, or of zenity or kdialog
// where there is no portal.
func ChooseFiles(ctx context.Context, title string) ([]string, error) {
	uris, err := filechooser.OpenFile("", title, &filechooser.OpenFileOptions{Multiple: true})
	if err == nil {
		return paths(uris), nil
	}
	return firstDialog(ctx,
		[]string{"zenity", "--file-selection", "--multiple", "--separator=" + separator, "--title=" + title},
		[]string{"kdialog", "--title", title, "--getopenfilename", "--multiple", "--separate-output", "."})
}

// ChooseFolder asks the person for a folder; "" and no error is a person who changed their mind.
func ChooseFolder(ctx context.Context, title string) (string, error) {
	uris, err := filechooser.OpenFile("", title, &filechooser.OpenFileOptions{Directory: true})
	found := paths(uris)
	if err != nil {
		found, err = firstDialog(ctx,
			[]string{"zenity", "--file-selection", "--directory", "--title=" + title},
			[]string{"kdialog", "--title", title, "--getexistingdirectory", "."})
	}
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

func paths(uris []string) []string {
	var found []string
	for _, uri := range uris {
		if u, err := url.Parse(uri); err == nil && u.Scheme == "file" {
			found = append(found, u.Path)
		}
	}
	return found
}

// firstDialog runs the first of the programs that is installed. The texts are arguments, never part of a command line.
func firstDialog(ctx context.Context, programs ...[]string) ([]string, error) {
	for _, p := range programs {
		name, err := exec.LookPath(p[0])
		if err != nil {
			continue
		}
		printed, err := exec.CommandContext(ctx, name, p[1:]...).Output()
		if _, refused := errors.AsType[*exec.ExitError](err); refused {
			return nil, nil // closed without choosing
		}
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", p[0], err)
		}
		return splitNames(string(printed)), nil
	}
	return nil, ErrNoChooser
}
