package gui

import (
	"errors"
	"strings"
)

// ErrNoChooser says that this system has no dialog for choosing files that we could ask. Dropping still works.
var ErrNoChooser = errors.New("there is no dialog for choosing files here")

// separator stands between the names that a dialog prints: no name of a file holds it.
const separator = "\x1f"

func splitNames(printed string) []string {
	var names []string
	for name := range strings.SplitSeq(strings.TrimRight(printed, "\r\n"), separator) {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}
