package platform

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/watcher/simulation/gate"
)

// fate is what becomes of sending a content over a network with one fault.
type fate struct {
	is    error // what the client is told; nil: all is well
	taken int   // contents that the platform has taken
}

func TestEveryFaultDoesWhatItsNameSays(t *testing.T) {
	fates := map[Kind]fate{
		Refused: {sage.ErrNetwork, 0}, NoName: {sage.ErrNetwork, 0}, BadTLS: {sage.ErrNetwork, 0},
		ResetBefore: {sage.ErrNetwork, 0}, ResetMidway: {sage.ErrNetwork, 0}, BlackHole: {sage.ErrNetwork, 0},
		ServerError: {sage.ErrServer, 0}, ProxyError: {sage.ErrServer, 0}, EmptyError: {sage.ErrServer, 0},
		Throttled: {sage.ErrThrottled, 0}, Unavailable: {sage.ErrServer, 0}, Unauthorised: {sage.ErrUnauthorized, 0},
		EarlyAnswer: {sage.ErrNetwork, 0},
		ResetAfter:  {sage.ErrNetwork, 1}, SilentAfter: {sage.ErrNetwork, 1}, ErrorAfter: {sage.ErrServer, 1}, GatewayLate: {sage.ErrServer, 1},
		WrongDate: {nil, 1}, Endless: {nil, 1}, SlowBody: {nil, 1}, Truncated: {nil, 1}, LongLength: {nil, 1}, ShortLength: {nil, 1},
		RedirectHome: {nil, 1}, RedirectLoop: {sage.ErrRedirect, 0}, RedirectPlain: {sage.ErrUnsafeURL, 0}, RedirectInside: {sage.ErrUnsafeURL, 0},
		Slow: {nil, 1},
	}
	for _, kind := range Kinds() {
		want, ok := fates[kind]
		if !ok {
			continue // has a test of its own
		}
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, Options{}, func(r *rig) {
				made := r.create()
				r.platform.SetFaults(Faults{kind: 1})
				err := r.session.Send(r.t.Context(), made, body(orders))
				if !errors.Is(err, want.is) || want.is == nil && err != nil {
					t.Errorf("the client was told %v, want %v", err, want.is)
				}
				if got := r.taken(); got != want.taken {
					t.Errorf("the platform has taken %d contents, want %d", got, want.taken)
				}
				if r.gate.Counts()[string(kind)] == 0 {
					t.Error("it was not counted")
				}
				r.polite()
			})
		})
	}
}

func TestAnswersAreSpoiled(t *testing.T) {
	fates := map[Kind]error{
		Portal: sage.ErrMalformed, Truncated: sage.ErrTruncated, LongLength: sage.ErrTruncated, ShortLength: sage.ErrTruncated,
		Endless: sage.ErrTooBig, Bomb: sage.ErrTooBig, Strange: nil, SlowBody: nil, Doubled: nil, WrongDate: nil,
	}
	for _, kind := range Kinds() {
		want, ok := fates[kind]
		if !ok {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, Options{}, func(r *rig) {
				r.platform.SetFaults(Faults{kind: 1})
				made, err := r.session.Create(r.t.Context(), "orders", sage.NewFile{Name: "orders.json", Size: 5, IdempotencyKey: "transfer-1"})
				if !errors.Is(err, want) || want == nil && (err != nil || made.UploadURL == "") {
					t.Errorf("creating came to %+v and %v, want %v", made, err, want)
				}
				if files := r.platform.Files(); len(files) > 1 || (len(files) == 1) != (kind != Portal) {
					t.Errorf("the platform has %d records", len(files))
				}
				r.polite()
			})
		})
	}
}

func TestAGarbledAnswerIsNoAnswer(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		made := r.sent()
		r.platform.SetFaults(Faults{Garbled: 1})
		for range 10 {
			if track, err := r.session.Track(r.t.Context(), made.TrackingURL); err == nil {
				t.Errorf("tracking told %+v", track)
			}
		}
	})
}

func TestAPersonsListIsNeverHalf(t *testing.T) {
	fates := map[Kind]error{
		Truncated: sage.ErrTruncated, LongLength: sage.ErrTruncated, Endless: sage.ErrNetwork, Portal: sage.ErrMalformed,
		SlowBody: nil, ShortLength: nil,
	}
	for kind, want := range fates {
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, Options{}, func(r *rig) {
				list := sandbox.SampleProducts(20)
				if err := r.platform.Publish("Acme Ltd", "products", list); err != nil {
					t.Fatal(err)
				}
				newest, err := r.session.Latest(r.t.Context(), "products", "")
				if err != nil {
					t.Fatal(err)
				}
				r.platform.SetFaults(Faults{kind: 1})
				var got bytes.Buffer
				_, err = r.session.Download(r.t.Context(), newest.DownloadURL, &got, 1<<20)
				if !errors.Is(err, want) || want == nil && err != nil {
					t.Errorf("the client was told %v, want %v", err, want)
				}
				// A length that lies cannot be told from the answer alone: what came is shorter than the newest file's size.
				if kind == ShortLength && int64(got.Len()) >= newest.Size {
					t.Errorf("%d bytes came of a cut list of %d", got.Len(), newest.Size)
				}
			})
		})
	}
}

