package courier

import (
	"path"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// The folders a file is moved to, relative to the company's and with slashes, as in the journal.
const (
	failedFolder  = "Failed"
	unclearFolder = "Sent/Unclear"
	resultsFolder = "Inbox/results"
)

// The ends of the notes that lie beside a file.
const (
	ErrorEnd   = ".error.txt"
	UnclearEnd = ".unclear.txt"
	resultEnd  = ".result.json"
)

// Aside is where a claimed file lies, named by its transfer's ID whatever it was called.
func Aside(id string) string { return path.Join(outbox.Sending, id) }

// sentFolder is the month's, by the calendar of the person.
func sentFolder(now time.Time) string { return path.Join("Sent", now.Format("2006-01")) }

// NoteEnd is the end of the note that explains a file where it lies, "" when there is none.
func NoteEnd(t *journal.Transfer) string {
	switch t.State {
	case journal.Refused, journal.Unchecked:
		return ErrorEnd
	case journal.Unknown:
		return UnclearEnd
	}
	return ""
}

// companions are the folders in which files of the same stem will lie beside a file in folder.
func companions(root, folder string) []disk.Companion {
	under := func(folder, end string) disk.Companion { return disk.Companion{Folder: full(root, folder), End: end} }
	switch {
	case folder == failedFolder:
		return []disk.Companion{under(failedFolder, ErrorEnd)}
	case folder == unclearFolder:
		return []disk.Companion{under(unclearFolder, UnclearEnd)}
	case droppedAt(folder + "/"):
		return nil
	}
	return []disk.Companion{under(resultsFolder, resultEnd)}
}
