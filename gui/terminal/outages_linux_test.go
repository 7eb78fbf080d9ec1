package terminal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Each test takes one thing away from the running agent that it needs from others, has files dropped meanwhile, and gives
// it back.

// soaks tells that the long forms of the tests are wanted: `make soak-real`.
func soaks() bool { return os.Getenv(killsVariable) != "" }

func TestAnOutageOfTheNetworkIsToldOnceAndEndsByItself(t *testing.T) {
	for name, breaks := range map[string]func(*wire){
		"the port is closed":         (*wire).unplug,
		"what is sent vanishes":      (*wire).blackHole,
		"it is too slow for any use": func(w *wire) { w.delay(3 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOffice(t, officeOptions{})
			f.live()
			f.file("before.json")
			f.drains()
			breaks(f.wire)
			for i := range 30 {
				f.file(fmt.Sprintf("during %d.json", i))
			}
			f.waitsFor("during 0.json", "networkDown")
			f.wire.plug()
			back := time.Now()
			f.drains()
			t.Logf("all is through %v after the network is back", time.Since(back).Round(time.Millisecond))
			f.agent.stop()
			f.atLast()
		})
	}
}

// TestAChangedNetworkIsRecoveredFromWithinTenSeconds keeps the patience of the built-in profile: connections that nobody
// hears of any more must not be waited for. The soak holds it to the ten seconds.
func TestAChangedNetworkIsRecoveredFromWithinTenSeconds(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{profile: `{"trackFirst":"10ms"}`})
	f.live()
	f.file("before.json")
	f.drains()
	f.wire.blackHole() // all live connections are lost for ever
	f.wire.plug()      // and new ones work
	changed := time.Now()
	f.file("after.json")
	f.drains() // its patience is half of that for an answer
	took := time.Since(changed)
	t.Logf("it took %v", took.Round(time.Millisecond))
	if soaks() && took > 10*time.Second {
		t.Error("which is too long")
	}
	f.agent.stop()
	f.atLast()
}

func TestAKeyringThatWasKilledIsWaitedFor(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	f.keyring.kill()
	f.expire()
	f.file("during.json")
	f.waitsFor("during.json", "vaultGone")
	f.keyring.startUnlocked()
	f.drains()
	f.agent.stop()
	f.atLast()
}

func TestAKeyringThatWasLockedIsWaitedFor(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	f.keyring.lock()
	f.expire()
	f.file("during.json")
	f.waitsFor("during.json", "vaultLocked")
	f.keyring.kill()
	f.keyring.startUnlocked()
	f.drains()
	f.agent.stop()
	f.atLast()
}

func TestAKeyringThatDoesNotAnswerIsToldAndWaitedFor(t *testing.T) {
	if !soaks() {
		t.Skip("the keyring is given 20 seconds to answer: make soak-real")
	}
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	f.keyring.signal(syscall.SIGSTOP)
	f.expire()
	f.file("during.json")
	f.waitsFor("during.json", "vaultSilent")
	f.keyring.signal(syscall.SIGCONT)
	f.drains()
	f.agent.stop()
	f.atLast()
}

func TestAnAgentThatStartsBeforeTheKeyringIsUnlockedWaitsForIt(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.keyring.kill()
	f.keyring.startLocked()
	f.live()
	f.file("early.json")
	f.waitsFor("early.json", "vaultLocked")
	f.keyring.kill()
	f.keyring.startUnlocked()
	f.drains()
	f.agent.stop()
	f.atLast()
}

// expire has the key run out, so that the next call needs the keyring.
func (f *office) expire() {
	f.t.Helper()
	if err := f.platform.ExpireKey("Acme Ltd", ""); err != nil {
		f.t.Fatal(err)
	}
}

// TestALaptopThatSleptCarriesWhatCameMeanwhile stops the agent in its tracks, in the middle of its work.
func TestALaptopThatSleptCarriesWhatCameMeanwhile(t *testing.T) {
	t.Parallel()
	sleeps := 2 * time.Second
	if soaks() {
		sleeps = time.Minute
	}
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	f.fileOf("at work.json", padded("at work.json", 4<<20))
	f.signal(syscall.SIGSTOP)
	f.wire.cut() // no connection outlives the night
	f.file("asleep.json")
	f.publish(4)
	<-time.After(sleeps) // the sleep itself
	f.signal(syscall.SIGCONT)
	f.drains()
	f.agent.stop()
	f.atLast()
}

func (f *office) signal(s syscall.Signal) {
	f.t.Helper()
	if err := f.agent.cmd.Process.Signal(s); err != nil {
		f.t.Fatal(err)
	}
}

// installed switches Sage 50 on or off.
func (f *office) installed(on bool) {
	f.t.Helper()
	if err := f.platform.SetInstalled("Acme Ltd", on); err != nil {
		f.t.Fatal(err)
	}
}

// TestAClockThatJumpsHoldsUpNothing sets the agent's clock forth and back while a file is followed and others come.
func TestAClockThatJumpsHoldsUpNothing(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{profile: `{"trackFirst":"200ms","trackMost":"1s","pollInterval":"2s"}`})
	clock := filepath.Join(filepath.Dir(f.home), "profile.json.clock")
	set := func(jump time.Duration) {
		t.Helper()
		next := clock + ".next"
		if err := os.WriteFile(next, []byte(jump.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, clock); err != nil {
			t.Fatal(err)
		}
	}
	set(0)
	f.before = append(f.before, filepath.Base(clock))
	f.adopt(f.startWrongClock(clock))
	f.answers()
	f.file("at first.json")
	f.drains()
	jumps := []time.Duration{-2 * time.Hour, 48 * time.Hour}
	if soaks() {
		jumps = append(jumps, 46*time.Hour, -72*time.Hour, 400*24*time.Hour, 0)
	}
	for i, jump := range jumps {
		f.installed(false)
		followed := fmt.Sprintf("followed %d.json", i)
		f.file(followed)
		f.until("it is followed", func() bool {
			for _, t := range f.transfers() {
				if t.Name == followed {
					return t.RemoteStatus != ""
				}
			}
			return false
		})
		set(jump)
		f.expire()
		f.file(fmt.Sprintf("after %d.json", i))
		f.installed(true)
		f.publish(3 + i)
		began := time.Now()
		f.drains()
		t.Logf("all is through %v after a jump to %v", time.Since(began).Round(time.Millisecond), jump)
	}
	f.agent.stop()
	f.atLast()
}
