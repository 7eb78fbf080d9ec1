//go:build linux && !headless

package desktop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/control"
)

// BenchmarkIdleAgent tells what an agent with three companies and nothing to do costs: the share of a core over half a
// minute, the memory that is its own, and what is resident. The aims are 0.3 %, 25 MB, and 60 MB (headless 40 MB).
func BenchmarkIdleAgent(b *testing.B) {
	s := newSession(b)
	window := buildWindow(b, s)
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

func buildWindow(b *testing.B, s *session) string {
	b.Helper()
	program := filepath.Join(s.dir, "postroom-window")
	build := exec.Command("go", "build", "-tags", "x11", "-o", program, "postroom")
	build.Env = append(os.Environ(), "HOME="+os.Getenv("POSTROOM_TEST_HOME"), "XDG_CACHE_HOME=")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building the window: %v\n%s", err, out)
	}
	return program
}

func runAgent(b *testing.B, program, home string) *exec.Cmd {
	b.Helper()
	agent := exec.Command(program, "run", "--home", home)
	agent.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := agent.Start(); err != nil {
		b.Fatal(err)
	}
	return agent
}

func endAgent(b *testing.B, agent *exec.Cmd) {
	b.Helper()
	if err := agent.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := agent.Wait(); err != nil {
		b.Fatal(err)
	}
}

// connectCompany goes through onboarding, with the sandbox's pages answered.
func connectCompany(b *testing.B, client *control.Client, platform, folder, company string) {
	b.Helper()
	web := browser{t: b, base: platform}
	address := freeAddress(b)
	ctx := b.Context()
	step := func(d watcher.Draft, err error) watcher.Draft {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
		return d
	}
	draft := step(client.NewDraft(ctx, watcher.DraftInput{
		Platform: platform, Domain: "ecommerce", Company: company, Folder: folder, Name: "Alex Example", Firm: company,
		Email: strings.ReplaceAll(company, " ", "") + "@example.com", Application: company,
		CallbackBase: "http://" + address, CallbackListen: address,
	}))
	draft = step(client.Register(ctx, draft.ID))
	web.answerCaptcha(draft.RegistrationURL)
	developer, application := web.readMail()
	step(client.SetIDs(ctx, draft.ID, developer, application))
	draft = step(client.RequestPasscode(ctx, draft.ID))
	web.grant(draft.Passcode, company)
	for draft.Step != watcher.StepDone {
		<-time.After(50 * time.Millisecond)
		draft = step(client.Draft(ctx, draft.ID))
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
