package sandbox

import (
	"errors"
	"fmt"
	"io"

	"postroom/sage"
	"postroom/sage/contract"
)

// create is the first step of an upload (sage-api.md 4): a record that waits for its content.
func (c *call) create() (answer, error) {
	n := c.s.profile.Names.File
	name, err1 := c.need(n.FileName)
	size, err2 := c.whole(n.Size)
	if err := first(err1, err2); err != nil {
		return answer{}, err
	}
	var f *file
	err := c.s.do(func(t *tx) (err error) {
		f, err = t.createFile(c, name, size)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	a := c.s.profile.Answers
	return c.ok(
		field{a.FileID, f.ID}, field{a.UploadURL, c.s.uploadURL(f)}, field{a.TrackingURL, c.s.trackingURL(f)},
	), nil
}

// createFile makes a record, or finds the one that the same Idempotency-Key made [A].
func (t *tx) createFile(c *call, name string, size int64) (*file, error) {
	con, err := t.mayUpload(c)
	if err != nil {
		return nil, err
	}
	l := lane{con.ID, c.holes["scope"]}
	idem := c.idempotencyKey()
	if f := t.idempotent[idempotencyKey{l, idem}]; idem != "" && f != nil {
		if f.Name != name || f.Announced != size {
			t.s.notes.add("idempotency: one key was used for %q (%d bytes) and for %q (%d bytes)", f.Name, f.Announced, name, size)
		}
		return f, nil
	}
	if size > t.s.limits.MaxFile {
		return nil, errTooLargeFor(t.s.limits.MaxFile)
	}
	q := t.queue(l)
	if err := q.free(); err != nil {
		return nil, err
	}
	if q.awaiting != nil {
		q.awaiting.Superseded = true
		t.save(kindFile, q.awaiting.ID, q.awaiting)
	}
	f := &file{
		ID: t.newID(), ConnectionID: con.ID, Scope: l.scope, Name: name, Announced: size, Idempotency: idem,
		UploadToken: t.newToken(), TrackToken: t.newToken(), Status: AwaitingUpload, Created: t.now,
	}
	t.addFile(f)
	t.save(kindFile, f.ID, f)
	return f, nil
}

func (c *call) idempotencyKey() string {
	if h := c.s.profile.Operations.CreateFile.IdempotencyHeader; h != "" {
		return c.r.Header.Get(h)
	}
	return ""
}

// free reports why a lane takes no new file: one file in flight per domain and scope [D].
func (q *queue) free() error {
	switch {
	case q.inFlight == nil:
		return nil
	case q.inFlight.Status == Quarantined:
		return errQuarantine
	}
	return errBusy
}

// mayUpload finds the connection of a key that may upload to the domain and scope of a call.
func (t *tx) mayUpload(c *call) (*connection, error) {
	con, err := t.authorise(c.key())
	if err != nil {
		return nil, err
	}
	scope, err := t.s.scope(c.holes["domain"], c.holes["scope"])
	if err != nil {
		return nil, err
	}
	if con.Domain != c.holes["domain"] || scope.Direction != sage.Outgoing {
		return nil, errKeyNotAllowed
	}
	return con, nil
}

// send is the second step of an upload: the content, to the uploadUrl.
func (c *call) send() (answer, error) {
	var f *file
	err := c.s.do(func(t *tx) (err error) {
		if f := t.tokens[c.holes["token"]].file; f != nil {
			c.s.notes.sending(f.ID)
		}
		f, err = t.mayBeSent(c)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	stored, err := c.receive(f.Announced, c.s.profile.Operations.SendFile.ContentType)
	if err != nil {
		return answer{}, err
	}
	err = c.s.do(func(t *tx) error {
		f, err := t.mayBeSent(c) // another request may have been faster
		if err != nil {
			return err
		}
		t.received(f, stored, c.s.profile.Operations.CompleteFile.Path == "")
		return nil
	})
	if err != nil {
		c.s.store.remove(stored.Name)
		return answer{}, err
	}
	c.s.move(f.ID, stored.Size)
	return c.ok(), nil
}

// mayBeSent finds the record of an uploadUrl, if it waits for its content.
func (t *tx) mayBeSent(c *call) (*file, error) {
	f := t.tokens[c.holes["token"]].file
	if f == nil || f.UploadToken != c.holes["token"] {
		return nil, errNoFile
	}
	if c.onUpload {
		if c.key() != "" {
			t.s.notes.add("foreign-host: the key was sent to %s", c.r.Host)
		}
	} else if err := t.owns(c, f); err != nil {
		return nil, err
	}
	switch {
	case f.Superseded:
		t.s.notes.add("superseded: content was sent to the uploadUrl of %q, which a newer create had superseded", f.Name)
		return nil, errWrongState
	case f.Status != AwaitingUpload:
		t.s.notes.twice(f)
		return nil, errWrongState
	}
	return f, t.queue(lane{f.ConnectionID, f.Scope}).free()
}

// owns reports why the key of a call may not see a file.
func (t *tx) owns(c *call, f *file) error {
	con, err := t.authorise(c.key())
	if err != nil {
		return err
	}
	if con.ID != f.ConnectionID {
		return errKeyNotAllowed
	}
	return nil
}

// receive stores a content and refuses what no platform would take: nothing at all, too much, or no JSON.
func (c *call) receive(announced int64, wanted string) (content, error) {
	if got := c.r.Header.Get("Content-Type"); !isType(got, wanted) {
		c.s.notes.add("content-type: a content came as %q in place of %q", got, wanted)
		return content{}, errFormat
	}
	limit := c.s.limits.MaxFile
	if c.r.ContentLength > limit {
		return content{}, errTooLargeFor(limit)
	}
	stored, err := c.s.store.write(c.s.newName(), body{c.r.Body}, c.r.ContentLength, limit)
	switch {
	case errors.Is(err, errTooLarge):
		return content{}, errTooLargeFor(limit)
	case err != nil:
		return content{}, err
	}
	if announced >= 0 && announced != stored.Size {
		c.s.notes.add("size: %d bytes came where %d were announced", stored.Size, announced)
	}
	if err := c.s.readable(stored); err != nil {
		c.s.store.remove(stored.Name)
		return content{}, err
	}
	return stored, nil
}

// body is a request's body, whose errors are told apart from those of the store.
type body struct{ io.Reader }

func (b body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	return n, err
}

// readable reports why a content is no file at all.
func (s *Sandbox) readable(stored content) error {
	if stored.Size == 0 {
		return errNotUploaded
	}
	if s.options.Unchecked {
		return nil
	}
	r, err := s.store.open(stored)
	if err != nil {
		return err
	}
	defer r.Close()
	scanned, err := contract.Scan(r)
	switch {
	case err != nil:
		return fmt.Errorf("sandbox: reading an upload: %w", err)
	case scanned.Empty:
		return errNotUploaded
	case !scanned.Complete:
		return errFormat
	}
	return nil
}

// received notes a file's content and, where no further call has to complete it, sends the file on its way.
func (t *tx) received(f *file, stored content, complete bool) {
	if old := f.Content.Name; old != "" {
		t.then(func() { t.s.store.remove(old) })
	}
	f.Content, f.Received = stored, t.now
	if complete {
		t.depart(f)
	}
	t.save(kindFile, f.ID, f)
}

// depart begins a file's way through the platform.
func (t *tx) depart(f *file) {
	q := t.queue(lane{f.ConnectionID, f.Scope})
	if q.awaiting == f {
		q.awaiting = nil
	}
	q.inFlight, f.Status = f, Validating
	if next := t.switches.EndNext; len(next) > 0 {
		f.End, t.switches.EndNext = next[0], next[1:]
		t.save(kindSwitches, "", t.switches)
	}
}

// complete is the optional call after the content [A].
func (c *call) complete() (answer, error) {
	var f *file
	err := c.s.do(func(t *tx) error {
		f = t.files[c.holes["fileId"]]
		if f == nil {
			return errNoFile
		}
		if err := t.owns(c, f); err != nil {
			return err
		}
		switch {
		case f.Superseded || f.Status != AwaitingUpload:
			return errWrongState
		case f.Content.Name == "":
			return errNotUploaded
		}
		t.depart(f)
		t.save(kindFile, f.ID, f)
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	c.s.move(f.ID, f.Content.Size)
	return c.ok(), nil
}

// sendOneStep is an upload in one request, for profiles that say so [A].
func (c *call) sendOneStep() (answer, error) {
	name, size, err := c.oneStepParameters()
	if err != nil {
		return answer{}, err
	}
	var f *file
	known := false
	begin := func(t *tx) error {
		con, err := t.mayUpload(c)
		if err != nil {
			return err
		}
		l := lane{con.ID, c.holes["scope"]}
		if idem := c.idempotencyKey(); idem != "" {
			f, known = t.idempotent[idempotencyKey{l, idem}]
		}
		if known {
			return nil
		}
		return t.queue(l).free()
	}
	if err := c.s.do(begin); err != nil {
		return answer{}, err
	}
	if !known {
		stored, err := c.receive(size, c.s.profile.Operations.SendOneStep.ContentType)
		if err != nil {
			return answer{}, err
		}
		err = c.s.do(func(t *tx) (err error) {
			if f, err = t.createFile(c, name, stored.Size); err == nil {
				t.received(f, stored, true)
			}
			return err
		})
		if err != nil {
			c.s.store.remove(stored.Name)
			return answer{}, err
		}
		c.s.move(f.ID, stored.Size)
	}
	a := c.s.profile.Answers
	return c.ok(field{a.FileID, f.ID}, field{a.TrackingURL, c.s.trackingURL(f)}), nil
}

func (c *call) oneStepParameters() (name string, size int64, err error) {
	if c.route.place == sage.Nowhere {
		return "upload.json", -1, nil
	}
	n := c.s.profile.Names.File
	name, err1 := c.need(n.FileName)
	size, err2 := c.whole(n.Size)
	if err := first(err1, err2); err != nil {
		return "", 0, err
	}
	if size > c.s.limits.MaxFile {
		return "", 0, errTooLargeFor(c.s.limits.MaxFile)
	}
	return name, size, nil
}

// newName is a name in the store.
func (s *Sandbox) newName() string {
	var name string
	_ = s.locked(func() error { name = s.world.newID(); return nil })
	return name
}

func (s *Sandbox) uploadURL(f *file) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.upload.String() + "/storage/upload/" + f.UploadToken
}

func (s *Sandbox) trackingURL(f *file) string { return s.url("/storage/tracking/" + f.TrackToken) }
