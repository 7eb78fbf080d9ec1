package sage

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const record1 = `{"fileId":"f-1","uploadUrl":"/u/1","trackingUrl":"/t/1"}`

func TestCreateSendsWhatTheContractSays(t *testing.T) {
	var calls record
	c := over(t, calls.of(says(201, record1)))
	created, err := session(c).Create(t.Context(), "orders", NewFile{Name: `a "b" & ü.json`, Size: 1234, IdempotencyKey: "transfer-1"})
	must(t, err)
	got := calls.one(t)
	want := Created{Scope: "orders", FileID: "f-1", UploadURL: platform + "/u/1", TrackingURL: platform + "/t/1"}
	if created != want {
		t.Errorf("%+v", created)
	}
	if got.method != "POST" || got.path != "/api/domains/ecommerce/scopes/orders/files" || got.body != `{"fileName":"a \"b\" & ü.json","size":1234}` {
		t.Errorf("%+v", got)
	}
	for name, value := range map[string]string{"Apikey": "key-initial", "Idempotency-Key": "transfer-1", "Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Postroom"} {
		if got.header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
		}
	}
}

func TestTheIdempotencyKeyCanBeSwitchedOff(t *testing.T) {
	for _, c := range []struct {
		header, key string
	}{{"", "transfer-1"}, {"Idempotency-Key", ""}} {
		var calls record
		client := over(t, calls.of(says(201, record1)), with(func(p *Profile) { p.Operations.CreateFile.IdempotencyHeader = c.header }))
		_, err := session(client).Create(t.Context(), "orders", NewFile{Name: "o", Size: 1, IdempotencyKey: c.key})
		must(t, err)
		if _, ok := calls.one(t).header["Idempotency-Key"]; ok {
			t.Errorf("%+v: the header was sent", c)
		}
	}
}

func TestARecordThatCannotBeUsedIsNotUnderstood(t *testing.T) {
	for _, body := range []string{
		`{}`, `null`, `[]`, `{"fileId":"1"}`, `{"uploadUrl":"/u"}`, `{"trackingUrl":"/t"}`, `{"uploadUrl":"","trackingUrl":"/t"}`,
		`{"uploadUrl":{},"trackingUrl":"/t"}`, `<html>Welcome to Hotel Wi-Fi</html>`, `{"uploadUrl":"https://[","trackingUrl":"/t"}`, `{} {}`,
		`{"uploadUrl":"/` + strings.Repeat("u", 10_000) + `","trackingUrl":"/t"}`,
	} {
		_, err := session(over(t, says(201, body))).Create(t.Context(), "orders", NewFile{Name: "o", Size: 1})
		wantError(t, err, ErrMalformed)
	}
}

func TestAnswersThatBreakOffAreTruncated(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"shorter than announced": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "500")
			io.WriteString(w, record1)
		},
		"cut in its JSON": says(201, record1[:20]),
	} {
		_, err := session(over(t, handler)).Create(t.Context(), "orders", NewFile{Name: "o", Size: 1})
		if !errors.Is(err, ErrTruncated) {
			t.Errorf("%s: %v", name, err)
		}
		c, _ := served(t, handler)
		if _, err := session(c).Create(t.Context(), "orders", NewFile{Name: "o", Size: 1}); !errors.Is(err, ErrTruncated) {
			t.Errorf("%s, on a wire: %v", name, err)
		}
	}
}

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	c, _ := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		for {
			if _, err := io.WriteString(w, strings.Repeat(" ", 4096)); err != nil {
				return
			}
		}
	}), with(func(p *Profile) { p.Limits.Answer = 64 << 10 }))
	_, err := session(c).Track(t.Context(), "/t")
	wantError(t, err, ErrTooBig)
}

