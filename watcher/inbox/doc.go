// Package inbox lays down what comes from Sage: results of sent files, and lists of customers, products and the
// like.
//
// It promises that nothing partial is ever seen in Inbox, that nothing there is replaced without a kept version (but what
// somebody saves between the last look at a file and its replacement), and that no name from outside leads out of it. What does not match its contract is laid down all the same, and
// marked. Between two lists it tells which records are new, changed (in which properties, and what
// those were and are) and no longer there; one in doubt is none to compare the next with (Source.Previous and Last).
//
// Every call may be repeated after a crash or an error, with the same arguments and the same content, and ends with
// the same files. Where bytes come from does not enter: a fetch is a function. Nor does the journal: what is worth
// remembering is returned.
package inbox
