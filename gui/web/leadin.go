package web

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
)

// leadInPattern names the files that lead a browser in.
const leadInPattern = "open-*.html"

// leadInPage sends a browser on at once. The arguments of a program can be read by every user of most systems; a path in them
// gives nothing away, since the file can be read by its user alone.
var leadInPage = template.Must(template.New("lead-in").Parse(`<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={{.}}">
<title>Postroom</title>
<p><a href="{{.}}">Postroom</a></p>
`))

// leadIn writes a file that leads a browser to an address, readable by this user alone.
func leadIn(dir, address string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the status page's folder: %w", err)
	}
	file, err := os.CreateTemp(dir, leadInPattern) // mode 0600
	if err != nil {
		return "", fmt.Errorf("making the file that leads to the status page: %w", err)
	}
	if err := errors.Join(leadInPage.Execute(file, address), file.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("writing %s: %w", file.Name(), err), os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// clearLeadIns removes the files that are left, of an agent that was killed too.
func clearLeadIns(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, leadInPattern))
	if err != nil {
		return fmt.Errorf("looking for old files of the status page in %s: %w", dir, err)
	}
	var errs []error
	for _, file := range files {
		errs = append(errs, remove(file))
	}
	return errors.Join(errs...)
}

// remove removes a file that may be gone already.
func remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
