//go:build headless

package desktop

import (
	"context"
	"errors"
)

// Built tells whether this program has a window.
const Built = false

// Run is for programs that have one.
func Run(context.Context, Options) error {
	return errors.New("this program was built without a window")
}
