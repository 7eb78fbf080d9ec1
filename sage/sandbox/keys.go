package sandbox

import "time"

// authorise finds the connection of a data call's key, or says why there is none [D].
func (t *tx) authorise(key string) (*connection, error) {
	i, known := t.keys[key]
	if !known || key == "" {
		return nil, errKeyInvalid
	}
	c := i.connection
	switch {
	case c.KeyState == keyRevoked:
		return nil, errKeyRevoked
	case c.KeyState == keyLockedHard:
		return nil, errKeyLockedHard
	case t.locked(c):
		return nil, errKeyLocked
	case i.generation != c.Generation && t.s.dialect.StrictOldKey:
		return nil, errKeyInvalid
	case i.generation != c.Generation || !t.now.Before(c.KeyExpires):
		return nil, errKeyExpired
	}
	return c, nil
}

// locked reports whether a key is locked just now. A lock whose time is over ends here.
func (t *tx) locked(c *connection) bool {
	if c.KeyState != keyLocked {
		return false
	}
	if t.now.Before(c.LockedUntil) {
		return true
	}
	t.unlock(c)
	return false
}

func (t *tx) unlock(c *connection) {
	c.KeyState, c.LockedUntil = keyGood, time.Time{}
	t.save(kindConnection, c.ID, c)
}

// beginRotation writes down rotations of one key that overlap: a careful client makes one at a time.
func (c *call) beginRotation() func() {
	initial, err := c.text(c.s.profile.Names.Rotation.InitialKey)
	if err != nil || initial == "" {
		return func() {}
	}
	id := digest(initial)
	if !c.s.notes.enter(id) {
		c.s.notes.add("double-rotation: a rotation was asked for while another one of the same key was being answered")
	}
	return func() { c.s.notes.leave(id) }
}

// rotate is a new key for an initial key and its secret [D]. It works with an expired key, and the old key is dead
// the moment it succeeds [A].
func (c *call) rotate() (answer, error) {
	n := c.s.profile.Names.Rotation
	initial, err1 := c.need(n.InitialKey)
	secret, err2 := c.need(n.Secret)
	if err := first(err1, err2); err != nil {
		return answer{}, err
	}
	var fields []field
	err := c.s.do(func(t *tx) error {
		con, err := t.forInitial(initial, secret)
		if err != nil {
			return err
		}
		if t.locked(con) {
			return errKeyLocked
		}
		con.Generation++
		con.KeyExpires = t.now.Add(t.s.limits.KeyTTL)
		key := t.key(con, con.Generation)
		t.keys[key] = issued{con, con.Generation}
		t.save(kindConnection, con.ID, con)
		fields = []field{
			{c.s.profile.Answers.Key, key},
			{c.s.profile.Answers.Expires, c.s.dialect.expires(con.KeyExpires, t.now)},
		}
		return nil
	})
	return c.ok(fields...), err
}

// renewSecret replaces the secret of a connection [S], and unlocks a key that is locked for a time [D].
func (c *call) renewSecret() (answer, error) {
	n := c.s.profile.Names.Renewal
	initial, err1 := c.need(n.InitialKey)
	secret, err2 := c.need(n.Secret)
	renewed, err3 := c.need(n.NewSecret)
	if err := first(err1, err2, err3); err != nil {
		return answer{}, err
	}
	err := c.s.do(func(t *tx) error {
		con, err := t.forInitial(initial, secret)
		if err != nil {
			return err
		}
		con.SecretHash = digest(renewed)
		t.unlock(con)
		return nil
	})
	return c.ok(), err
}

// forInitial finds a connection by its initial key and its secret. A wrong one of the two is told as a key that is
// not valid [A].
func (t *tx) forInitial(initial, secret string) (*connection, error) {
	i, known := t.keys[initial]
	switch {
	case !known:
		return nil, errKeyInvalid
	case i.generation != 0:
		t.s.notes.add("current-as-first: a rotation came with key number %d in place of the initial one", i.generation)
		return nil, errKeyInvalid
	case i.connection.KeyState == keyRevoked:
		return nil, errKeyRevoked
	case i.connection.KeyState == keyLockedHard:
		return nil, errKeyLockedHard
	case !sameHash(i.connection.SecretHash, secret):
		return nil, errKeyInvalid
	}
	return i.connection, nil
}
