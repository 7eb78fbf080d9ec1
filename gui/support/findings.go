package support

import (
	"strconv"
	"strings"
	"unicode"

	"postroom/assets"
	"postroom/watcher"
)

// Say puts a finding into words, in the doctor's own sentences or in those of its problem: what is so, and what to do about
// it, "" where there is nothing to do.
func Say(w *assets.Words, f watcher.Finding) (says, do string) {
	key := "doctor." + f.Code
	if !w.Has(key) {
		return w.Problem(f.Code, f.Args)
	}
	args := make(map[string]any, len(f.Args))
	for name, value := range f.Args {
		args[name] = value
	}
	if bytes, err := strconv.ParseInt(f.Args["bytes"], 10, 64); err == nil {
		args["size"] = w.Size(bytes)
	}
	if w.Has(key + ".do") {
		do = w.Say(key+".do", args)
	}
	return w.Say(key, args), do
}

// Line is a finding as one line of plain text.
func Line(w *assets.Words, f watcher.Finding) string {
	says, do := Say(w, f)
	return Plain(strings.TrimSpace(w.Say("cmd.doctor."+string(f.Level)) + "  " + says + " " + do))
}

// Plain keeps names of files and texts from a server from moving the cursor, colouring the terminal or worse.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
