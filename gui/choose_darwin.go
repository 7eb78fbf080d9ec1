package gui

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// The scripts are fixed; the title comes as an argument, never as part of the script.
const (
	chooseFilesScript = `on run argv
set names to ""
repeat with f in (choose file with prompt (item 1 of argv) with multiple selections allowed)
set names to names & POSIX path of f & (character id 31)
end repeat
return names
end run`
	chooseFolderScript = `on run argv
return POSIX path of (choose folder with prompt (item 1 of argv))
end run`
)

// ChooseFiles asks the person for files in the system's own dialog.
func ChooseFiles(ctx context.Context, title string) ([]string, error) {
	return ask(ctx, chooseFilesScript, title)
}

// ChooseFolder asks the person for a folder; "" and no error is a person who changed their mind.
func ChooseFolder(ctx context.Context, title string) (string, error) {
	found, err := ask(ctx, chooseFolderScript, title)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

func ask(ctx context.Context, script, title string) ([]string, error) {
	printed, err := exec.CommandContext(ctx, "/usr/bin/osascript", "-e", script, title).Output()
	if _, refused := errors.AsType[*exec.ExitError](err); refused {
		return nil, nil // closed without choosing
	}
	if err != nil {
		return nil, fmt.Errorf("ask for files: %w", err)
	}
	return splitNames(string(printed)), nil
}
