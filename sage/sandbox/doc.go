// Package sandbox is the whole platform of sage-api.md in one process: the broker with every endpoint, rule, code
// and callback, one Sage 50 installation per connected company, and the mailbox the IDs are e-mailed to. It is for
// tests and for trying Postroom out; its web pages stand for what a person does elsewhere.
//
// It follows the same sage.Profile as the client, and otherwise knows nothing of it: no type of the client's calls
// may be used here, so that a mistake in one is not repeated by the other. It opens no socket of its own: requests
// reach it through Handler (a real server) or RoundTripper (no network at all), its callbacks leave through
// Options.Callbacks. It reads the time through Options.Now and waits with timers of package time alone, so that it
// works inside a testing/synctest bubble.
//
// The sandbox is strict: it refuses what the contract says is an error, and it writes down what a client should not
// have done even where it can go on (Violations). A test that ends without violations has been polite.
//
// Where sage-api.md leaves something open, the choice is made here and marked [A] beside the code that makes it.
// Limits that nobody documented are in Limits.
package sandbox
