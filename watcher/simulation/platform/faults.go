package platform

import (
	"maps"
	"slices"
)

// Kind is a way in which the network, a call of the platform or the keyring goes wrong.
type Kind string

// Requests that do not arrive: the platform has done nothing.
const (
	Refused     Kind = "net.refused"     // nobody listens
	NoName      Kind = "net.noName"      // the name cannot be resolved
	BadTLS      Kind = "net.badTLS"      // somebody else answers, with a certificate that nobody trusts
	ResetBefore Kind = "net.resetBefore" // the connection ends before the request is out
	ResetMidway Kind = "net.resetMidway" // the connection ends in the middle of the request's body
	BlackHole   Kind = "net.blackHole"   // no answer ever comes
	Portal      Kind = "net.portal"      // a guest network answers 200 with a page of its own
)

// Requests that the platform, or a proxy before it, refuses: it has done nothing.
const (
	ServerError   Kind = "net.serverError"   // 500 with a code
	ProxyError    Kind = "net.proxyError"    // 502 with a page
	EmptyError    Kind = "net.emptyError"    // 500 with nothing
	Throttled     Kind = "net.throttled"     // 429 with a Retry-After
	Unavailable   Kind = "net.unavailable"   // 503 with a Retry-After
	Unauthorised  Kind = "net.unauthorised"  // 401 without a code
	UploadRefused Kind = "net.uploadRefused" // 401 or 403 from the host for uploads, where it is another one
	EarlyAnswer   Kind = "net.earlyAnswer"   // 200 before the content was read
	ResultGone    Kind = "net.resultGone"    // 404 with code 2410 where a result should be
)

// Answers that do not arrive, or not as they were sent: the platform has done all.
const (
	ResetAfter  Kind = "net.resetAfter"  // the connection ends in place of an answer
	SilentAfter Kind = "net.silentAfter" // no answer ever comes
	ErrorAfter  Kind = "net.errorAfter"  // 500 with a code
	GatewayLate Kind = "net.gatewayLate" // 504 with a page
	Truncated   Kind = "net.truncated"   // the body breaks off
	LongLength  Kind = "net.longLength"  // Content-Length says more than comes, and the connection ends well
	ShortLength Kind = "net.shortLength" // Content-Length says less than there is, which a client never sees
	Endless     Kind = "net.endless"     // the body does not end
	Bomb        Kind = "net.bomb"        // a small compressed body that unpacks to a large one
	Garbled     Kind = "net.garbled"     // the body is no JSON
	SlowBody    Kind = "net.slowBody"    // the body comes in pieces
	Strange     Kind = "net.strange"     // fields that nobody knows, and an unknown word where a state is not final
	Stale       Kind = "net.stale"       // tracking tells an earlier state
	WrongDate   Kind = "net.wrongDate"   // the Date header is hours off, or no date
	Doubled     Kind = "net.doubled"     // the network delivers a request twice that may be repeated; either answer comes back
)

// Redirects: the platform has done nothing, and nothing but RedirectHome leads to it.
const (
	RedirectHome   Kind = "net.redirectHome"   // once, to where the request went
	RedirectLoop   Kind = "net.redirectLoop"   // for ever
	RedirectAway   Kind = "net.redirectAway"   // to another host
	RedirectPlain  Kind = "net.redirectPlain"  // to plain http
	RedirectInside Kind = "net.redirectInside" // into this computer or its network
)

// Slow has a request, and its answer, take a while. It goes with any other fault.
const Slow Kind = "net.slow"

// Calls that the platform makes.
const (
	CallLost    Kind = "callback.lost"    // taken for delivered
	CallDoubled Kind = "callback.doubled" // delivered, and its answer lost: it comes again
	CallLate    Kind = "callback.late"    // by minutes
	CallForged  Kind = "callback.forged"  // a forged one comes before it, which names an address of a stranger
)

// The keyring.
const (
	KeyringHangs      Kind = "keyring.hangs"      // for seconds or minutes
	KeyringLocked     Kind = "keyring.locked"     // for this call
	KeyringFails      Kind = "keyring.fails"      // with nothing done
	KeyringErrorAfter Kind = "keyring.errorAfter" // with all done
	KeyringDiffers    Kind = "keyring.differs"    // it keeps something else than it was given
	KeyringFull       Kind = "keyring.full"       // nothing is stored, the old value stays
	KeyringVanishes   Kind = "keyring.vanishes"   // an item is gone, one that can be had again
)

// Kinds are all kinds of fault, in the order in which they are drawn.
func Kinds() []Kind {
	return slices.Concat([]Kind{Slow}, netKinds, []Kind{CallLost, CallDoubled, CallLate, CallForged}, keyringKinds)
}

var netKinds = []Kind{
	ResultGone, UploadRefused, EarlyAnswer, ResetMidway, // of few calls: before those that can happen to any
	Refused, NoName, BadTLS, ResetBefore, BlackHole, Portal,
	ServerError, ProxyError, EmptyError, Throttled, Unavailable, Unauthorised,
	ResetAfter, SilentAfter, ErrorAfter, GatewayLate, Truncated, LongLength, ShortLength, Endless, Bomb, Garbled, SlowBody,
	Strange, Stale, WrongDate, Doubled,
	RedirectHome, RedirectLoop, RedirectAway, RedirectPlain, RedirectInside,
}

var keyringKinds = []Kind{
	KeyringHangs, KeyringLocked, KeyringFails, KeyringErrorAfter, KeyringDiffers, KeyringFull, KeyringVanishes,
}

// Faults says how often things go wrong: a kind happens one time in so many that it could. What is not named, or is 0,
// never happens; 1 is always.
type Faults map[Kind]int

// Every has each kind happen one time in n.
func Every(n int) Faults {
	f := Faults{}
	for _, k := range Kinds() {
		f[k] = n
	}
	return f
}

// Without leaves kinds out.
func (f Faults) Without(kinds ...Kind) Faults {
	f = maps.Clone(f)
	for _, k := range kinds {
		delete(f, k)
	}
	return f
}

// purpose is what a request is for, as far as faults differ by it.
type purpose int

const (
	other   purpose = iota
	create          // a record for a file
	upload          // a content
	track           // a file's state
	latest          // the newest list
	content         // a result or a list
	result          // a result
	rotate          // a key or a secret
)

// fits tells whether a kind can happen to a request.
func (k Kind) fits(c *call) bool {
	switch k {
	case ResetMidway, EarlyAnswer:
		return c.purpose == upload && c.r.ContentLength > 1
	case UploadRefused:
		return c.purpose == upload && c.r.URL.Host != c.platform.base.Host
	case Unauthorised:
		return c.key != "" && c.r.URL.Host == c.platform.base.Host
	case ResultGone:
		return c.purpose == result
	case Bomb, Garbled, Strange:
		return c.purpose != content && c.purpose != result && c.purpose != upload
	case Stale:
		return c.purpose == track
	case Doubled:
		return c.repeatable()
	}
	return true
}