func TestContentGoesOutUnchanged(t *testing.T) {
	n := newNetwork(map[string]http.HandlerFunc{"platform.test": says(200, ``), "storage.test": says(201, ``)})
	text := "[ {\"id\" : 1.10 } ]\n"
	s := session(n.client(t))
	must(t, s.Send(t.Context(), Created{UploadURL: platform + "/u/1?sig=x"}, content(text)))
	must(t, s.Send(t.Context(), Created{UploadURL: "https://storage.test/u/1?sig=x"}, content(text)))
	own, foreign := n.seen["platform.test"].one(t), n.seen["storage.test"].one(t)
	for _, got := range []seen{own, foreign} {
		if got.method != "PUT" || got.body != text || got.query != "sig=x" || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%+v", got)
		}
	}
	if !carriesKey(own) || carriesKey(foreign) {
		t.Error("the key goes to the platform's own host, and to no other")
	}
}

func TestOnlyContentIsNeverReplayedBelowUs(t *testing.T) {
	replayable := map[string]bool{}
	c := over(t, nil, func(o *Options) {
		o.Transport = tripper(func(r *http.Request) (*http.Response, error) {
			replayable[r.Method] = r.GetBody != nil
			return inMemory{"platform.test": says(200, record1)}.RoundTrip(r)
		})
	})
	file, err := session(c).Create(t.Context(), "orders", NewFile{Name: "o", Size: 2})
	must(t, err)
	must(t, session(c).Send(t.Context(), file, content("[]")))
	if !replayable["POST"] || replayable["PUT"] {
		t.Errorf("%v", replayable)
	}
}

// tripper is a transport as a function.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNoContentIsContentToo(t *testing.T) {
	var calls record
	must(t, session(over(t, calls.of(says(200, ``)))).Send(t.Context(), Created{UploadURL: "/u"}, content("")))
	if got := calls.one(t); got.body != "" || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%+v", got)
	}
}

func TestAnotherHostsRefusalNeverRotates(t *testing.T) {
	for _, status := range []int{401, 403} {
		n := newNetwork(map[string]http.HandlerFunc{"platform.test": says(200, `{"apikey":"key-two"}`), "storage.test": says(status, `{"code":2100}`)})
		err := session(n.client(t)).Send(t.Context(), Created{UploadURL: "https://storage.test/u"}, content("[]"))
		wantError(t, err, ErrForeignHost)
		if calls := n.seen["platform.test"].all(); len(calls) != 0 {
			t.Errorf("%d: the platform was asked for %+v", status, calls)
		}
	}
}

// broken gives a reader that fails after some bytes.
type broken struct {
	text string
	err  error
	shut *bool
}

func (b *broken) Read(p []byte) (int, error) {
	if b.text == "" {
		return 0, b.err
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

func (b *broken) Close() error { *b.shut = true; return nil }

func TestContentOfAnotherLengthNeverGoesOutWhole(t *testing.T) {
	errChanged := errors.New("the file was changed")
	for name, c := range map[string]struct {
		body *broken
		size int64
		want error
	}{
		"shorter":            {&broken{text: "[1]", err: io.EOF}, 4, io.ErrUnexpectedEOF},
		"longer":             {&broken{text: "[1]\n", err: io.EOF}, 3, ErrContent},
		"fails on its way":   {&broken{text: "[1", err: errChanged}, 3, errChanged},
		"fails at its end":   {&broken{text: "[1]", err: errChanged}, 3, errChanged},
		"fails at once":      {&broken{err: errChanged}, 3, errChanged},
		"empty, not so told": {&broken{err: io.EOF}, 3, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			shut := false
			c.body.shut = &shut
			whole := make(chan bool, 1)
			client, _ := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				whole <- err == nil
			}))
			err := session(client).Send(t.Context(), Created{UploadURL: "/u"}, Body{Size: c.size, Open: func() (io.ReadCloser, error) { return c.body, nil }})
			wantError(t, err, ErrContent)
			if !errors.Is(err, c.want) || !shut {
				t.Errorf("error %v, want %v; closed: %v", err, c.want, shut)
			}
			client.Close()
			select {
			case got := <-whole:
				if got {
					t.Error("the platform got a whole body")
				}
			default: // not even asked
			}
		})
	}
}

func TestContentThatCannotBeOpenedIsTold(t *testing.T) {
	var calls record
	err := session(over(t, calls.of(says(200, ``)))).Send(t.Context(), Created{UploadURL: "/u"},
		Body{Size: 1, Open: func() (io.ReadCloser, error) { return nil, io.ErrClosedPipe }})
	wantError(t, err, ErrContent)
	if !errors.Is(err, io.ErrClosedPipe) || len(calls.all()) != 0 {
		t.Errorf("%v, %d calls", err, len(calls.all()))
	}
}

