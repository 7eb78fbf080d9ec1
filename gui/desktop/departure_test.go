//go:build linux && !headless

package desktop

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAToolkitThatDoesNotEndIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := 0
		d := &departure{left: func() { left++ }}
		time.Sleep(time.Hour)
		d.begin()
		d.begin()
		time.Sleep(2 * leaveTime)
		synctest.Wait()
		if left != 1 {
			t.Errorf("left %d times", left)
		}
	})
}

func TestAToolkitThatEndsIsNotLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &departure{left: func() { t.Error("left although it had ended") }}
		d.begin()
		d.over()
		d.begin()
		time.Sleep(2 * leaveTime)
		synctest.Wait()
	})
}
