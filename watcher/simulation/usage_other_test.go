//go:build !unix

package simulation

import "time"

// spent is the processor time that this process has used; 0 where it is not known.
func spent() time.Duration { return 0 }
