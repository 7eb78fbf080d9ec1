package sage

import "context"

// Session makes one connection's calls: those of one domain, with its key. It rotates the key by itself when the
// platform says that it expired, and repeats the call once. Safe for concurrent use.
type Session struct {
	client *Client
	domain string
	keys   *Keys
}

// Session makes a session of a connection.
func (c *Client) Session(domain string, keys *Keys) *Session {
	return &Session{client: c, domain: domain, keys: keys}
}

// Keys are the session's keys.
func (s *Session) Keys() *Keys { return s.keys }

// authorised makes a call with the connection's key. On a 401 that a new key answers it sees to one and makes the
// call once more; never on another host's word. [D] 3
//
// Where the platform does not know the second key either, a rotation whose answer was lost may have replaced it meanwhile:
// that is no last word on the connection, and a third key is tried.
func (s *Session) authorised(ctx context.Context, r *request, call func(*request) error) error {
	for tries := 1; ; tries++ {
		key, err := s.keys.current(ctx)
		if err != nil {
			return err
		}
		r.key = key
		r.guard(s.keys.private()...)
		err = call(r)
		if err == nil || tries == 3 || tries == 2 && !unknown(err) {
			return err
		}
		renewed, rotation := s.keys.answer(ctx, key, err)
		if rotation != nil {
			return rotation
		}
		if !renewed {
			return err
		}
	}
}

// ask is an authorised call whose answer is one JSON document.
func (s *Session) ask(ctx context.Context, r *request) (a answer, resp *response, err error) {
	err = s.authorised(ctx, r, func(r *request) error {
		a, resp, err = s.client.ask(ctx, r)
		return err
	})
	return a, resp, err
}
