package terminal_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postroom/sage/sandbox"
)

// The long run asks for an hour (`make soak-hour`); by itself it is short.
const (
	enduranceVariable = "POSTROOM_ENDURANCE"         // how long it lasts, as 1h
	samplesVariable   = "POSTROOM_ENDURANCE_SAMPLES" // file that the figures are written to, one line each
)

// sample is what the agent's process costs at one moment.
type sample struct {
	after       time.Duration
	memory      int64 // anonymous resident bytes
	descriptors int
	threads     int
	goroutines  int // as the agent last said
	dropped     int
	rotations   int
}

func (s sample) String() string {
	return fmt.Sprintf("%s memory %.1f MB, descriptors %d, threads %d, goroutines %d, dropped %d, rotations %d",
		s.after.Round(time.Second), float64(s.memory)/1e6, s.descriptors, s.threads, s.goroutines, s.dropped, s.rotations)
}

// TestALongRunWithConstantFaultsStaysFlat drops a file a second while everything goes wrong that can: keys run out every few
// seconds, the platform fails in every way it knows, and the wire is cut.
func TestALongRunWithConstantFaultsStaysFlat(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv(enduranceVariable))
	if err != nil {
		lasts = 8 * time.Second
	}
	keyTTL := min(20*time.Second, lasts/4)
	f := newOffice(t, officeOptions{sandbox: sandbox.Options{Limits: sandbox.Limits{KeyTTL: keyTTL}}})
	f.adopt(f.start("run", "--json", "--verbose"))
	f.answers()
	f.misbehave()
	samples := f.endure(lasts)
	f.platform.ClearFaults()
	f.wire.plug()
	f.drains()
	f.agent.stop()
	f.atLast()
	if rotations := f.rotations(); rotations < int(lasts/keyTTL)/2 {
		t.Errorf("%d rotations within %v, with keys that live %v", rotations, lasts, keyTTL)
	}
	flat(t, samples)
}

// misbehave has the platform fail now and then in every way it knows.
func (f *office) misbehave() {
	for _, fault := range []sandbox.Fault{
		{Kind: sandbox.FaultLatency, Chance: 0.2, Wait: 30 * time.Millisecond},
		{Kind: sandbox.FaultError, Chance: 0.03},
		{Kind: sandbox.FaultErrorAfter, Chance: 0.02},
		{Kind: sandbox.FaultThrottle, Chance: 0.01, RetryAfter: time.Second},
		{Kind: sandbox.FaultPage, Chance: 0.01},
		{Kind: sandbox.FaultDropRequest, Chance: 0.02},
		{Kind: sandbox.FaultDropMidway, Chance: 0.02},
		{Kind: sandbox.FaultDropAnswer, Chance: 0.02},
		{Kind: sandbox.FaultTruncate, Chance: 0.02},
		{Kind: sandbox.FaultSlowBody, Chance: 0.02, Wait: 10 * time.Millisecond},
	} {
		f.platform.AddFault(fault)
	}
}

// endure drops files, sends lists and cuts the wire for so long, and measures what it costs.
func (f *office) endure(lasts time.Duration) (samples []sample) {
	f.t.Helper()
	var out *os.File
	if name := os.Getenv(samplesVariable); name != "" {
		var err error
		if out, err = os.Create(name); err != nil {
			f.t.Fatal(err)
		}
		defer out.Close()
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	began := time.Now()
	for n := 0; time.Since(began) < lasts; n++ {
		<-second.C
		f.file(fmt.Sprintf("orders %d.json", n))
		switch n % 60 {
		case 5, 35:
			f.publish(5 + n%20)
		case 8, 23, 38:
			f.wire.cut()
		case 50:
			f.wire.unplug()
		case 53:
			f.wire.plug()
		}
		if n%10 == 9 || lasts < time.Minute {
			s := f.sample(time.Since(began))
			samples = append(samples, s)
			if out != nil {
				fmt.Fprintln(out, s)
			}
		}
	}
	return samples
}

// sample measures the agent.
func (f *office) sample(after time.Duration) sample {
	f.t.Helper()
	s := sample{after: after, dropped: len(f.dropped), rotations: f.rotations(), goroutines: f.goroutines()}
	proc := filepath.Join("/proc", strconv.Itoa(f.agent.cmd.Process.Pid))
	s.descriptors = len(names(f.t, filepath.Join(proc, "fd")))
	status, err := os.Open(filepath.Join(proc, "status"))
	if err != nil {
		f.t.Fatal(err)
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		fields := strings.Fields(value)
		switch name {
		case "RssAnon":
			kilobytes, _ := strconv.ParseInt(fields[0], 10, 64) // the kernel writes a number
			s.memory = kilobytes << 10
		case "Threads":
			s.threads, _ = strconv.Atoi(fields[0])
		}
	}
	return s
}

// goroutines is how many the agent's log last told of; 0 before it has.
func (f *office) goroutines() (n int) {
	said := f.agent.errs.String()
	if i := strings.LastIndex(said, " goroutines="); i >= 0 {
		_, _ = fmt.Sscanf(said[i:], " goroutines=%d", &n) // a line that is not whole yet tells nothing
	}
	return n
}

func (f *office) rotations() int { return f.platform.Installations()[0].Connections[0].Rotations }

// flat fails if a cost grew: from the end of the first sixth, when everything has been warmed up, to the end.
func flat(t *testing.T, samples []sample) {
	t.Helper()
	first, last := samples[len(samples)/6], samples[len(samples)-1]
	t.Logf("at first %v\nat last %v", first, last)
	for _, cost := range []struct {
		name           string
		from, to, more float64
	}{
		{"memory", float64(first.memory), float64(last.memory), max(float64(first.memory)/4, 16<<20)},
		{"descriptors", float64(first.descriptors), float64(last.descriptors), 12},
		{"threads", float64(first.threads), float64(last.threads), 12},
		{"goroutines", float64(first.goroutines), float64(last.goroutines), 30},
	} {
		if cost.from > 0 && cost.to > cost.from+cost.more {
			t.Errorf("%s grew from %.0f to %.0f", cost.name, cost.from, cost.to)
		}
	}
}
