// Package broken has parts of the engine that are wrong on purpose, to show that the simulation sees it.
//
// A Bug takes a door of watcher.Options and puts a wrong one before it, which does what a careless engine would: sends
// before it has written down, forgets a sync, uses a key before it is stored. The engine itself stays as it is. What a
// bug remembers, it remembers for one world, over all lives of its engines, or for one life where that is what is wrong.
//
// Nothing here may draw or wait by itself: a world with a bug in it is as repeatable as one without. Only tests import it.
package broken
