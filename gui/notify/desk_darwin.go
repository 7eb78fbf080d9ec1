package notify

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// script is the whole of what osascript is told to do. Texts reach it as arguments, and nothing is ever put into it.
const script = `on run argv
	display notification (item 2 of argv) with title (item 1 of argv)
end run
`

// callTime bounds what one pop-up may take.
const callTime = 10 * time.Second

// OpenDesk opens the notification centre. Clicks cannot be heard this way.
func OpenDesk(o DeskOptions) Desk { return centreDesk{} }

type centreDesk struct{}

// Show runs the fixed script. It is read from standard input, named by "-": all that follows is an argument of the
// script, also a text that begins with a hyphen.
func (centreDesk) Show(ctx context.Context, p Popup) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/bin/osascript", "-", p.Title, p.Body)
	cmd.Stdin = strings.NewReader(script)
	cmd.WaitDelay = time.Second
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("showing a pop-up: osascript: %w: %.200q", err, said)
	}
	return nil
}

func (centreDesk) Close() error { return nil }
