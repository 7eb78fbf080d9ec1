// Package platform is everything outside of a simulated computer, and the computer's keyring: the network in front of
// sage/sandbox with what goes wrong on it, the calls that the platform makes, wall clocks that jump, and what the platform
// knows to be true, for checks to compare with.
//
// Every effect passes the gate of package gate, and every draw is made right after it passed, so one seed decides all of
// it. Nothing here opens a socket or reads the real clock, and no mutex is held across the gate. What a fault leaves done
// or undone is the contract's rule of what the platform has committed: Kind says it for each.
//
// Rules of the engine may not enter: what is expected of a client is what Violations names, no more.
// TestEveryFaultDoesWhatItsNameSays holds the kinds, TestTheKeyringKeepsItsWord the keyring,
// TestSecretsOnAForeignHostAreSeen the checks. Only tests import it.
package platform