func TestADoubledContentIsTakenOnceAndNobodysFault(t *testing.T) {
	answers := map[bool]int{}
	for i := range 20 {
		bubble(t, Options{}, func(r *rig) {
			for range i { // other draws
				r.gate.Intn(2)
			}
			made := r.create()
			r.platform.SetFaults(Faults{Doubled: 1})
			err := r.session.Send(r.t.Context(), made, body(orders))
			if err != nil && !errors.Is(err, sage.ErrWrongState) {
				t.Error(err)
			}
			answers[err == nil]++
			if r.taken() != 1 {
				t.Errorf("the platform has taken %d contents", r.taken())
			}
			r.polite()
		})
	}
	if len(answers) != 2 {
		t.Errorf("only one of the two answers ever came back: %v", answers)
	}
}

func TestSendingTwiceIsSeen(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		_ = r.session.Send(r.t.Context(), r.sent(), body(orders))
		if len(r.platform.Violations()) != 1 {
			t.Errorf("violations: %q", r.platform.Violations())
		}
	})
}

func TestTrackingTellsAnEarlierState(t *testing.T) {
	bubble(t, Options{Sandbox: sandbox.Options{Pace: time.Minute}}, func(r *rig) {
		made := r.create()
		told := map[string]bool{}
		for range 10 {
			if track, err := r.session.Track(r.t.Context(), made.TrackingURL); err != nil || track.Status != "awaitingUpload" {
				t.Errorf("%+v %v", track, err)
			}
		}
		if err := r.session.Send(r.t.Context(), made, body(orders)); err != nil {
			t.Fatal(err)
		}
		r.platform.SetFaults(Faults{Stale: 2})
		for range 20 {
			track, err := r.session.Track(r.t.Context(), made.TrackingURL)
			if err != nil {
				t.Fatal(err)
			}
			told[track.Status] = true
		}
		if !told["awaitingUpload"] || !told["validating"] {
			t.Errorf("tracking told %v", told)
		}
	})
}

func TestAnUnknownWordIsNeverFinal(t *testing.T) {
	bubble(t, Options{Sandbox: sandbox.Options{Pace: time.Minute}}, func(r *rig) {
		made := r.sent()
		r.platform.SetFaults(Faults{Strange: 1})
		track, err := r.session.Track(r.t.Context(), made.TrackingURL)
		if err != nil || track.Final != sage.NotFinal || track.Status != "beingLookedAt" {
			t.Errorf("%+v %v", track, err)
		}
		time.Sleep(time.Hour)
		track, err = r.session.Track(r.t.Context(), made.TrackingURL)
		if err != nil || track.Final != sage.Accepted {
			t.Errorf("%+v %v", track, err)
		}
	})
}

func TestTheHostForUploadsRefusesWithoutTheKeysFault(t *testing.T) {
	bubble(t, Options{Uploads: true}, func(r *rig) {
		made := r.create()
		r.platform.SetFaults(Faults{UploadRefused: 1})
		if err := r.session.Send(r.t.Context(), made, body(orders)); !errors.Is(err, sage.ErrForeignHost) {
			t.Error(err)
		}
		if r.platform.Rotations() != 0 || r.taken() != 0 {
			t.Errorf("%d rotations, %d contents", r.platform.Rotations(), r.taken())
		}
		r.platform.SetFaults(nil)
		if err := r.session.Send(r.t.Context(), made, body(orders)); err != nil {
			t.Error(err)
		}
		r.polite()
	})
}

func TestAResultIsGoneForAWhile(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		track, err := r.session.Track(r.t.Context(), r.sent().TrackingURL)
		if err != nil {
			t.Fatal(err)
		}
		r.platform.SetFaults(Faults{ResultGone: 1})
		if _, err := r.session.Download(r.t.Context(), track.ResultURL, io.Discard, 0); !errors.Is(err, sage.ErrFileNotFound) {
			t.Error(err)
		}
		r.platform.Calm()
		if _, err := r.session.Download(r.t.Context(), track.ResultURL, io.Discard, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestRetryAfterComesInEveryForm(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		r.platform.Clock.Jump(-72 * time.Hour)
		r.platform.SetFaults(Faults{Throttled: 1})
		waits := map[bool]int{}
		for range 40 {
			_, err := r.session.Latest(r.t.Context(), "products", "")
			wait := sage.RetryAfter(err)
			if !errors.Is(err, sage.ErrThrottled) || wait < 0 || wait > 90*time.Second {
				t.Errorf("%v asks for %v", err, wait)
			}
			waits[wait > 0]++
		}
		if len(waits) != 2 {
			t.Errorf("with and without a readable wait: %v", waits)
		}
	})
}

