package terminal

import (
	"context"

	"golang.org/x/sys/windows"
)

// nativeQuestions tells whether the system can ask without a window of ours.
const nativeQuestions = true

// yesAnswer is what a message box answers for "Yes" (IDYES).
const yesAnswer = 6

// askNatively asks with a message box of the system's, which needs no OpenGL. Where the session shows none, nothing is answered.
// One that is open when ctx ends goes with the process.
func askNatively(ctx context.Context, title, text string) (answered, yes bool) {
	caption, err := windows.UTF16PtrFromString(title)
	if err != nil {
		return false, false
	}
	said, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return false, false
	}
	answer := make(chan int32, 1)
	go func() {
		got, err := windows.MessageBox(0, said, caption, windows.MB_YESNO|windows.MB_ICONINFORMATION|windows.MB_SETFOREGROUND)
		if err != nil {
			got = 0
		}
		answer <- got
	}()
	select {
	case got := <-answer:
		return got != 0, got == yesAnswer
	case <-ctx.Done():
		return true, false
	}
}
