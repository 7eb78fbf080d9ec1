package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"postroom/sage"
)

// Operation names one call of the contract, for Fault.Op.
type Operation string

// The operations.
const (
	OpRegisterDeveloper   Operation = "registerDeveloper"
	OpRegisterApplication Operation = "registerApplication"
	OpCreatePasscode      Operation = "createPasscode"
	OpPasscodeOutcome     Operation = "passcodeOutcome"
	OpRotate              Operation = "rotate"
	OpRenewSecret         Operation = "renewSecret"
	OpCreate              Operation = "create" // in one step too
	OpSend                Operation = "send"
	OpComplete            Operation = "complete"
	OpTrack               Operation = "track"
	OpResult              Operation = "result"
	OpLatest              Operation = "latest"
	OpDownload            Operation = "download" // of a list

	OpApproval     Operation = "approval"     // call to approvalUrl
	OpNotification Operation = "notification" // call to notificationUrl
)

// Operations are all operations, in the order a page shows them.
func Operations() []Operation {
	return []Operation{
		OpRegisterDeveloper, OpRegisterApplication, OpCreatePasscode, OpPasscodeOutcome, OpRotate, OpRenewSecret,
		OpCreate, OpSend, OpComplete, OpTrack, OpResult, OpLatest, OpDownload, OpApproval, OpNotification,
	}
}

// Paths of the URLs that are handed out. To a client they are opaque [A].
const (
	pathUpload   = "/storage/upload/{token}"
	pathTracking = "/storage/tracking/{token}"
	pathResult   = "/storage/result/{token}"
	pathList     = "/storage/list/{token}"
)

// route is one operation as the profile has it.
type route struct {
	op     Operation
	method string
	path   sage.Template
	status int                      // on success
	place  sage.Place               // of the parameters
	begin  func(*call) (end func()) // optional: brackets the whole call, faults included
	serve  func(*call) (answer, error)
}

func routesOf(p *sage.Profile) []route {
	o := p.Operations
	plain := func(op Operation, c sage.Operation, serve func(*call) (answer, error)) route {
		return route{op: op, method: c.Method, path: c.Path, status: c.Status, place: sage.InBody, serve: serve}
	}
	placed := func(op Operation, c sage.PlacedCall, serve func(*call) (answer, error)) route {
		return route{op: op, method: c.Method, path: c.Path, status: c.Status, place: c.Parameters, serve: serve}
	}
	routes := []route{
		{op: OpSend, method: o.SendFile.Method, path: pathUpload, status: o.SendFile.Status, serve: (*call).send},
		{op: OpTrack, method: http.MethodGet, path: pathTracking, status: http.StatusOK, serve: (*call).track},
		{op: OpResult, method: http.MethodGet, path: pathResult, status: http.StatusOK, serve: (*call).result},
		{op: OpDownload, method: http.MethodGet, path: pathList, status: http.StatusOK, serve: (*call).download},
		plain(OpLatest, o.LatestFile, (*call).latest),
		plain(OpRegisterDeveloper, o.RegisterDeveloper, (*call).registerDeveloper),
		plain(OpRegisterApplication, o.RegisterApplication, (*call).registerApplication),
		placed(OpCreatePasscode, o.CreatePasscode, (*call).createPasscode),
		placed(OpRenewSecret, o.RenewSecret, (*call).renewSecret),
	}
	rotation := placed(OpRotate, o.RotateKey, (*call).rotate)
	rotation.begin = (*call).beginRotation
	routes = append(routes, rotation)
	if p.Upload == sage.OneStep {
		routes = append(routes, route{
			op: OpCreate, method: o.SendOneStep.Method, path: o.SendOneStep.Path, status: o.SendOneStep.Status,
			place: o.SendOneStep.Parameters, serve: (*call).sendOneStep,
		})
	} else {
		routes = append(routes, route{
			op: OpCreate, method: o.CreateFile.Method, path: o.CreateFile.Path, status: o.CreateFile.Status,
			place: sage.InBody, serve: (*call).create,
		})
	}
	if o.CompleteFile.Path != "" {
		routes = append(routes, plain(OpComplete, o.CompleteFile, (*call).complete))
	}
	if o.PasscodeOutcome.Path != "" {
		routes = append(routes, plain(OpPasscodeOutcome, o.PasscodeOutcome, (*call).passcodeOutcome))
	}
	return routes
}

// Handler answers requests: the API by the profile's paths, and the web pages.
func (s *Sandbox) Handler() http.Handler { return http.HandlerFunc(s.serve) }

func (s *Sandbox) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	at, ok := s.arrival(r)
	switch {
	case s.ended():
		http.Error(w, "The sandbox is closed.", http.StatusServiceUnavailable)
	case !ok:
		s.write(w, r, errNoPath.answer(), Fault{})
	default:
		s.dispatch(w, r, at) //nolint:contextcheck // a file that a request sets going outlives the request
	}
}

