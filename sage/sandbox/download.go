package sandbox

import (
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"postroom/sage"
)

// track is a file's state: its status word, its progress while there is one, and where its result is (sage-api.md
// 4) [D].
func (c *call) track() (answer, error) {
	var fields []field
	err := c.s.do(func(t *tx) error {
		f := t.tokens[c.holes["token"]].file
		if f == nil || f.TrackToken != c.holes["token"] {
			return errNoFile
		}
		if err := t.owns(c, f); err != nil {
			return err
		}
		if f.Superseded {
			return errNoFile
		}
		if f.Status == AwaitingUpload {
			c.s.notes.awaited(f.ID)
		}
		fields = c.s.trackingFields(f, !f.ResultAt.IsZero() && !t.now.Before(f.ResultAt))
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	// The base URL is read under the lock, so the address is put before the token only now.
	for i, f := range fields {
		if token, ok := f.value.(resultToken); ok {
			fields[i].value = c.s.url("/storage/result/" + string(token))
		}
	}
	return c.ok(fields...), nil
}

// resultToken stands for the address it belongs to.
type resultToken string

func (s *Sandbox) trackingFields(f *file, hasResult bool) []field {
	a := s.profile.Answers
	fields := []field{{a.Status, s.word(f.Status)}}
	if f.Status == Processing && s.dialect.ProgressForm != ProgressNone {
		fields = append(fields, field{a.Progress, s.dialect.progress(f.Progress)})
	}
	if hasResult {
		fields = append(fields, field{a.ResultURL, resultToken(f.ResultToken)})
	}
	return fields
}

func (d Dialect) progress(percent int) any {
	switch d.ProgressForm {
	case ProgressText:
		return strconv.Itoa(percent)
	case ProgressPercent:
		return strconv.Itoa(percent) + "%"
	}
	return percent
}

// word is what the profile says for a status.
func (s *Sandbox) word(status Status) string {
	w := s.profile.Statuses
	words := map[Status][]string{
		AwaitingUpload: w.AwaitingUpload, Validating: w.Validating, Quarantined: w.Quarantined, Available: w.Available,
		Downloaded: w.Downloaded, Processing: w.Processing, Accepted: w.Accepted, Failed: w.Failed,
		BadRequest: w.BadRequest, Rejected: w.Rejected,
	}[status]
	if len(words) == 0 {
		return string(status)
	}
	return words[0]
}

// result is the content of a downloadResultUrl.
func (c *call) result() (answer, error) {
	var stored content
	err := c.s.do(func(t *tx) error {
		f := t.tokens[c.holes["token"]].file
		if f == nil || f.ResultToken != c.holes["token"] || f.ResultAt.IsZero() || t.now.Before(f.ResultAt) {
			return errNoFile
		}
		stored = f.Result
		return t.owns(c, f)
	})
	if err != nil {
		return answer{}, err
	}
	return c.stream(stored)
}

// latest tells of the newest list of a scope (sage-api.md 5) [D], conditionally where an ETag is given [A].
func (c *call) latest() (answer, error) {
	var list snapshot
	err := c.s.do(func(t *tx) error {
		con, err := t.authorise(c.key())
		if err != nil {
			return err
		}
		scope, err := t.s.scope(c.holes["domain"], c.holes["scope"])
		switch {
		case err != nil:
			return err
		case con.Domain != c.holes["domain"]:
			return errKeyNotAllowed
		case scope.Direction != sage.Incoming:
			return errNothingThere
		}
		found := t.snapshots[snapshotKey(con.Company, con.Domain, c.holes["scope"])]
		if found == nil {
			return errNothingThere
		}
		list = *found
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	etag := `"` + list.ID + `"`
	if knows(c.r.Header.Get("If-None-Match"), etag) {
		return answer{status: http.StatusNotModified, etag: etag}, nil
	}
	a := c.s.profile.Answers
	ok := c.ok(
		field{a.FileID, list.ID}, field{a.Timestamp, list.At}, field{a.Size, list.Content.Size},
		field{a.DownloadURL, c.s.listURL(list.Token)},
	)
	ok.etag = etag
	return ok, nil
}

// knows reports whether a header If-None-Match names an ETag.
func knows(header, etag string) bool {
	for known := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == etag {
			return true
		}
	}
	return false
}

// download is the content of a list. The platform keeps only the newest [D]: older addresses lead nowhere.
func (c *call) download() (answer, error) {
	var list snapshot
	err := c.s.do(func(t *tx) error {
		con, err := t.authorise(c.key())
		if err != nil {
			return err
		}
		found := t.tokens[c.holes["token"]].snapshot
		switch {
		case found == nil:
			return errNoFile
		case con.Domain != found.Domain || fold(con.Company) != fold(found.Company):
			return errKeyNotAllowed
		}
		list = *found
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return c.stream(list.Content)
}

// stream answers with a stored content.
func (c *call) stream(stored content) (answer, error) {
	r, err := c.s.store.open(stored)
	if errors.Is(err, fs.ErrNotExist) {
		return answer{}, errNoFile // replaced meanwhile
	}
	if err != nil {
		return answer{}, err
	}
	return answer{status: c.route.status, stream: r, size: stored.Size}, nil
}

func (s *Sandbox) listURL(token string) string { return s.url("/storage/list/" + token) }
