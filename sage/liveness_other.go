//go:build !linux && !darwin && !windows

package sage

import "time"

// giveUpAfter leaves it to the probes.
func giveUpAfter(uintptr, time.Duration) error { return nil }
