package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"postroom/sage"
	"postroom/sage/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a sandbox and a client without any cleverness: what a request says is what is sent.
type rig struct {
	*sandbox.Sandbox
	t *testing.T
}

const base = "http://127.0.0.1:1"

func newRig(t *testing.T, o sandbox.Options) *rig {
	t.Helper()
	if o.BaseURL == "" {
		o.BaseURL = base
	}
	if o.Callbacks == nil {
		o.Callbacks = &listener{} // nobody is called who is not there
	}
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{s, t}
}

// answer is an answer of the platform, read as plainly as can be.
type answer struct {
	status int
	code   int
	header http.Header
	fields map[string]any
	body   []byte
}

func (a answer) text(name string) string {
	s, _ := a.fields[name].(string)
	return s
}

// headers are pairs of a name and a value.
func (r *rig) call(method, address string, body any, headers ...string) answer {
	r.t.Helper()
	a, err := r.try(method, address, body, headers...)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, address, err)
	}
	return a
}

func (r *rig) try(method, address string, body any, headers ...string) (answer, error) {
	r.t.Helper()
	var content io.Reader = http.NoBody
	switch b := body.(type) {
	case nil:
	case []byte:
		content = bytes.NewReader(b)
	case string:
		content = strings.NewReader(b)
	case io.Reader:
		content = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			r.t.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	if strings.HasPrefix(address, "/") {
		address = r.BaseURL() + address
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, address, content)
	if err != nil {
		r.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := r.RoundTripper().RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, header: resp.Header, body: raw}
	if json.Unmarshal(raw, &a.fields) == nil {
		if n, ok := a.fields["code"].(float64); ok {
			a.code = int(n)
		}
	}
	return a, err
}

// want checks status and code in one.
func (a answer) want(t *testing.T, status, code int) answer {
	t.Helper()
	if a.status != status || a.code != code {
		t.Fatalf("answered %d/%d (%s), want %d/%d", a.status, a.code, a.body, status, code)
	}
	return a
}

type object = map[string]any

func registration() object {
	return object{
		"name": "Robin Reed", "email": "robin@example.com", "company": "Reed Software",
		"application": object{
			"name": "Postroom", "description": "Carries files", "domain": "ecommerce",
			"approvalUrl": "https://example.com/approval", "notificationUrl": "https://example.com/notification",
		},
	}
}

// registered goes from a registration to the two IDs.
func (r *rig) registered(body object) (developer, application string) {
	r.t.Helper()
	a := r.call("POST", "/api/developers", body).want(r.t, 201, 0)
	if err := r.SolveCaptcha(a.text("registrationUrl")); err != nil {
		r.t.Fatal(err)
	}
	mails := r.Mailbox()
	m := mails[len(mails)-1]
	return m.DeveloperID, m.ApplicationID
}

func passcodes(developer, application string) string {
	return "/api/developers/" + developer + "/applications/" + application + "/passcodes"
}

// connected is a rig with a connection, its initial key and secret.
type connected struct {
	*rig
	key, secret string
}

func connect(t *testing.T, o sandbox.Options) *connected {
	t.Helper()
	r := newRig(t, o)
	c, err := r.Connect(sandbox.Setup{Secret: sage.NewSecret("a secret")})
	if err != nil {
		t.Fatal(err)
	}
	return &connected{r, c.InitialKey.Reveal(), "a secret"}
}

const orders = "/api/domains/ecommerce/scopes/orders/files"

func (c *connected) create(name string, size int, headers ...string) answer {
	c.t.Helper()
	return c.call("POST", orders, object{"fileName": name, "size": size}, append(headers, "apikey", c.key)...)
}

func (c *connected) put(uploadURL string, content any, headers ...string) answer {
	c.t.Helper()
	return c.call("PUT", uploadURL, content, append([]string{"apikey", c.key}, headers...)...)
}

func (c *connected) get(address string, headers ...string) answer {
	c.t.Helper()
	return c.call("GET", address, nil, append([]string{"apikey", c.key}, headers...)...)
}

// upload creates and sends a file.
func (c *connected) upload(name string, content []byte) answer {
	c.t.Helper()
	a := c.create(name, len(content)).want(c.t, 201, 0)
	c.put(a.text("uploadUrl"), content).want(c.t, 200, 0)
	return a
}

func (c *connected) status(created answer) string {
	c.t.Helper()
	return c.get(created.text("trackingUrl")).want(c.t, 200, 0).text("status")
}

func (r *rig) polite() {
	r.t.Helper()
	if v := r.Violations(); len(v) > 0 {
		r.t.Errorf("violations: %q", v)
	}
}

func (r *rig) rude(kind string) {
	r.t.Helper()
	for _, v := range r.Violations() {
		if strings.HasPrefix(v, kind+": ") {
			return
		}
	}
	r.t.Errorf("no violation of kind %s among %q", kind, r.Violations())
}

func path(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Path
}
