// Package outbox finds out which dropped files are complete and can be sent.
//
// A Watcher follows the Outbox of one company. Events are a hint: they make it quick. The sweep is the authority:
// it runs at the start, when events were lost, after the computer slept, and from time to time in any case. A file
// is settled when it is complete, correct JSON and two looks saw it unchanged; a file that was renamed into place
// needs one. What is settled is told to the engine as a Finding, in the order of arrival, many at a time; what
// cannot be sent is told with its reason, and what is neither yet can be asked for with Loose.
//
// The Watcher only looks. It moves, removes and writes nothing (but a scope's folder that somebody removed, and for a
// moment a hidden file that shows whether events arrive: TestAFolderWithoutEventsIsFoundOutAndSwept), knows no journal and no platform, and never looks into ".sending" and "Held". Links are not followed.
//
// What is decided is in decide.go, without clock and without effects. All state belongs to one goroutine, which
// takes what others tell it from a mailbox and sleeps otherwise; nothing depends on the order of a map or on a
// select between two ready cases, so that a simulation gets the same run from the same seed.
package outbox
