//go:build !windows

package terminal

import "context"

// nativeQuestions tells whether the system can ask without a window of ours.
const nativeQuestions = false

// askNatively is for Windows; elsewhere a pop-up asks.
func askNatively(context.Context, string, string) (answered, yes bool) { return false, false }
