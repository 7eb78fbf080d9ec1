// Package vault keeps a connection's IDs, secret and keys: as separate items in the keyring of the operating
// system, or, where there is none, in one file encrypted with a passphrase. Never in plain text.
//
// A keyring may ask its owner for a password and wait for ever, so every call has a deadline and is abandoned when
// it passes; what was written is read back before it counts. A key that was stored by half, by a process that did not
// live to read it back, does not fit the proof beside it, and the client is told so
// (TestACrashOverAHalfWrittenKeyLeavesADoubt). Nothing else may enter: no rule of when a key is rotated (package sage),
// no folder of a person.
package vault
