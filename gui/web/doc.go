// Package web is the status page: what the window shows of files and companies, as pages for a browser on the same computer,
// for where no window can open and for servers. The agent serves them on loopback, while somebody wants them and no longer.
//
// Nobody is let in but whoever the agent's socket gave an address: it holds a token that works once, within a minute
// (TestATokenLetsInOnceAndForAMinute), and becomes a cookie that no script can read. The path of the pages is random too, because
// a browser sends a cookie to every port of a computer, and so to what other users of it listen on
// (TestTheCookieGoesToNoOtherPort). Only the names of this computer are answered to (TestAForeignNameForThisComputerIsRefused), only
// our own pages can press a button (TestAnotherSiteCannotPressAButton), and nothing of the pages can be framed, loaded
// elsewhere, kept in a cache or made to run what stands in a name (TestEveryAnswerIsLockedUp, TestNamesAreTextOnEveryPage). A browser is
// led in by a file that only this user can read, since the arguments of a program can be read by everyone
// (TestTheFileThatLeadsInIsForThisUserAloneAndGoes). No token is in any log.
//
// The sentences are those of the window, out of room wording. The pages need no script; where there is one, it loads a page
// again when something has happened. TestAPersonLooksAfterFilesInABrowser uses them as a person does.
//
// Fyne and package sage may not enter. No content of a file, no key and no secret is shown.
package web
