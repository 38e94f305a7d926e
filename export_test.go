package readyami

// Hurry is for Examples, which run in real time: the cloud that they run on shows
// tags at once, and is not asked too often. Tests run in bubbles and do not need it.
func Hurry() { settle, afterWrite = 0, 0 }
