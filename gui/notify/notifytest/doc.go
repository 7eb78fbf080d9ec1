// Package notifytest is for tests: a session bus of their own, and a notification daemon on it that remembers what
// it was asked to show. No program imports it.
package notifytest
