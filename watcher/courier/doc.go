// Package courier takes one file through its journey: create, send, track, until the platform's final word.
//
// What follows what is decided in machine.go and nowhere else, by two functions without effects: Decide says which step
// a transfer's record asks for, Advance what the record becomes by a step's outcome. The carrier (carrier.go) does the
// steps, through doors, and puts the record into the journal before each.
//
//	state       what is true, and where the file lies                                        next
//	queued      complete and checked, in Outbox                                              claim
//	held        waits for a person's answer, in Outbox                                       -
//	claimed     renamed aside into Outbox/.sending, unchanged since it was checked           create
//	created     the platform's record of it is in the journal                                send, or track when in doubt
//	sent        the platform acknowledged the content; in Sent                               track
//	validating  the platform checks it                                                       track
//	processing  Sage 50 has it, or will fetch it                                             track
//	accepted    the platform's final word                                                    -
//	refused     the platform's final word; in Failed                                         -
//	unchecked   failed our own check; in Failed                                              -
//	unknown     the platform cannot say what became of it; in Sent/Unclear                   -
//	cancelled   taken back into Outbox/Held, or removed by the person                        -
//
// Journal first: a step's intent is durable before its effect, its outcome before the next step. The outcome of one step
// and the intent of the next share a Put, which makes four of them from drop to sent; where another file follows at once, the
// last word of one shares a Put with the claim of the next (CarryAfter). A move is owed from the moment it
// is recorded (Transfer.From) until it is done, and may be repeated: a file is looked for at every place where a crash
// or a power cut can have left it, and known by its identity. Content only ever goes to a recorded uploadUrl, all of it
// or not at all: the reader keeps the last bytes back until the hash of all of them is the recorded one.
//
// Sending twice is kept out by Transfer.Doubt: it is durable before content goes out and taken back by an
// acknowledgement. A record in doubt asks tracking first; where tracking cannot tell, a person is asked.
//
// Which file is sendable, whose turn it is and where a key comes from do not enter here.
package courier
