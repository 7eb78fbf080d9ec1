//go:build linux && !headless

package desktop

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkIdleAgent tells what an agent with three companies and nothing to do costs: the share of a core over half a
// minute, the memory that is its own, and what is resident. The aims are 0.3 %, 25 MB, and 60 MB (headless 40 MB).
func BenchmarkIdleAgent(b *testing.B) {
	s := newSession(b)
	window := windowProgram(b)
	home := filepath.Join(s.dir, "home")
	platform := s.sandbox(b)
	agent := runAgent(b, s.program, home)
	client := dial(b, home)
	for i := range 3 {
		connectCompany(b, client, platform, s.dir, fmt.Sprintf("Company %d", i+1))
	}
	endAgent(b, agent)
	for _, build := range []struct{ name, program string }{{"headless", s.program}, {"window", window}} {
		b.Run(build.name, func(b *testing.B) {
			agent := runAgent(b, build.program, home)
			dial(b, home)
			<-time.After(10 * time.Second) // the first looks at everything are over
			const over = 30 * time.Second
			before := ticks(b, agent.Process.Pid)
			<-time.After(over)
			used := ticks(b, agent.Process.Pid) - before
			b.ReportMetric(float64(used)/100/over.Seconds()*100, "%-of-a-core")
			b.ReportMetric(memory(b, agent.Process.Pid, "RssAnon"), "MB-anonymous")
			b.ReportMetric(memory(b, agent.Process.Pid, "VmRSS"), "MB-resident")
			b.ReportMetric(0, "ns/op")
			endAgent(b, agent)
		})
	}
}

// ticks is the processor time a process has used, in hundredths of a second.
func ticks(b *testing.B, pid int) int {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user + system
}

// memory is a figure of a process's status, in MB.
func memory(b *testing.B, pid int, name string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			kilobytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			if err != nil {
				b.Fatal(err)
			}
			return float64(kilobytes) / 1024
		}
	}
	b.Fatalf("no %s in /proc/%d/status", name, pid)
	return 0
}
