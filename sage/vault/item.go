package vault

import (
	"errors"
	"fmt"

	"postroom/sage"
)

// account is the name of an item in a store that knows only names.
func account(connection string, item Item) string { return connection + "/" + string(item) }

// failed says what was being done to which item. The connection's ID is no secret.
func failed(doing, connection string, item Item, err error) error {
	return fmt.Errorf("vault: %s %s of connection %q: %w", doing, item, connection, err)
}

// storable refuses what no store could keep.
func storable(connection string, value sage.Secret) error {
	switch n := len(value.Reveal()); {
	case connection == "":
		return errors.New("no connection given")
	case n == 0:
		return errors.New("an empty value is not stored")
	case n > MaxSecret:
		return ErrTooLong
	}
	return nil
}

// apply changes one item of a store that is a map; a zero value removes it.
func apply(items map[string]sage.Secret, connection string, e entry) error {
	name := account(connection, e.item)
	if e.value.IsZero() && e.item != InitialKey {
		delete(items, name)
		return nil
	}
	if err := storable(connection, e.value); err != nil {
		return err
	}
	if old, ok := items[name]; ok && e.item == InitialKey && !old.Equal(e.value) {
		return ErrInitialKey
	}
	items[name] = e.value
	return nil
}
