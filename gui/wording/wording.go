package wording

import (
	"time"

	"postroom/assets"
)

// Speaker turns what the engine says into what a person reads. It is safe for concurrent use.
type Speaker struct {
	*assets.Words
	Now func() time.Time // wall clock
}

// Tone names a colour by what it means; each screen has its own table of them.
type Tone string

// The tones.
const (
	ToneText      Tone = "text"
	ToneMuted     Tone = "muted"
	ToneAccent    Tone = "accent"
	ToneGood      Tone = "good"
	ToneAttention Tone = "attention"
	ToneProblem   Tone = "problem"
	ToneWaiting   Tone = "waiting"
)

// Sign is an icon, by its name in assets, and its colour.
type Sign struct {
	Icon string
	Tone Tone
}

// Row is one line of the list of files.
type Row struct {
	Sign
	Title   string
	Line    string  // what happened
	Figure  string  // progress in words, "" when none is shown
	Percent float64 // and as a number
	Action  string  // the button's text; a row with a button has no time
	Time    string
}

// Line is one line of a table of records.
type Line struct {
	First, Second, Third string
	Tone                 Tone
	Joined               bool // it goes with the line above: what one property of a record was and is
}

// Advice is the box above the details: what to do, or why something waits.
type Advice struct {
	Tone       Tone
	Lead, Text string
}
