package sage

// Session makes one connection's calls: those of one domain, with its key. It rotates the key by itself when the
// platform says that it expired, and repeats the call once.
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
