package watcher

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

// answerWith is an answer of the platform, or of something on the way to it.
func answerWith(r *http.Request, status int, body string, header ...string) *http.Response {
	resp := &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

func code(n int) string { return `{"code":` + strconv.Itoa(n) + `,"message":"said so"}` }

func isCreate(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/files")
}
func isSend(r *http.Request) bool { return r.Method == http.MethodPut }
func isTrack(r *http.Request) bool {
	return r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "/latest") && !strings.Contains(r.URL.Path, "result")
}

func TestWithoutANetworkFilesWaitAndGoOnceItIsBack(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		var down atomic.Bool
		var tries atomic.Int64
		r.options.Transport = &meddler{under: r.options.Transport, before: func(q *http.Request) (*http.Response, error) {
			if !down.Load() {
				return nil, nil
			}
			tries.Add(1)
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("network is unreachable")}
		}}
		r.start()
		r.pass(time.Second)
		down.Store(true)
		contents := [][]byte{orders(1, 1), orders(100, 1)}
		r.drop(acme, "Outbox/orders/a.json", contents[0])
		r.drop(acme, "Outbox/orders/b.json", contents[1])
		r.pass(8 * time.Hour)
		shown, err := r.Transfer(t.Context(), r.expect("a.json", journal.Claimed).ID)
		if err != nil || shown.Waits == nil || shown.Waits.Code != "networkDown" {
			t.Errorf("waits %v, %v", shown.Waits, err)
		}
		connections, err := r.Connections(t.Context())
		if err != nil || connections[0].Problem == nil || connections[0].Problem.Code != "networkDown" {
			t.Errorf("connection %+v, %v", connections, err)
		}
		if n := tries.Load(); n < 100 || n > 700 {
			t.Errorf("%d tries in 8 hours", n)
		}
		down.Store(false)
		r.pass(70 * time.Second)
		if !r.named("a.json").State.InFlight() || r.named("a.json").SentAt.IsZero() {
			t.Errorf("a.json is %s a minute after", r.named("a.json").State)
		}
		r.drain()
		r.invariants(acme, contents, true)
	})
}

func TestAFileCanBeTakenBackWhileThereIsNoNetwork(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.platform.AddFault(sandbox.Fault{Kind: sandbox.FaultDropRequest})
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Hour)
		if err := r.Cancel(t.Context(), r.expect("a.json", journal.Claimed).ID); err != nil {
			t.Fatal(err)
		}
		r.pass(10 * time.Second)
		r.expect("a.json", journal.Cancelled)
		if files := r.files(acme); files != "Outbox/Held/a.json" {
			t.Errorf("files:\n%s", files)
		}
	})
}

func TestWhateverGoesWrongOnceOrTwiceAFileIsTakenOnceAndEnds(t *testing.T) {
	kinds := []sandbox.FaultKind{
		sandbox.FaultDropRequest, sandbox.FaultDropMidway, sandbox.FaultDropAnswer, sandbox.FaultTruncate, sandbox.FaultError,
		sandbox.FaultErrorAfter, sandbox.FaultThrottle, sandbox.FaultPage,
	}
	for _, op := range []sandbox.Operation{sandbox.OpCreate, sandbox.OpSend, sandbox.OpTrack, sandbox.OpResult, ""} {
		for _, kind := range kinds {
			t.Run(string(op)+" "+string(kind), func(t *testing.T) {
				inBubble(t, slow, func(t *testing.T, r *rig) {
					r.platform.AddFault(sandbox.Fault{Kind: kind, Op: op, Times: 2, RetryAfter: 7 * time.Second})
					r.start()
					contents := [][]byte{orders(1, 1), orders(100, 2)}
					r.drop(acme, "Outbox/orders/a.json", contents[0])
					r.drop(acme, "Outbox/orders/b.json", contents[1])
					r.drain()
					r.expect("a.json", journal.Accepted)
					r.expect("b.json", journal.Accepted)
					r.invariants(acme, contents, true)
				})
			})
		}
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		var asked, after time.Time
		var early int
		r.options.Transport = &meddler{under: r.options.Transport, before: func(q *http.Request) (*http.Response, error) {
			if now := time.Now(); now.After(asked) && now.Before(after) { // what went out in the same moment could not know
				early++
			}
			if isCreate(q) && after.IsZero() {
				asked, after = time.Now(), time.Now().Add(90*time.Second)
				return answerWith(q, http.StatusTooManyRequests, code(1), "Retry-After", "90"), nil
			}
			return nil, nil
		}}
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.drain()
		r.expect("a.json", journal.Accepted)
		if early > 0 {
			t.Errorf("%d requests came too early", early)
		}
	})
}