func TestTheContentIsClosedBeforeSendReturns(t *testing.T) {
	c, _ := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest) // before it read anything
		io.WriteString(w, `{"code":2415}`)
	}), with(func(p *Profile) { p.Limits.ExpectContinueAbove = 0 }))
	shut := false
	err := session(c).Send(t.Context(), Created{UploadURL: "/u"}, Body{Size: 8 << 20, Open: func() (io.ReadCloser, error) {
		return &broken{text: strings.Repeat("x", 8<<20), err: io.EOF, shut: &shut}, nil
	}})
	wantError(t, err, ErrWrongState)
	if !shut {
		t.Error("still open")
	}
}

func TestASuccessBeforeTheContentIsOutIsNone(t *testing.T) {
	early := inMemoryEarly{status: 200}
	c := over(t, nil, func(o *Options) { o.Transport = early })
	err := session(c).Send(t.Context(), Created{UploadURL: "/u"}, content(strings.Repeat("x", 1<<20)))
	wantError(t, err, ErrNetwork)
}

// inMemoryEarly answers without looking at the content.
type inMemoryEarly struct{ status int }

func (e inMemoryEarly) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: e.status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func TestLargeContentAsksFirst(t *testing.T) {
	var opened int
	c, _ := served(t, inTurn(
		says401Early, says(200, `{"apikey":"key-two"}`),
		func(w http.ResponseWriter, r *http.Request) {
			if n, err := io.Copy(io.Discard, r.Body); n != 4<<20 || err != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}))
	err := session(c).Send(t.Context(), Created{UploadURL: "/u"}, Body{Size: 4 << 20, Open: func() (io.ReadCloser, error) {
		opened++
		return io.NopCloser(strings.NewReader(strings.Repeat("x", 4<<20))), nil
	}})
	must(t, err)
	if opened != 2 {
		t.Errorf("opened %d times", opened)
	}
}

// says401Early refuses a request by its header.
func says401Early(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Expect") != "100-continue" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusUnauthorized)
	io.WriteString(w, `{"code":2100}`)
}

func completing(p *Profile) {
	p.Operations.CompleteFile.Path = "/api/{domain}/{scope}/{fileId}/complete"
}

func TestTheCompleteCallFollowsTheContent(t *testing.T) {
	var calls record
	s := session(over(t, calls.of(says(200, ``)), with(completing)))
	must(t, s.Send(t.Context(), Created{Scope: "orders", FileID: "f 1", UploadURL: "/u"}, content("[]")))
	got := calls.all()
	if len(got) != 2 || got[1].method != "POST" || got[1].path != "/api/ecommerce/orders/f%201/complete" || !carriesKey(got[1]) {
		t.Errorf("%+v", got)
	}
}

func TestALostCompleteCallCanBeMadeAgain(t *testing.T) {
	var calls record
	s := session(over(t, calls.of(inTurn(
		says(200, ``), says(503, ``), // content, complete
		says(400, `{"code":2415}`), says(200, ``), // the content is there already
	)), with(completing)))
	file := Created{Scope: "orders", FileID: "1", UploadURL: "/u"}
	wantError(t, s.Send(t.Context(), file, content("[]")), ErrServer)
	must(t, s.Send(t.Context(), file, content("[]")))
	if len(calls.all()) != 4 {
		t.Errorf("%+v", calls.all())
	}
	bare := session(over(t, says(201, `{"uploadUrl":"/u","trackingUrl":"/t"}`), with(completing)))
	_, err := bare.Create(t.Context(), "orders", NewFile{Name: "o", Size: 1})
	wantError(t, err, ErrMalformed) // without its ID the record could never be completed
}

func oneStep(p *Profile) { p.Upload = OneStep }

