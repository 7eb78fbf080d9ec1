// Package simulation is the world that tries to break the engine: tests only.
//
// A run opens the real engine (watcher.Open and Run, with the real outbox, courier, inbox, journal and rotation) in a
// bubble of testing/synctest, in front of a simulated disk (package files), a simulated network before the sandbox and a
// simulated keyring (package platform), and simulated people. All that is random comes from one seed, and so does the
// order of every effect (package gate). The journal is the real one on SQLite's memdb, which outlives the engine's lives;
// torn pages are SQLite's own promise.
//
// A plan, drawn from the seed, says what people do, what fails and where the engine's process dies (plan_test.go). The
// world plays it (world_test.go, life_test.go, people_test.go), then lets all faults end and waits for every journey's
// end. What design.md section 7 says is always true is ten checks (checks_test.go), the cheap ones after every effect.
// A run that breaks one prints its seed, the command that replays it and its story. Many runs end with one table: seeds,
// operations, deaths, faults by kind and what was broken (tally_test.go); with -counts FILE pieces of a long run add up.
//
// Beside what seeds draw, each journey, a rotation and a list's arrival are tried with trouble at every one of their effects:
// it fails once or from then on, the process dies, the power goes, half a key is left (exhaustive_test.go); and a person
// does any two things with a file, in either order, and with -triples any three (actions_test.go).
//
// That the simulator sees what it should is shown by bugs that are planted on purpose (planted_test.go).
package simulation