func TestRefusalsOfTheContractEndAFileOrStopItsLane(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     func(*http.Request) bool
		status int
		code   int
		state  journal.State
		says   string // problem or cause
	}{
		{"too large at create", isCreate, 413, 2425, journal.Refused, "fileTooLarge"},
		{"too large at content", isSend, 413, 2425, journal.Refused, "fileTooLarge"},
		{"format at create", isCreate, 400, 2430, journal.Refused, "fileFormat"},
		{"format at content", isSend, 400, 2430, journal.Refused, "fileFormat"},
		{"an unknown refusal at create", isCreate, 400, 2999, journal.Refused, "fileTurnedDown"},
		{"domain at create", isCreate, 400, 2000, journal.Claimed, "domainInvalid"},
		{"scope at create", isCreate, 400, 2010, journal.Claimed, "scopeInvalid"},
		{"not allowed at create", isCreate, 403, 2110, journal.Claimed, "scopeNotAllowed"},
		{"busy", isCreate, 423, 2400, journal.Claimed, "scopeBusy"},
		{"in quarantine", isCreate, 423, 2405, journal.Claimed, "scopeQuarantined"},
		{"not found after sending", isTrack, 404, 2410, journal.Unknown, "fileVanished"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, slow, func(t *testing.T, r *rig) {
				var calls int
				r.options.Transport = &meddler{under: r.options.Transport, before: func(q *http.Request) (*http.Response, error) {
					if c.at(q) {
						calls++
						return answerWith(q, c.status, code(c.code)), nil
					}
					return nil, nil
				}}
				r.start()
				content := orders(1, 1)
				r.drop(acme, "Outbox/orders/a.json", content)
				r.pass(25 * time.Minute)
				got := r.expect("a.json", c.state)
				said := got.Problem
				if said == nil {
					said = got.Cause
				}
				if said == nil || said.Code != c.says {
					t.Errorf("says %v, want %s", said, c.says)
				}
				if calls > 15 {
					t.Errorf("%d calls in 25 minutes", calls)
				}
				places := r.places(acme)[hashOf(content)]
				want := map[journal.State]string{
					journal.Refused: "Failed/a.json", journal.Claimed: "Outbox/.sending/" + got.ID, journal.Unknown: "Sent/Unclear/a.json",
				}[c.state]
				if len(places) != 1 || places[0] != want {
					t.Errorf("it lies at %v, want %s", places, want)
				}
				if c.state == journal.Unknown {
					if _, err := os.Stat(filepath.Join(r.desk, acme, "Sent/Unclear/a.unclear.txt")); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

func TestAStoppedLaneStopsNoOtherAndGoesOnWhenAsked(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.connect("Other Ltd")
		var wrong atomic.Bool
		wrong.Store(true)
		r.options.Transport = &meddler{under: r.options.Transport, before: func(q *http.Request) (*http.Response, error) {
			if isCreate(q) && wrong.CompareAndSwap(true, false) {
				return answerWith(q, 403, code(2110)), nil
			}
			return nil, nil
		}}
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(10 * time.Second)
		r.drop("Other Ltd", "Outbox/orders/b.json", orders(100, 1))
		r.pass(20 * time.Minute)
		r.expect("b.json", journal.Accepted)
		r.expect("a.json", journal.Claimed)
		connections, err := r.Connections(t.Context())
		if err != nil || connections[0].Lanes[1].Problem == nil || connections[0].Lanes[1].Problem.Code != "scopeNotAllowed" {
			t.Errorf("%+v, %v", connections, err)
		}
		if err := r.CheckNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.pass(20 * time.Minute)
		r.expect("a.json", journal.Accepted)
	})
}

func TestAnUploadHostThatRefusesLeadsToANewRecordWithBothWrittenDown(t *testing.T) {
	const upload = "http://127.0.0.1:2"
	o := slow
	o.UploadBaseURL = upload
	inBubble(t, o, func(t *testing.T, r *rig) {
		refusals := 0
		r.options.Transport = &meddler{under: r.options.Transport, before: func(q *http.Request) (*http.Response, error) {
			if isSend(q) && refusals < 3 {
				refusals++
				return answerWith(q, http.StatusForbidden, `<Error><Code>AccessDenied</Code></Error>`), nil
			}
			return nil, nil
		}}
		r.start()
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		r.drain()
		got := r.expect("a.json", journal.Accepted)
		if line := r.timeline(got); strings.Count(line, "created ") != 4 || strings.Count(line, "createdAgain") != 3 {
			t.Errorf("timeline %s", line)
		}
		if got.Creations != 4 {
			t.Errorf("%d records", got.Creations)
		}
		if connections, err := r.Connections(t.Context()); err != nil || connections[0].Key.State != KeyGood || !connections[0].Key.RenewedAt.IsZero() {
			t.Errorf("the key was touched: %+v, %v", connections, err)
		}
		r.invariants(acme, [][]byte{content}, true)
	})
}
