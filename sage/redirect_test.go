package sage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// network is several hosts in memory, each of which records what it was asked.
type network struct {
	hosts inMemory
	seen  map[string]*record
}

func newNetwork(handlers map[string]http.HandlerFunc) *network {
	n := &network{hosts: inMemory{}, seen: map[string]*record{}}
	for host, handler := range handlers {
		n.seen[host] = &record{}
		n.hosts[host] = n.seen[host].of(handler)
	}
	return n
}

func (n *network) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	return over(t, nil, append(change, func(o *Options) { o.Transport = n.hosts })...)
}

func redirects(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}
}

// carriesKey tells whether anything of a request shows the connection's key.
func carriesKey(c seen) bool {
	return strings.Contains(fmt.Sprintf("%v", c), "key-initial")
}

func TestTheKeyIsDroppedWhenARedirectChangesTheHost(t *testing.T) {
	for _, to := range []string{"https://storage.test/list", "//storage.test/list", "https://platform.test:8443/list"} {
		host := "storage.test"
		if strings.Contains(to, "8443") {
			host = "platform.test:8443"
		}
		n := newNetwork(map[string]http.HandlerFunc{"platform.test": redirects(302, to), host: says(200, `[]`)})
		size, err := session(n.client(t)).Download(t.Context(), "/list", &strings.Builder{}, 0)
		must(t, err)
		if size != 2 || !carriesKey(n.seen["platform.test"].one(t)) {
			t.Errorf("%s: %d bytes, or the platform did not get its key", to, size)
		}
		if carriesKey(n.seen[host].one(t)) {
			t.Errorf("%s got the key", to)
		}
	}
}

func TestTheKeyIsNotTakenUpAgainOnTheWayBack(t *testing.T) {
	n := newNetwork(map[string]http.HandlerFunc{
		"platform.test": inTurn(redirects(302, "https://storage.test/a"), says(401, `{"code":2100}`)),
		"storage.test":  redirects(302, platform+"/b"),
	})
	_, err := session(n.client(t)).Track(t.Context(), "/a")
	wantError(t, err, ErrForeignHost) // and no rotation on the word of an address that another host chose
	calls := n.seen["platform.test"].all()
	if len(calls) != 2 || !carriesKey(calls[0]) || carriesKey(calls[1]) {
		t.Errorf("%+v", calls)
	}
}

func TestRedirectsOnThePlatformKeepTheKey(t *testing.T) {
	n := newNetwork(map[string]http.HandlerFunc{"platform.test": inTurn(redirects(307, "/elsewhere?x=1#part"), says(200, `{"status":"validating"}`))})
	tracking, err := session(n.client(t)).Track(t.Context(), "/a")
	must(t, err)
	calls := n.seen["platform.test"].all()
	if tracking.Phase != PhaseValidating || len(calls) != 2 || !carriesKey(calls[1]) || calls[1].path != "/elsewhere" || calls[1].query != "x=1" {
		t.Errorf("%+v, %+v", tracking, calls)
	}
}

func TestRedirectsKeepMethodAndContent(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		n := newNetwork(map[string]http.HandlerFunc{
			"platform.test": redirects(status, "https://storage.test/put"), "storage.test": says(201, ``),
		})
		must(t, session(n.client(t)).Send(t.Context(), Created{UploadURL: platform + "/put"}, content(`[1,2]`)))
		got := n.seen["storage.test"].one(t)
		if got.method != "PUT" || got.body != `[1,2]` || got.header.Get("Content-Type") != "application/json" || carriesKey(got) {
			t.Errorf("%d: %+v", status, got)
		}
	}
}

func TestASeeOtherIsReadWithGet(t *testing.T) {
	n := newNetwork(map[string]http.HandlerFunc{"platform.test": inTurn(redirects(303, "/files/1"), says(200, `{"fileId":"1","uploadUrl":"/u","trackingUrl":"/t"}`))})
	created, err := session(n.client(t)).Create(t.Context(), "orders", NewFile{Name: "o.json", Size: 2})
	must(t, err)
	if calls := n.seen["platform.test"].all(); created.FileID != "1" || calls[1].method != "GET" || calls[1].body != "" {
		t.Errorf("%+v %+v", created, calls)
	}
}

