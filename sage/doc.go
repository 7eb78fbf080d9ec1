// Package sage speaks to the platform, Sage 50 Cloud, and knows no folder and no screen.
//
// It holds every operation of the contract (sage-api.md, sections 2 to 5), one file per resource, over one
// transport that owns the key's header, the time limits of every phase, the size limits of every body, redirects
// and errors. What the contract only assumes stands in the platform profile (profile.json) and nowhere else in
// the code; the sandbox reads the same one.
//
// Two habits run through the room. What comes from the platform is read tolerantly: names in any case, figures as
// numbers or text, errors in every known form, and never without a limit. What goes to the platform is exact.
//
// A network that is swapped under live connections is noticed within 10 s (liveness.go, TestASwappedNetworkIsRecoveredFrom).
//
// May not enter: anything about folders, transfers or people; a retry loop (the engine's journal decides when the
// next attempt is made, see Retryable); a key or secret in any text that leaves the process (see Secret). The platform may
// well repeat them: what it says is struck out, and what would have to be kept is refused (strike.go,
// TestNothingThePlatformEchoesIsKeptOrTold). FuzzEveryBodyOfThePlatform answers every call with anything.
package sage
