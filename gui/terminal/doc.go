// Package terminal is Postroom's commands, and the processes that they start: the agent and, through main, the
// window.
//
// Every command asks the agent over the control socket when one runs, and otherwise an engine of its own on the same home,
// so that each does the same with and without an agent; what only an agent can do says so. Together they can do all that
// the window can (TestTheCommandsCanDoAllThatTheWindowCan; TestAServerDoesByCommandsWhatAWindowDoes tries them with the real
// program).
//
// Results go to standard output, in words or with --json as one object a line, whose fields are added and never renamed;
// everything else goes to standard error. The exit status is 0 done, 1 failed, 2 wrong use (TestWrongUseEndsWithTwo). The
// words are in the language of the terminal, and every command has help and an example in each
// (TestEveryCommandExplainsItselfInEveryLanguage). Names of files and texts of a server cannot command the terminal
// (TestNamesCannotCommandTheTerminal), nor a spreadsheet (TestANameIsNoFormulaInATable).
//
// Where no window can open, that is said by what the system has, with what there is instead
// (TestAWindowThatNeverAppearsIsExplainedWithWhatThereIsInstead): the commands, and the status page of room web, which is opened
// without its secret standing in any program's arguments (TestTheTokenStandsInNoProgramsArguments).
//
// A bundle for support holds no content, no secret and, unless asked to, no name
// (TestABundleForSupportHasNoSecretNoContentAndNoName).
//
// Fyne and package sage may not enter: this room links into the program for servers, and it never sees a key but
// one that a person pastes.
package terminal
