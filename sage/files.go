package sage

import (
	"context"
	"errors"
	"io"
	"time"
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
	FileID      string
	UploadURL   string // absolute; "" after an upload in one step
	TrackingURL string // absolute, opaque
}

// Body is a file's content. Open is called again when the content has to be sent again, after a rotation or a
// redirect; it must give exactly Size bytes.
type Body struct {
	Open func() (io.ReadCloser, error)
	Size int64 // bytes
}

// Create makes a record for a file. [A] 4
//
// Errors: ErrScopeBusy, ErrQuarantined, ErrTooLarge, ErrDomainInvalid, ErrScopeInvalid, ErrKeyNotAllowed.
func (s *Session) Create(ctx context.Context, scope string, f NewFile) (Created, error) {
	return Created{}, errors.ErrUnsupported
}

// Send sends the content to the record's uploadUrl, unchanged, and makes the "complete" call where the profile names
// one. Sending again to the same record cannot make a second file. [A] 4
//
// Errors: ErrWrongState (read the state), ErrTooLarge, ErrFormat, ErrForeignHost (the upload host refused). An error
// of the body's own reader comes back as it is, wrapped.
func (s *Session) Send(ctx context.Context, file Created, body Body) error {
	return errors.ErrUnsupported
}

// CreateAndSend sends a file in one step, for profiles that say so. [A] 8
//
// ErrUnclear: the answer was lost after content had begun to go out, so that nobody can tell whether the platform
// took it. Such a file must never be sent again without a person's word.
func (s *Session) CreateAndSend(ctx context.Context, scope string, f NewFile, body Body) (Created, error) {
	return Created{}, errors.ErrUnsupported
}

// Final is how a file ended.
type Final string

// The ends of a file.
const (
	NotFinal Final = ""
	Accepted Final = "accepted"
	Failed   Final = "failed" // failed, badRequest or rejected; the word itself is in Tracking.Status
)

// Phase is what the platform does with a file, as far as its word is known.
type Phase string

// The phases.
const (
	PhaseUnknown     Phase = ""            // in progress, by a word we do not know
	PhaseAwaiting    Phase = "awaiting"    // the content has not come
	PhaseValidating  Phase = "validating"  // on the platform
	PhaseQuarantined Phase = "quarantined" // on the platform, held back
	PhaseWaiting     Phase = "waiting"     // for Sage 50 to be switched on
	PhaseProcessing  Phase = "processing"  // by Sage 50
	PhaseEnded       Phase = "ended"       // see Final
)

// Tracking is a file's state as the platform tells it.
type Tracking struct {
	Status       string // the platform's own word, as it came
	Phase        Phase
	Final        Final
	Progress     *float64 // percent, 0 to 100; nil: no figure
	ResultURL    string   // absolute; a result may exist after a final word
	AwaitsUpload bool     // the platform says that the content has not come, whatever we think we sent
}

// Track reads a file's state. [D] 4
//
// Errors: ErrFileNotFound, ErrNotUploaded (send the content again), ErrWrongState.
func (s *Session) Track(ctx context.Context, trackingURL string) (Tracking, error) {
	return Tracking{}, errors.ErrUnsupported
}

// Latest is the newest file of a scope that comes from Sage.
type Latest struct {
	FileID      string
	Timestamp   time.Time // zero if the answer has no readable time
	Size        int64     // bytes, -1 if not told
	DownloadURL string    // absolute
	ETag        string    // for the next conditional look; "" if the server has none
	NotModified bool      // nothing new since the given ETag; all else is empty
}

// Latest looks for the newest file of a scope, conditionally when an ETag is given. [A] 5
//
// ErrNothingThere: Sage has not uploaded one yet; not a failure.
func (s *Session) Latest(ctx context.Context, scope, etag string) (Latest, error) {
	return Latest{}, errors.ErrUnsupported
}

// Download writes a result or list to w and gives its length in bytes. Whole or an error: a body that is shorter than
// announced is ErrTruncated, one over limit bytes is ErrTooBig (0: the profile's limit). What w has after an error is
// worth nothing. An error of w comes back as it is, wrapped.
func (s *Session) Download(ctx context.Context, url string, w io.Writer, limit int64) (int64, error) {
	return 0, errors.ErrUnsupported
}
