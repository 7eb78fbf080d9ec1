package disk

import "errors"

// ErrNoTrash tells that a file lies where the system has no trash that keeps it: on a network drive, a stick.
var ErrNoTrash = errors.New("there is no trash for it here")

// Trash moves a file to the system's trash, from which a person can take it back. A file that cannot be put there stays
// where it is: nothing is ever deleted. It is no part of FS, since only a person's own choice to keep Sent for so many days
// leads to it.
func Trash(name string) error { return trash(name) }
