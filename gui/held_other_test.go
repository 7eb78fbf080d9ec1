//go:build !linux

package gui

import "time"

func threadTime() time.Duration { return 0 }
