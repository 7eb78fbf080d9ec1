package outbox

// Events tells that something may have changed in a folder. It is a hint: events may be late, doubled, or missing.
type Events interface {
	// Watch has hear told what happens to the files straight in folder, until stop is called; after stop has
	// returned hear is not called any more. hear returns at once and may be called from any goroutine.
	Watch(folder string, hear func(Notice)) (stop func(), err error)
}

// Notice is one hint.
type Notice struct {
	Name string // of the file within the folder; "" with Lost
	Lost bool   // notices were lost, or the watch is at its end: only a sweep will tell
}
