package sage

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

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
	ResultURL    string   // absolute; "" for none. After a final word only
	AwaitsUpload bool     // the platform says that the content has not come, whatever we think we sent
}

// Read gives the meaning of a status word. Case, blanks, _ and - make no difference. A word that the profile does not
// name means "in progress". [D] 4
func (s Statuses) Read(word string) (Phase, Final) {
	word = plain(word)
	for _, known := range []struct {
		words []string
		phase Phase
		final Final
	}{
		{s.AwaitingUpload, PhaseAwaiting, NotFinal},
		{s.Validating, PhaseValidating, NotFinal},
		{s.Quarantined, PhaseQuarantined, NotFinal},
		{s.Available, PhaseWaiting, NotFinal},
		{s.Downloaded, PhaseProcessing, NotFinal},
		{s.Processing, PhaseProcessing, NotFinal},
		{s.Accepted, PhaseEnded, Accepted},
		{s.Failed, PhaseEnded, Failed},
		{s.BadRequest, PhaseEnded, Failed},
		{s.Rejected, PhaseEnded, Failed},
	} {
		if slices.ContainsFunc(known.words, func(w string) bool { return plain(w) == word }) {
			return known.phase, known.final
		}
	}
	return PhaseUnknown, NotFinal
}

// Track reads a file's state. [D] 4
//
// Errors: ErrFileNotFound, ErrNotUploaded (send the content again), ErrWrongState.
func (s *Session) Track(ctx context.Context, trackingURL string) (Tracking, error) {
	call, err := s.client.given("trackFile", http.MethodGet, trackingURL)
	if err != nil {
		return Tracking{}, err
	}
	a, _, err := s.ask(ctx, call)
	if err != nil {
		return Tracking{}, err
	}
	names := s.client.profile.Answers
	t := Tracking{Status: call.words(a.text(names.Status)), Progress: percent(a.text(names.Progress))}
	if t.Status == "" {
		return Tracking{}, call.fail(ErrMalformed, errors.New("no status in it"))
	}
	t.Phase, t.Final = s.client.profile.Statuses.Read(t.Status)
	t.AwaitsUpload = t.Phase == PhaseAwaiting
	if address := a.text(names.ResultURL); address != "" && t.Final != NotFinal {
		t.ResultURL, err = s.followed(call, names.ResultURL, address)
		if err != nil {
			// The word is final whatever the address is worth.
			s.client.log.Warn("Address of a result refused", "operation", call.op, "error", err)
		}
	}
	return t, nil
}
