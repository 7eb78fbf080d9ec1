package notify

import (
	"context"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"postroom/watcher"
)

// Popup is one pop-up. Its texts are plain: a Desk shows them as they are and interprets nothing in them.
type Popup struct {
	Title  string
	Body   string
	Urgent bool // a person has to do something

	Show   watcher.Target // what a click on it opens in the window
	Button string         // words of a button that does what a click on the pop-up itself does; "" is no button
}

// Desk is the desktop's service for pop-ups.
type Desk interface {
	// Show shows one pop-up. It returns within a few seconds, also when the desktop's service hangs. It is called
	// by one goroutine at a time.
	Show(ctx context.Context, p Popup) error
	// Close ends what Show began. Pop-ups already shown stay.
	Close() error
}

// DeskOptions say how a Desk is opened.
type DeskOptions struct {
	// Clicked is called with what a pop-up shows when a person clicks it, on a goroutine of the Desk's; it must not block
	// long. macOS tells nobody of a click on what a script has shown.
	Clicked func(show watcher.Target)
	Logger  *slog.Logger
	Bus     string // address of the D-Bus session bus; "" is that of this session
}

// Longest texts, in characters. A pop-up is read in three seconds.
const (
	longestTitle = 80
	longestBody  = 300
	longestName  = 60
)

// clean makes a text from outside fit for a pop-up: valid UTF-8, one line, no control characters, none of the
// marks that turn the direction of writing around (they can make "gpj.exe" read as "exe.jpg"), at most longest
// characters, cut in the middle so that the ends of a file's name can be read.
func clean(text string, longest int) string {
	if len(text) > 16*utf8.UTFMax*longest { // whatever is this long is cut before it is looked at
		text = text[:8*utf8.UTFMax*longest] + text[len(text)-8*utf8.UTFMax*longest:]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF':
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	runes := []rune(text)
	head := (longest - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(longest-1-head):])
}

// logDesk is the Desk of a session without a desktop: what would pop up is a line in the log.
type logDesk struct{ log *slog.Logger }

// ToLog gives a Desk that writes each pop-up to the log, for servers and sessions without a desktop.
func ToLog(log *slog.Logger) Desk { return logDesk{log} }

func (d logDesk) Show(ctx context.Context, p Popup) error {
	d.log.InfoContext(ctx, "told without a desktop", slog.String("title", p.Title), slog.String("body", p.Body))
	return nil
}

func (d logDesk) Close() error { return nil }