func TestOneStepSendsContentAndName(t *testing.T) {
	for _, c := range []struct {
		place       Place
		query, name string
	}{
		{InQuery, "fileName=o+%26+%C3%BC.json&size=3", ""},
		{InHeader, "", "o%20&%20%C3%BC.json"},
		{Nowhere, "", ""},
	} {
		var calls record
		client := over(t, calls.of(says(201, `{"trackingUrl":"/t/1"}`)), with(func(p *Profile) { oneStep(p); p.Operations.SendOneStep.Parameters = c.place }))
		created, err := session(client).CreateAndSend(t.Context(), "orders", NewFile{Name: "o & ü.json", Size: 3, IdempotencyKey: "k"}, content("[1]"))
		must(t, err)
		got := calls.one(t)
		if created.TrackingURL != platform+"/t/1" || created.UploadURL != "" || got.body != "[1]" || got.query != c.query ||
			got.header.Get("fileName") != c.name || got.path != "/api/domains/ecommerce/scopes/orders/files" || got.header.Get("Idempotency-Key") != "k" {
			t.Errorf("%s: %+v, %+v", c.place, created, got)
		}
	}
}

func TestOneStepIsUnclearExactlyWhenItIs(t *testing.T) {
	abort := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
		unclear bool
	}{
		"answer lost": {abort, ErrNetwork, true},
		"connection lost midway": {func(w http.ResponseWriter, r *http.Request) {
			io.ReadFull(r.Body, make([]byte, 1))
			panic(http.ErrAbortHandler)
		}, ErrNetwork, true},
		"answer cut":             {says(201, `{"trackingUrl":`), ErrTruncated, true},
		"answer of a gateway":    {says(200, `<html>`), ErrMalformed, true},
		"no tracking address":    {says(201, `{}`), ErrMalformed, true},
		"unsafe address":         {says(201, `{"trackingUrl":"https://10.0.0.1/"}`), ErrUnsafeURL, true},
		"bad gateway":            {says(502, ``), ErrServer, true},
		"gateway timeout":        {says(504, ``), ErrServer, true},
		"failure without a code": {says(500, ``), ErrServer, true},
		"failure with a code":    {says(500, `{"code":5000}`), ErrServer, true}, // it may have stored the file before
		"not available":          {says(503, ``), ErrServer, true},
		"throttled":              {says(429, ``), ErrThrottled, false},
		"busy":                   {says(423, `{"code":2400}`), ErrScopeBusy, false},
		"too large":              {says(413, `{"code":2425}`), ErrTooLarge, false},
		"locked key":             {says(401, `{"code":2120}`), ErrKeyLocked, false},
		"redirect for ever":      {redirects(307, "/again"), ErrRedirect, false},
	} {
		t.Run(name, func(t *testing.T) {
			client := over(t, c.handler, with(oneStep))
			_, err := session(client).CreateAndSend(t.Context(), "orders", NewFile{Name: "o", Size: 3}, content("[1]"))
			if !errors.Is(err, c.want) || errors.Is(err, ErrUnclear) != c.unclear {
				t.Errorf("%v; want %v, unclear: %v", err, c.want, c.unclear)
			}
			if retry, _ := Retryable(err); c.unclear && (retry || Do(err) != ActionAsk) {
				t.Errorf("an unclear upload would be repeated: %s", Do(err))
			}
		})
	}
}

func TestOneStepThatNeverBeganIsNotUnclear(t *testing.T) {
	client := over(t, nil, with(oneStep), func(o *Options) { o.Transport = inMemory{} })
	_, err := session(client).CreateAndSend(t.Context(), "orders", NewFile{Name: "o", Size: 3}, content("[1]"))
	wantError(t, err, ErrNetwork)
	if errors.Is(err, ErrUnclear) {
		t.Error("unclear, although nothing went out")
	}
	fails := Body{Size: 3, Open: func() (io.ReadCloser, error) { return &broken{text: "[1", err: io.ErrNoProgress, shut: new(bool)}, nil }}
	aborts := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	_, err = session(over(t, aborts, with(oneStep))).CreateAndSend(t.Context(), "orders", NewFile{Name: "o", Size: 3}, fails)
	if !errors.Is(err, ErrContent) || errors.Is(err, ErrUnclear) {
		t.Errorf("%v", err)
	}
	_, err = session(over(t, says(201, `{"trackingUrl":"/t"}`), with(oneStep))).CreateAndSend(t.Context(), "orders", NewFile{Name: "o", Size: 3}, fails)
	if !errors.Is(err, ErrContent) || !errors.Is(err, ErrUnclear) {
		t.Errorf("a platform that says it took half a file gives %v", err)
	}
}

