// Package callback receives the two calls the platform makes: to the approvalUrl, which delivers a connection's
// first key, and to the notificationUrl, which says that a newer file is there.
//
// Both may be reached by anybody, so what comes in is hostile until its token is known: bodies are small, calls
// are counted per address, and a forged call costs a look at its path. The Listener is a http.Handler and nothing
// else: who listens, on which address and behind which certificate, is decided by whoever serves it. It keeps no
// key, and logs nothing of a call.
package callback
