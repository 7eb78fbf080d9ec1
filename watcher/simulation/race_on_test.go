//go:build race

package simulation

// raced: the race detector slows SQLite down many times over.
const raced = true
