// Package gate puts every effect of a simulation in one order, which a seed decides.
//
// Every process (an engine's life, a person) asks before each effect on a file, the journal, the network or the keyring
// and is parked. The scheduler, Run, waits until nothing moves any more (synctest.Wait), sorts what is parked by actor,
// operation and path, and lets one through, drawn from the seed. All other draws - faults, delays, what a person does
// next - come from the same seed, in the order of the effects, so that one seed is one run.
//
// A process can be killed at any effect: before it happens, or after it happened and before the process hears of it.
// What a dead process still tries fails with ErrDead and must have no effect.
//
// The gate knows no file, no platform and no engine. Nobody may hold a mutex while an effect is parked: a goroutine that
// waits for a mutex is not durably blocked, and the bubble would wait for ever.
//
// TestOneSeedIsOneOrder holds the first promise, TestADeadProcessHasNoEffects the second. Only tests import it.
package gate
