package sandbox

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"postroom/sage/contract"
)

// Files are the files that applications created here, oldest first.
func (s *Sandbox) Files() []File {
	var list []File
	s.look(func(w *world, _ time.Time) {
		list = make([]File, 0, len(w.created))
		for _, f := range w.created {
			list = append(list, w.fileView(f))
		}
	})
	return list
}

// File is one of them.
func (s *Sandbox) File(id string) (File, bool) {
	var view File
	var found bool
	s.look(func(w *world, _ time.Time) {
		if f := w.files[id]; f != nil {
			view, found = w.fileView(f), true
		}
	})
	return view, found
}

func (w *world) fileView(f *file) File {
	c := w.connections[f.ConnectionID]
	return File{
		ID: f.ID, Company: c.Company, Domain: c.Domain, Scope: f.Scope, Name: f.Name, Idempotency: f.Idempotency,
		Status: f.Status, Progress: f.Progress, Superseded: f.Superseded, Size: f.Content.Size,
		SHA256: f.Content.SHA256, Records: f.Records, Refused: f.Refused, Reason: f.Reason,
		HasResult: f.Result.Name != "", CreatedAt: f.Created, ReceivedAt: f.Received, EndedAt: f.Ended,
	}
}

// Snapshots are the newest lists, by company and scope.
func (s *Sandbox) Snapshots() []Snapshot {
	var list []Snapshot
	s.look(func(w *world, _ time.Time) {
		for _, x := range w.snapshots {
			list = append(list, Snapshot{
				FileID: x.ID, Company: x.Company, Domain: x.Domain, Scope: x.Scope, Size: x.Content.Size,
				SHA256: x.Content.SHA256, Records: x.Records, At: x.At,
			})
		}
	})
	slices.SortFunc(list, func(a, b Snapshot) int {
		return or(or(strings.Compare(a.Company, b.Company), strings.Compare(a.Domain, b.Domain)), strings.Compare(a.Scope, b.Scope))
	})
	return list
}

// Installations are the connected companies in order of appearance, each with its connections, oldest first.
func (s *Sandbox) Installations() []Installation {
	var list []Installation
	s.look(func(w *world, now time.Time) {
		for _, i := range w.companies {
			view := Installation{Company: i.Company, On: !i.Off}
			for _, c := range slices.Backward(w.matching(i.Company, "")) {
				view.Connections = append(view.Connections, w.connectionView(c, now))
			}
			list = append(list, view)
		}
	})
	return list
}

func (w *world) connectionView(c *connection, now time.Time) Connection {
	return Connection{
		ID: c.ID, Company: c.Company, Domain: c.Domain, Application: w.applications[c.ApplicationID].Name,
		KeyState: c.state(now), KeyExpires: c.KeyExpires, LockedUntil: c.LockedUntil, Rotations: c.Generation,
		At: c.Created,
	}
}

// state is the state of a key by the clock.
func (c *connection) state(now time.Time) KeyState {
	switch {
	case c.KeyState == keyLocked && now.Before(c.LockedUntil):
		return KeyLocked
	case c.KeyState == keyLockedHard:
		return KeyLockedHard
	case c.KeyState == keyRevoked:
		return KeyRevoked
	case !now.Before(c.KeyExpires):
		return KeyExpired
	}
	return KeyGood
}

// Calls are the calls made or to be made to applications, oldest first.
func (s *Sandbox) Calls() []Call {
	var list []Call
	s.look(func(w *world, _ time.Time) {
		for _, c := range w.calls {
			con := w.connections[c.ConnectionID]
			app := w.applications[con.ApplicationID]
			address := app.ApprovalURL
			if c.Kind == callNotification {
				address = app.NotificationURL
			}
			list = append(list, Call{
				Kind: string(c.Kind), Company: con.Company, URL: address, Tries: c.Tries, Done: c.Done, Over: c.Over,
				Outcome: c.Outcome, At: c.At,
			})
		}
	})
	return list
}

// countRecords is how many records a list has, as far as it can be read.
func countRecords(list []byte, scope string) int {
	count := 0
	for _, err := range contract.Records(bytes.NewReader(list), scope) {
		if err != nil {
			break
		}
		count++
	}
	return count
}