func (s *Sandbox) dispatch(w http.ResponseWriter, r *http.Request, at arrival) {
	other := false // the path is known, with another method
	for i := range s.routes {
		route := &s.routes[i]
		holes, ok := route.path.Match(at.path)
		if !ok || (at.onUpload && route.op != OpSend) {
			continue
		}
		if route.method != r.Method {
			other = true
			continue
		}
		s.call(w, &call{s: s, r: r, route: route, holes: holes, onUpload: at.onUpload})
		return
	}
	switch {
	case other:
		s.write(w, r, errNotThat.answer(), Fault{})
	case at.onUpload || strings.HasPrefix(at.path, "/api/") || strings.HasPrefix(at.path, "/storage/"):
		s.write(w, r, errNoPath.answer(), Fault{})
	case at.path == "":
		http.Redirect(w, r, at.base+"/", http.StatusMovedPermanently)
	default:
		http.StripPrefix(at.base, s.pages).ServeHTTP(w, r)
	}
}

// call is one request to an operation.
type call struct {
	s        *Sandbox
	r        *http.Request
	route    *route
	holes    map[string]string
	onUpload bool // it came to the host of Options.UploadBaseURL, which is another one
	params   parameters
}

// call answers one request, faults included.
func (s *Sandbox) call(w http.ResponseWriter, c *call) {
	if c.route.begin != nil {
		defer c.route.begin(c)()
	}
	p := s.faults.take(c.route.op, false, s.chance)
	if !pause(c.r.Context(), p.latency) || p.fault.Kind == FaultDropRequest {
		panic(http.ErrAbortHandler)
	}
	if p.fault.Kind == FaultDropMidway {
		_, _ = io.CopyN(io.Discard, c.r.Body, max(c.r.ContentLength, 0)/2)
		panic(http.ErrAbortHandler)
	}
	a, failed := p.instead()
	if !failed {
		a = s.answerTo(c)
		switch p.fault.Kind {
		case FaultDropAnswer:
			a.close()
			panic(http.ErrAbortHandler)
		case FaultErrorAfter:
			a.close()
			a = serverError(p.fault)
		}
	}
	s.log.Debug("Request", "operation", string(c.route.op), "status", a.status, "code", a.code())
	s.write(w, c.r, a, p.fault)
}

// answerTo does what a call asks for. A request whose body breaks off has no answer: there is nobody to hear it.
func (s *Sandbox) answerTo(c *call) answer {
	a, err := c.route.serve(c)
	if err == nil {
		return a
	}
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		c.drain()
		a := refusal.answer()
		a.silent = s.dialect.SilentExpiry && refusal == errKeyExpired
		return a
	}
	if errors.Is(err, errBroken) {
		panic(http.ErrAbortHandler)
	}
	s.log.Error("A request failed within the sandbox", "operation", string(c.route.op), "error", err)
	return refuse(http.StatusInternalServerError, codeServer, "The sandbox failed.").answer()
}

// drained is how much of a refused request's body is read before it is answered, in bytes.
const drained = 4 << 20

// drain reads what a refused request still sends: a client that is writing hears no answer. One that asks before it
// writes (Expect: 100-continue) does not, and without a network there is nothing to read.
func (c *call) drain() {
	if _, direct := c.r.Body.(*requestBody); !direct && c.r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, c.r.Body, drained)
	}
}

// errBroken says that a request's body ended before it was whole.
var errBroken = errors.New("the request's body broke off")

// ok is an answer with the status that the profile names for the operation.
func (c *call) ok(f ...field) answer { return answer{status: c.route.status, fields: f} }

// pause waits, unless whoever asked goes away before.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// arrival is where a request came to.
type arrival struct {
	base     string // path of the base URL, escaped
	path     string // below it, escaped
	onUpload bool   // it came to the host for uploads alone
}

// arrival is not ok for what lies beside the base URL.
func (s *Sandbox) arrival(r *http.Request) (at arrival, ok bool) {
	s.mu.Lock()
	base, upload := s.base, s.upload
	s.mu.Unlock()
	if upload.Host != base.Host && strings.EqualFold(r.Host, upload.Host) {
		base, at.onUpload = upload, true
	}
	at.base = base.EscapedPath()
	at.path, ok = strings.CutPrefix(r.URL.EscapedPath(), at.base)
	return at, ok && (at.path == "" || strings.HasPrefix(at.path, "/"))
}

// serves reports whether a host is one of the sandbox's.
func (s *Sandbox) serves(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.EqualFold(host, s.base.Host) || strings.EqualFold(host, s.upload.Host)
}

func (s *Sandbox) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// chance is a number of [0, 1) from the sandbox's own source.
func (s *Sandbox) chance() float64 {
	var b []byte
	_ = s.locked(func() error { b = s.world.random(2); return nil })
	return float64(int(b[0])<<8|int(b[1])) / 65536
}
