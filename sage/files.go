package sage

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// NewFile describes a file that is to be sent.
type NewFile struct {
	Name           string
	Size           int64  // bytes
	IdempotencyKey string // the transfer's ID: the same key gives the same record again [A]; "" sends none
}

// Created is the platform's record of a file. All of it has to be kept until the file's end.
type Created struct {
	Scope       string // as given to Create
	FileID      string // may be "": all calls but "complete" do without
	UploadURL   string // absolute; "" after an upload in one step
	TrackingURL string // absolute, opaque
}

// Body is a file's content. Open is called again when the content has to be sent again, after a rotation or a
// redirect; it must give exactly Size bytes. What it gives is closed before the call returns.
type Body struct {
	Open func() (io.ReadCloser, error)
	Size int64 // bytes
}

// Create makes a record for a file. [A] 4
//
// Errors: ErrScopeBusy, ErrQuarantined, ErrTooLarge, ErrDomainInvalid, ErrScopeInvalid, ErrKeyNotAllowed; ErrUnsafeURL
// when the platform names addresses that must not be followed.
func (s *Session) Create(ctx context.Context, scope string, f NewFile) (Created, error) {
	o, names := s.client.profile.Operations.CreateFile, s.client.profile.Names.File
	call, err := s.client.newRequest("createFile", o.Method, o.Path, s.holes(scope), nil)
	if err != nil {
		return Created{}, err
	}
	call.confined = true
	call.json([]param{{names.FileName, f.Name}, {names.Size, f.Size}})
	s.identify(call, f)
	a, _, err := s.ask(ctx, call)
	if err != nil {
		return Created{}, err
	}
	return s.created(call, a, scope, true)
}

func (s *Session) holes(scope string) map[string]string {
	return map[string]string{"domain": s.domain, "scope": scope}
}

// identify adds the header by which the platform knows a repeated create. [A] 4
func (s *Session) identify(call *request, f NewFile) {
	if header := s.client.profile.Operations.CreateFile.IdempotencyHeader; header != "" && f.IdempotencyKey != "" {
		call.header.Set(header, headerText(f.IdempotencyKey))
	}
}

// created reads a record, and refuses one whose addresses could not be used.
func (s *Session) created(call *request, a answer, scope string, upload bool) (Created, error) {
	names := s.client.profile.Answers
	file := Created{Scope: scope, FileID: a.text(names.FileID)}
	err := call.clean(names.FileID, file.FileID)
	if err != nil {
		return Created{}, err
	}
	if file.TrackingURL, err = s.address(call, a, names.TrackingURL); err != nil {
		return Created{}, err
	}
	if !upload {
		return file, nil
	}
	if file.UploadURL, err = s.address(call, a, names.UploadURL); err != nil {
		return Created{}, err
	}
	if file.FileID == "" && s.client.profile.Operations.CompleteFile.Path != "" {
		return Created{}, call.fail(ErrMalformed, fmt.Errorf("no %s in it", names.FileID.First()))
	}
	return file, nil
}

// address reads an address out of an answer, absolute.
func (s *Session) address(call *request, a answer, name Lookup) (string, error) {
	text := a.text(name)
	if text == "" {
		return "", call.fail(ErrMalformed, fmt.Errorf("no %s in it", name.First()))
	}
	return s.followed(call, name, text)
}

// followed makes an address absolute that is to be followed later, and refuses one that must not be followed or kept.
func (s *Session) followed(call *request, name Lookup, address string) (string, error) {
	u, err := s.client.follow(address)
	if err != nil {
		return "", call.fail(kindOf(err), fmt.Errorf("%s: %w", name.First(), err))
	}
	if holds(u.String(), call.private) {
		return "", call.fail(ErrUnsafeURL, fmt.Errorf("%s: it has a key or a secret in it", name.First()))
	}
	return u.String(), nil
}