func TestACallBeforeTheTimeThatWasAskedForIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(r *rig)
		want bool
	}{
		"at once":                 {func(*rig) {}, true},
		"after it":                {func(*rig) { time.Sleep(2 * time.Minute) }, false},
		"because a person asked":  {func(r *rig) { r.platform.Pressed() }, false},
		"by another life":         {func(r *rig) { r.restart() }, false},
		"with another key of its": {func(r *rig) { _ = r.keys.Rotate(r.t.Context()) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{}, func(r *rig) {
				r.platform.SetFaults(Faults{Throttled: 1})
				for r.gate.Counts()["net.retryAfter"] == 0 { // some forms cannot be read
					_, _ = r.session.Latest(r.t.Context(), "products", "")
				}
				r.platform.SetFaults(nil)
				c.do(r)
				_, _ = r.session.Latest(r.t.Context(), "products", "")
				all := strings.Join(r.platform.Violations(), "\n")
				if strings.Contains(all, "impatient: GET") != c.want {
					t.Errorf("seen: %q", all)
				}
			})
		})
	}
}

func TestTheNetworkIsGoneForMinutes(t *testing.T) {
	for _, kind := range []Kind{Refused, NoName, BadTLS, ResetBefore, BlackHole, Portal} {
		bubble(t, Options{}, func(r *rig) {
			r.platform.SetOutage(kind)
			if _, err := r.session.Latest(r.t.Context(), "products", ""); err == nil || errors.Is(err, sage.ErrNothingThere) {
				t.Errorf("%s: the platform answered: %v", kind, err)
			}
			r.platform.Calm()
			if _, err := r.session.Latest(r.t.Context(), "products", ""); !errors.Is(err, sage.ErrNothingThere) {
				t.Errorf("after %s: %v", kind, err)
			}
		})
	}
}

func TestACallerThatGoesAwayIsNotKept(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		if err := r.platform.Publish("Acme Ltd", "products", sandbox.SampleProducts(1)); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []Kind{BlackHole, SilentAfter, SlowBody, Slow} {
			r.platform.SetFaults(Faults{kind: 1})
			ctx, cancel := context.WithTimeout(r.t.Context(), time.Nanosecond)
			began := time.Now()
			if _, err := r.session.Latest(ctx, "products", ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", kind, err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("%s: the caller was kept for %v", kind, took)
			}
			cancel()
		}
	})
}

func TestConnectionsBreakWhenANetworkIsSwapped(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		r.platform.SetFaults(Faults{BlackHole: 1})
		came := make(chan error, 1)
		go func() {
			_, err := r.session.Latest(r.t.Context(), "products", "")
			came <- err
		}()
		synctest.Wait()
		began := time.Now()
		r.platform.Break()
		if err := <-came; !errors.Is(err, sage.ErrNetwork) || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestADeadProcessHearsNothingAndDoesNothing(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		made := r.create()
		r.process.KillAt(1, true)
		if err := r.session.Send(r.t.Context(), made, body(orders)); !errors.Is(err, gate.ErrDead) {
			t.Error(err)
		}
		if r.taken() != 1 {
			t.Error("the effect at which it died did not happen")
		}
		r.restart()
		_, _ = r.session.Latest(r.t.Context(), "products", "") // its keys are read
		r.process.KillAt(1, false)
		_, err := r.session.Create(r.t.Context(), "products", sage.NewFile{Name: "x.json", Size: 1})
		if err == nil || len(r.platform.Files()) != 1 {
			t.Errorf("%v, and the platform has %d records", err, len(r.platform.Files()))
		}
	})
}

func TestTheTruthNamesEveryRecordTaken(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		r.create()
		if r.taken() != 0 {
			t.Error("a record without content counts as taken")
		}
		r.sent()
		list, err := r.platform.Taken()
		if err != nil || len(list) != 1 || len(list[0].Records) != 2 || list[0].Idempotency != "transfer-1" {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestAClockJumpsAndDurationsDoNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		before := c.Now()
		c.Jump(-time.Hour)
		time.Sleep(time.Minute)
		if passed := c.Now().Sub(before); passed != -59*time.Minute {
			t.Errorf("the clock went from %v to %v", before, c.Now())
		}
	})
}