func TestAnExpiredKeyInOneStepSendsOnceMore(t *testing.T) {
	var calls record
	client := over(t, calls.of(inTurn(says(401, `{"code":2100}`), says(200, `{"apikey":"key-two"}`), says(201, `{"trackingUrl":"/t"}`))), with(oneStep))
	_, err := session(client).CreateAndSend(t.Context(), "orders", NewFile{Name: "o", Size: 3}, content("[1]"))
	must(t, err)
	got := calls.all()
	if len(got) != 3 || got[0].body != "[1]" || got[2].body != "[1]" || got[2].header.Get("apikey") != "key-two" {
		t.Errorf("%+v", got)
	}
}

func TestTrackingIsReadTolerantly(t *testing.T) {
	percentOf := func(f float64) *float64 { return &f }
	for _, c := range []struct {
		body string
		want Tracking
	}{
		{`{"status":"validating","progress":42}`, Tracking{Status: "validating", Phase: PhaseValidating, Progress: percentOf(42)}},
		{`{"Status":"Processing","Progress":"42%"}`, Tracking{Status: "Processing", Phase: PhaseProcessing, Progress: percentOf(42)}},
		{`{"status":"quarantined"}`, Tracking{Status: "quarantined", Phase: PhaseQuarantined}},
		{`{"status":"available"}`, Tracking{Status: "available", Phase: PhaseWaiting}},
		{`{"status":"downloaded"}`, Tracking{Status: "downloaded", Phase: PhaseProcessing}},
		{`{"status":"awaitingUpload"}`, Tracking{Status: "awaitingUpload", Phase: PhaseAwaiting, AwaitsUpload: true}},
		{`{"status":"AWAITING_UPLOAD"}`, Tracking{Status: "AWAITING_UPLOAD", Phase: PhaseAwaiting, AwaitsUpload: true}},
		{`{"status":"reticulating splines","progress":"most"}`, Tracking{Status: "reticulating splines"}},
		{`{"status":"processing","downloadResultUrl":"/r/1"}`, Tracking{Status: "processing", Phase: PhaseProcessing}},
		{`{"status":"accepted","downloadResultUrl":"/r/1"}`, Tracking{Status: "accepted", Phase: PhaseEnded, Final: Accepted, ResultURL: platform + "/r/1"}},
		{`{"status":"Accepted","downloadresulturl":null,"progress":100}`, Tracking{Status: "Accepted", Phase: PhaseEnded, Final: Accepted, Progress: percentOf(100)}},
		{`{"status":"failed","downloadResultUrl":"https://storage.test/r"}`, Tracking{Status: "failed", Phase: PhaseEnded, Final: Failed, ResultURL: "https://storage.test/r"}},
		{`{"status":"badRequest"}`, Tracking{Status: "badRequest", Phase: PhaseEnded, Final: Failed}},
		{`{"status":"Bad Request"}`, Tracking{Status: "Bad Request", Phase: PhaseEnded, Final: Failed}},
		{`{"status":"rejected"}`, Tracking{Status: "rejected", Phase: PhaseEnded, Final: Failed}},
		{`{"status":"accepted","downloadResultUrl":"https://127.0.0.1/r"}`, Tracking{Status: "accepted", Phase: PhaseEnded, Final: Accepted}},
		{`{"status":"not accepted"}`, Tracking{Status: "not accepted"}},
		{`{"status":7}`, Tracking{Status: "7"}},
	} {
		got, err := session(over(t, says(200, c.body))).Track(t.Context(), "/t")
		must(t, err)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.body, got, c.want)
		}
	}
	for _, body := range []string{`{}`, `{"status":null}`, `{"status":""}`, `{"status":{}}`, `<html>`, ``} {
		_, err := session(over(t, says(200, body))).Track(t.Context(), "/t")
		if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTruncated) {
			t.Errorf("%q: %v", body, err)
		}
	}
}
