// Package wording is what a person reads about files, lists, companies and their state, wherever that is shown: the rows of
// the window and of the status page, the box that says what to do, the steps of a journey, the outcome of each record. One
// function for each sentence, so that two screens never say two things of one file.
//
// The sentences themselves stand in package assets. This room chooses which one fits, with which shape and colour, by name;
// it draws nothing, keeps nothing and asks nobody. No Fyne may enter: the agent's status page uses it too, in the program for
// servers (TestTheProgramForServersHasNoScreenAndNoCgo).
//
// It promises that a partly refused file is never offered whole again (TestAPartlyRefusedFileIsNeverOfferedWholeAgain), that no
// headline says all is well above a row that is not (TestTheHeadlineNeverSaysAllIsWellAboveARowThatIsNot), and that every
// state has a shape of its own beside its colour (TestAHeadlinesColourNeverStandsAlone). Why a file waits is a sentence with a
// name in it, for every cause that the engine knows (TestEveryCauseOfAWaitReadsAsASentenceWithANameInIt, in watcher).
package wording