func TestWhatIsForThePlatformOnlyIsNotRedirectedAway(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, c *Client) error{
		"rotation": func(ctx context.Context, c *Client) error {
			_, err := c.RotateKey(ctx, NewSecret("initial"), NewSecret("secret"))
			return err
		},
		"renewal": func(ctx context.Context, c *Client) error {
			return c.RenewSecret(ctx, NewSecret("initial"), NewSecret("secret"), NewSecret("new"))
		},
		"passcode": func(ctx context.Context, c *Client) error {
			_, err := c.CreatePasscode(ctx, NewID("d"), NewID("a"), NewSecret("secret"))
			return err
		},
		"registration": func(ctx context.Context, c *Client) error {
			_, err := c.RegisterDeveloper(ctx, Registration{Email: "me@example.test"})
			return err
		},
		"application": func(ctx context.Context, c *Client) error {
			_, err := c.RegisterApplication(ctx, NewID("d"), Application{Name: "x"})
			return err
		},
		"create": func(ctx context.Context, c *Client) error {
			_, err := session(c).Create(ctx, "orders", NewFile{Name: "x"})
			return err
		},
	} {
		for _, status := range []int{302, 303, 307, 308} {
			n := newNetwork(map[string]http.HandlerFunc{"platform.test": redirects(status, "https://other.test/"), "other.test": says(200, `{}`)})
			err := call(t.Context(), n.client(t))
			if !errors.Is(err, ErrRedirect) || len(n.seen["other.test"].all()) != 0 {
				t.Errorf("%s, %d: %v, the other host was asked %d times", name, status, err, len(n.seen["other.test"].all()))
			}
		}
	}
}

func TestRedirectsThatAreRefused(t *testing.T) {
	for to, want := range map[string]error{
		"http://platform.test/x":       ErrUnsafeURL,
		"http://storage.test/x":        ErrUnsafeURL,
		"https://127.0.0.1/x":          ErrUnsafeURL,
		"https://localhost/x":          ErrUnsafeURL,
		"https://169.254.169.254/x":    ErrUnsafeURL,
		"https://[::ffff:10.0.0.1]/x":  ErrUnsafeURL,
		"ftp://storage.test/x":         ErrUnsafeURL,
		"file:///etc/passwd":           ErrUnsafeURL,
		"":                             ErrMalformed,
		"https://platform.test:port/x": ErrMalformed,
		"/again":                       ErrRedirect, // for ever
	} {
		n := newNetwork(map[string]http.HandlerFunc{"platform.test": redirects(302, to)})
		_, err := session(n.client(t)).Track(t.Context(), "/t")
		wantError(t, err, want)
		if calls := n.seen["platform.test"].all(); len(calls) > 6 {
			t.Errorf("%q was followed %d times", to, len(calls))
		}
	}
}

func TestAddressesThatThePlatformNames(t *testing.T) {
	under := func(o *Options) { o.BaseURL = platform + "/broker/" }
	for _, c := range []struct {
		address, want string // want "" for ErrUnsafeURL
	}{
		{"https://storage.test/u?sig=a%2Fb#x", "https://storage.test/u?sig=a%2Fb"},
		{"/u/1", "https://platform.test/u/1"},
		{"u/1", "https://platform.test/broker/u/1"},
		{"./u/1?a=b", "https://platform.test/broker/u/1?a=b"},
		{"//storage.test/u", "https://storage.test/u"},
		{" https://storage.test/u\n", "https://storage.test/u"},
		{"http://storage.test/u", ""},
		{"https://127.0.0.1/u", ""},
		{"javascript:alert(1)", ""},
	} {
		body := fmt.Sprintf(`{"fileId":1,"uploadUrl":%q,"trackingUrl":"/t"}`, c.address)
		created, err := session(over(t, says(201, body), under)).Create(t.Context(), "orders", NewFile{Name: "o", Size: 1})
		if c.want == "" {
			wantError(t, err, ErrUnsafeURL)
		} else if err != nil || created.UploadURL != c.want || created.TrackingURL != "https://platform.test/t" || created.FileID != "1" || created.Scope != "orders" {
			t.Errorf("%s: %+v, %v", c.address, created, err)
		}
		if c.want == "" {
			_, err = session(over(t, says(200, `{}`), under)).Track(t.Context(), c.address)
			wantError(t, err, ErrUnsafeURL)
		}
	}
}
