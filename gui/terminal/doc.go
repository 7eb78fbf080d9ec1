// Package terminal is Postroom's commands, and the processes that they start: the agent and, through main, the
// window.
//
// Every command asks the agent over the control socket when one runs, and otherwise the engine itself, so that
// each does the same with and without an agent. Results go to standard output, in words or with --json as one
// object a line; everything else goes to standard error. The words are in the language of the terminal.
//
// Fyne and package sage may not enter: this room links into the program for servers, and it never sees a key but
// one that a person pastes.
package terminal
