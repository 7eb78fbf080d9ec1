// Package control carries the engine's calls to other processes of the same user: HTTP and JSON over a Unix
// socket, on Windows over a named pipe. The window, the tray's menu, a second start and the commands speak to the
// agent through it and through nothing else.
//
// The room knows the calls and their values, nothing of what they do. Every call arrives with its arguments and its answer
// (TestEveryCallArrivesWithItsArgumentsAndItsAnswer), errors keep what a caller decides on
// (TestErrorsKeepTheirKindAndTheirSentence), and nobody may ask what no agent answers, nor an agent answer what nobody asks
// (TestTheWindowAndTheCommandsAskWhatTheAgentAnswers). No key and no secret ever travels outwards; inwards go only a
// passphrase, a pasted key and the IDs of an application, and a body that does not fit is never quoted
// (TestBodiesThatDoNotFitAreRefusedAndNeverQuoted).
//
// Only the user the agent runs as may connect. The socket lies in a directory of mode 0700 and has mode 0600; where
// the system tells who stands at the other end (Linux, macOS), both ends ask; the pipe's access list names one user.
//
// Every answer tells the agent's version, one that is a failure too (TestEveryAnswerTellsTheAgentsVersion): after an update
// the agent that runs is still the old one.
//
// A Client connects anew for every call, so an agent that was restarted is simply there again. Its stream of events
// reconnects by itself, and says EventAll when it has, because what happened meanwhile was not heard.
package control