// Send sends the content to the record's uploadUrl, unchanged, and makes the "complete" call where the profile names
// one. Sending again to the same record cannot make a second file. [A] 4
//
// Errors: ErrWrongState (read the state), ErrTooLarge, ErrFormat, ErrForeignHost (the upload host refused), ErrContent
// with the error of the body's own reader wrapped.
func (s *Session) Send(ctx context.Context, file Created, body Body) error {
	o := s.client.profile.Operations.SendFile
	call, err := s.client.given("sendFile", o.Method, file.UploadURL)
	if err != nil {
		return err
	}
	call.content, call.silent, call.body = true, true, &body
	call.header.Set("Content-Type", o.ContentType)
	err = s.authorised(ctx, call, func(r *request) error {
		resp, err := s.client.exchange(ctx, r)
		if err != nil {
			return err
		}
		return resp.taken()
	})
	// A platform that waits for "complete" has the content already when only that call was lost; sending anew is then
	// a wrong state, and completing is what is left to do.
	if err != nil && (s.client.profile.Operations.CompleteFile.Path == "" || !errors.Is(err, ErrWrongState)) {
		return err
	}
	return s.complete(ctx, file)
}

// taken ends an answer to content.
func (r *response) taken() error {
	r.close()
	if failure := r.partial(); failure != nil {
		return failure
	}
	return nil
}

// partial tells a success that came although not all of the content went out: it is none.
func (r *response) partial() *Error {
	out := r.attempt.out
	if out == nil || out.whole.Load() {
		return nil
	}
	if err := out.err(); err != nil {
		return r.attempt.r.fail(ErrContent, err)
	}
	return r.attempt.r.fail(ErrNetwork, errors.New("answered before the content was out"))
}

// complete makes the call that some platforms want after the content. [A] 8
func (s *Session) complete(ctx context.Context, file Created) error {
	o := s.client.profile.Operations.CompleteFile
	if o.Path == "" {
		return nil
	}
	holes := s.holes(file.Scope)
	holes["fileId"] = file.FileID
	call, err := s.client.newRequest("completeFile", o.Method, o.Path, holes, nil)
	if err != nil {
		return err
	}
	call.confined, call.silent = true, true
	_, _, err = s.ask(ctx, call)
	return err
}

// CreateAndSend sends a file in one step, for profiles that say so. [A] 8
//
// ErrUnclear: the answer was lost after content had begun to go out, so that nobody can tell whether the platform
// took it. Such a file must never be sent again without a person's word.
func (s *Session) CreateAndSend(ctx context.Context, scope string, f NewFile, body Body) (Created, error) {
	o, names := s.client.profile.Operations.SendOneStep, s.client.profile.Names.File
	call, err := s.client.newRequest("sendOneStep", o.Method, o.Path, s.holes(scope), nil)
	if err != nil {
		return Created{}, err
	}
	call.place(o.Parameters, []param{{names.FileName, f.Name}, {names.Size, f.Size}})
	call.content, call.body = true, &body
	call.header.Set("Content-Type", o.ContentType)
	s.identify(call, f)
	a, resp, err := s.ask(ctx, call)
	if err != nil {
		return Created{}, unclear(err)
	}
	if failure := resp.partial(); failure != nil {
		return Created{}, lost(failure)
	}
	file, err := s.created(call, a, scope, false)
	if err != nil {
		return Created{}, lost(err) // taken, but nobody can follow it
	}
	return file, nil
}

// unclear tells the failures of an upload in one step apart: after which the platform may hold the file, and after
// which it certainly does not. A failing server counts as the former, whatever it says: some fail after they have
// stored what they were sent, and a file that is doubled is worse than one that a person is asked about.
func unclear(err error) error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok, e.Is(ErrContent):
		return err // nothing was sent, or never all of it
	case !e.began:
		return err // no byte of the content went out
	case e.Status != 0 && !e.Is(ErrServer):
		return err // refused
	}
	return lost(err)
}

// lost makes ErrUnclear of an error.
func lost(err error) error {
	unclear := Error{}
	if e, ok := errors.AsType[*Error](err); ok {
		unclear = *e
	}
	unclear.kind, unclear.Err = ErrUnclear, err
	return &unclear
}
