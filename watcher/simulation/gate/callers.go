package gate

import (
	"runtime"
	"sync"
)

// frames remembers what each program counter is called.
var frames = struct {
	sync.Mutex
	hashes map[uintptr]uint64
}{hashes: make(map[uintptr]uint64)}

// callers is a hash of the names of the functions that lead to an effect. It tells two effects apart that are the same by
// actor, operation and path.
func callers() uint64 {
	var counters [10]uintptr
	n := runtime.Callers(3, counters[:])
	frames.Lock()
	defer frames.Unlock()
	var sum uint64 = 14695981039346656037
	for _, pc := range counters[:n] {
		sum = (sum ^ nameOf(pc)) * 1099511628211
	}
	return sum
}

// nameOf must be called with frames locked.
func nameOf(pc uintptr) uint64 {
	if hash, ok := frames.hashes[pc]; ok {
		return hash
	}
	var hash uint64 = 14695981039346656037
	if f := runtime.FuncForPC(pc); f != nil {
		hash = fnv(hash, f.Name())
	}
	frames.hashes[pc] = hash
	return hash
}

// fnv goes on with an FNV-1a hash.
func fnv(sum uint64, text string) uint64 {
	for i := range len(text) {
		sum = (sum ^ uint64(text[i])) * 1099511628211
	}
	return sum
}
