package terminal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"postroom/watcher/journal"
)

// What else happens to a process that runs for months.

// TestAnAgentWithoutAFreeDescriptorGoesOnWhenItHasOne takes the right to open anything from the running agent.
func TestAnAgentWithoutAFreeDescriptorGoesOnWhenItHasOne(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	pid := f.agent.cmd.Process.Pid
	open := len(names(t, filepath.Join("/proc", strconv.Itoa(pid), "fd")))
	var was unix.Rlimit
	err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &was)
	if err == nil {
		err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(open), Max: was.Max}, nil)
	}
	if err != nil {
		t.Skip("needs to change the limits of its own child: ", err)
	}
	f.wire.cut() // the next call needs a new connection
	for i := range 10 {
		f.file(fmt.Sprintf("during %d.json", i))
	}
	f.publish(4)
	f.until("the lack is noticed", func() bool { return strings.Contains(f.agent.errs.String(), "too many open files") })
	if f.agent.gone() {
		t.Fatal("the agent has ended: ", f.agent.errs)
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &was, nil); err != nil {
		t.Fatal(err)
	}
	f.drains()
	f.agent.stop()
	f.atLast()
}

// TestASessionBusThatDiesTakesNoFileWithIt ends the bus, and with it keyring, pop-ups and tray, under the running agent.
func TestASessionBusThatDiesTakesNoFileWithIt(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	f.bus.Kill(t)
	f.keyring.kill()
	f.file("with the key at hand.json")
	f.drains()
	f.expire()
	f.file("without a keyring.json")
	f.waitsFor("without a keyring.json", "vaultGone")
	if f.agent.gone() {
		t.Fatal("the agent has ended: ", f.agent.errs)
	}
	f.always(false)
	f.agent.stop()
	f.noSecretIsOut()
}

// TestAnAgentThatIsToldToStopInTheMiddleOfAFileStopsInTime asks it while a large file creeps over a slow wire.
func TestAnAgentThatIsToldToStopInTheMiddleOfAFileStopsInTime(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	f.wire.delay(200 * time.Millisecond)
	f.fileOf("large.json", padded("large.json", 12<<20))
	f.until("it is being sent", func() bool { return f.shownAs("large.json", journal.Created) })
	f.agent.stop() // which must take no more than five seconds
	f.always(false)
	f.wire.plug()
	f.live()
	f.drains()
	f.agent.stop()
	f.atLast()
}

// TestAFileThatIsChangedWhileItIsSentIsNeverSentInTwoHalves writes into a file through a handle that was open before it was
// taken: what the platform has in the end is the file as a whole, and as the record has it.
func TestAFileThatIsChangedWhileItIsSentIsNeverSentInTwoHalves(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	f.wire.delay(20 * time.Millisecond)
	content := []byte(padded("held.json", 8<<20))
	f.fileOf("held.json", string(content))
	held, err := os.OpenFile(filepath.Join(f.company, "Outbox", "orders", "held.json"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	f.until("it is being sent", func() bool { return f.shownAs("held.json", journal.Created) })
	last := len(content) - 1
	content[last] = '\n'
	if _, err := held.WriteAt(content[last:], int64(last)); err != nil {
		t.Fatal(err)
	}
	f.dropped["held.json"] = content
	f.wire.plug()
	f.drains()
	f.agent.stop()
	f.atLast()
}
