package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"postroom/sage"
)

// announce notes a call to be made to an application, and makes it once the change it tells of is written.
func (t *tx) announce(c *callback) {
	c.ID, c.At = t.newID(), t.now
	t.calls = append(t.calls, c)
	t.save(kindCallback, c.ID, c)
	t.then(func() { t.s.deliver(c) })
}

// deliver makes a call: never when it is to be lost, twice when it is to be doubled.
func (s *Sandbox) deliver(c *callback) {
	op := OpApproval
	if c.Kind == callNotification {
		op = OpNotification
	}
	switch s.faults.take(op, true, s.chance).fault.Kind {
	case FaultLoseCallback:
		s.called(c, true, "lost on purpose")
		return
	case FaultDoubleCallback:
		s.spawn(func(ctx context.Context) { s.post(ctx, c); s.post(ctx, c) })
		return
	}
	s.spawn(func(ctx context.Context) { s.post(ctx, c) })
}

// post makes one try and arranges the next one.
func (s *Sandbox) post(ctx context.Context, c *callback) {
	outcome, ok := "there is nobody to call", false
	req, err := s.callbackRequest(ctx, c)
	if err == nil && req != nil {
		outcome, ok = s.exchange(req)
	}
	if err != nil {
		outcome = "the address cannot be called" // the error may show the key
	}
	if ctx.Err() == nil {
		s.called(c, ok, outcome)
	}
}

// exchange sends a callback. Redirects are not followed: the address was fixed when the application was registered.
func (s *Sandbox) exchange(req *http.Request) (outcome string, ok bool) {
	ctx, cancel := context.WithTimeout(req.Context(), s.limits.CallbackTimeout)
	defer cancel()
	resp, err := s.callbacks.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return "no answer", false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	return fmt.Sprintf("answered %d", resp.StatusCode), resp.StatusCode/100 == 2
}

// called notes the outcome of a try and arranges the next one where it failed.
func (s *Sandbox) called(c *callback, ok bool, outcome string) {
	again, wait := false, time.Duration(0)
	_ = s.do(func(t *tx) error {
		c.Tries++
		c.Outcome = outcome
		c.Done = c.Done || ok
		c.Over = c.Done || c.Tries >= s.limits.CallbackTries
		again, wait = !c.Over, s.limits.CallbackBackoff<<min(c.Tries-1, 12)
		t.save(kindCallback, c.ID, c)
		return nil
	})
	s.log.Info("Callback", "kind", string(c.Kind), "outcome", outcome, "again", again)
	if again {
		s.later(wait, func() { s.spawn(func(ctx context.Context) { s.post(ctx, c) }) })
	}
}

// callbackRequest makes the request as the profile says. There is none where the application has no address.
func (s *Sandbox) callbackRequest(ctx context.Context, c *callback) (*http.Request, error) {
	var app application
	var con connection
	var list snapshot
	var key string
	s.look(func(w *world, _ time.Time) {
		con = *w.connections[c.ConnectionID]
		app = *w.applications[con.ApplicationID]
		if found := w.snapshots[snapshotKey(con.Company, con.Domain, c.Scope)]; found != nil {
			list = *found
		}
		key = w.key(&con, 0)
	})
	if c.Kind == callApproval {
		f := s.profile.Callbacks.Approval
		return s.callback(ctx, f.Method, f.Form, app.ApprovalURL, []field{
			{f.Key, key},
			{f.Passcode, c.Passcode},
			{f.ApplicationID, app.ID},
			{f.Domain, con.Domain},
			{f.Company, con.Company},
			{f.Expires, con.KeyExpires.Format(time.RFC3339)},
		})
	}
	f := s.profile.Callbacks.Notification
	return s.callback(ctx, f.Method, f.Form, app.NotificationURL, []field{
		{f.ApplicationID, app.ID},
		{f.Domain, con.Domain},
		{f.Scope, c.Scope},
		{f.FileID, c.FileID},
		{f.Timestamp, c.At.Format(time.RFC3339)},
		{f.DownloadURL, s.listURL(list.Token)},
	})
}

func (s *Sandbox) callback(ctx context.Context, method string, form sage.Form, address string, fields []field) (*http.Request, error) {
	if address == "" {
		return nil, nil
	}
	var body []byte
	kind := "application/json"
	if form == sage.FormJSON && method != http.MethodGet {
		body = s.object(fields)
	} else {
		values := url.Values{}
		for _, f := range fields {
			name := f.name.First()
			if s.dialect.UpperCaseNames {
				name = strings.ToUpper(name)
			}
			values.Set(name, fmt.Sprint(f.value))
		}
		if form == sage.FormURLEncoded && method != http.MethodGet {
			body, kind = []byte(values.Encode()), "application/x-www-form-urlencoded"
		} else {
			separator := "?"
			if strings.Contains(address, "?") {
				separator = "&"
			}
			address, kind = address+separator+values.Encode(), ""
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("sandbox: making a callback: %w", err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}
