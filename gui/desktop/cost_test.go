//go:build linux && !headless

package desktop

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"

	"postroom/watcher"
	"postroom/watcher/control"
	"postroom/watcher/journal"
)

// BenchmarkWindow tells what a window that is shown costs, each in a process of its own: a window of Fyne's with nothing
// in it, ours with nothing to do, ours with the keyboard in the search, and ours while the engine tells of 10,000 changes
// a second. The aims are 1.5 % of a core above Fyne's own, and 10 %. Painting is by software here, on a display without a
// graphics card: on a person's computer it costs less.
func BenchmarkWindow(b *testing.B) {
	newSession(b)
	for _, scene := range []string{sceneBare, sceneRest, sceneSearch, sceneFlood} {
		b.Run(scene, func(b *testing.B) {
			home := serveLedger(b, scene == sceneFlood)
			window := exec.Command(os.Args[0], "-test.run", "^TestWindowThatIsMeasured$")
			window.Env = append(os.Environ(), sceneVariable+"="+scene, homeVariable+"="+home)
			out, err := window.StdoutPipe()
			if err != nil {
				b.Fatal(err)
			}
			window.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			if err := window.Start(); err != nil {
				b.Fatal(err)
			}
			defer func() {
				_ = window.Process.Kill()
				_ = window.Wait()
			}()
			for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != sceneShown; {
			}
			<-time.After(5 * time.Second) // the first looks at everything are over
			const over = 15 * time.Second
			before := ticks(b, window.Process.Pid)
			<-time.After(over)
			b.ReportMetric(float64(ticks(b, window.Process.Pid)-before)/100/over.Seconds()*100, "%-of-a-core")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// serveLedger is an agent with nothing behind its socket but a list; it gives its home.
func serveLedger(b *testing.B, flood bool) string {
	b.Helper()
	home, err := os.MkdirTemp("", "ledger")
	if err != nil {
		b.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- control.Serve(ctx, newLedger(flood), home) }()
	b.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		os.RemoveAll(home)
	})
	dial(b, home)
	return home
}

const (
	sceneVariable = "POSTROOM_TEST_SCENE"
	homeVariable  = "POSTROOM_TEST_SCENE_HOME"
	sceneShown    = "the window is shown"

	sceneBare   = "Fyne alone"
	sceneRest   = "at rest"
	sceneSearch = "at rest with the keyboard in the search"
	sceneFlood  = "10,000 changes a second"
)

// TestWindowThatIsMeasured is BenchmarkWindow's other process.
func TestWindowThatIsMeasured(t *testing.T) {
	scene := os.Getenv(sceneVariable)
	shown := func() { fmt.Println(sceneShown) }
	switch scene {
	case "":
		t.Skip("only BenchmarkWindow runs this")
	case sceneBare:
		onMain <- func() {
			bare := app.NewWithID(appID)
			w := bare.NewWindow("nothing")
			w.SetContent(widget.NewLabel("nothing"))
			w.Resize(fyne.NewSize(980, 680))
			bare.Lifecycle().SetOnStarted(shown)
			w.ShowAndRun()
		}
	default:
		client := dial(t, os.Getenv(homeVariable))
		ready := shown
		if scene == sceneSearch {
			ready = func() {
				<-time.After(2 * time.Second) // the list is there by then
				if out, err := exec.Command("xdotool", "key", "ctrl+f").CombinedOutput(); err != nil {
					t.Errorf("xdotool: %v %s", err, out)
				}
				shown()
			}
		}
		onMain <- func() {
			if err := Run(context.Background(), Options{
				Engine: client, Ready: ready, Pictures: make(chan func(image.Image)), Logger: slog.New(slog.DiscardHandler),
			}); err != nil {
				t.Error(err)
			}
		}
	}
	select {} // until the benchmark ends this process
}

// ledger is an engine with a full list that nothing happens to, or a flood of changes.
type ledger struct {
	control.Engine // whatever a window at rest does not ask
	flood          bool
	began          time.Time
}

func newLedger(flood bool) *ledger { return &ledger{flood: flood, began: time.Now()} }

const company = "Acme Ltd"

func (l *ledger) transfer(i int) watcher.Transfer {
	t := watcher.Transfer{
		ID: fmt.Sprintf("t%04d", i), Company: company, Connection: "c1", Scope: "orders", Name: fmt.Sprintf("orders-%04d.json", i),
		State: journal.Accepted, Records: 40, CreatedAt: l.began.Add(-time.Duration(i) * time.Minute), EndedAt: l.began,
	}
	if l.flood && i%2 == 0 {
		percent := float64(time.Since(l.began).Milliseconds()/50%1000) / 10
		t.State, t.Progress, t.EndedAt = journal.Processing, &percent, time.Time{}
	}
	return t
}

func (l *ledger) AgentVersion() string { return "0.1.0" }

func (l *ledger) Overview(context.Context) (watcher.Overview, error) {
	return watcher.Overview{Version: "0.1.0", Companies: []watcher.Company{{
		Name: company, Folder: "/tmp/Acme Ltd", Connections: []watcher.Connection{{
			ID: "c1", Company: company, Domain: "ecommerce", Key: watcher.Key{State: watcher.KeyGood},
			Lanes: []watcher.Lane{{Scope: "orders", Outgoing: true}},
		}},
	}}}, nil
}

func (l *ledger) Transfers(context.Context, watcher.Query) (page watcher.Page, _ error) {
	for i := range 200 {
		page.Transfers = append(page.Transfers, l.transfer(i))
	}
	return page, nil
}

func (l *ledger) Transfer(_ context.Context, id string) (watcher.Detail, error) {
	var i int
	if _, err := fmt.Sscanf(id, "t%d", &i); err != nil {
		return watcher.Detail{}, err
	}
	return watcher.Detail{Transfer: l.transfer(i)}, nil
}

func (l *ledger) Lists(context.Context, string) ([]watcher.List, error) { return nil, nil }

func (l *ledger) Drafts(context.Context) ([]watcher.Draft, error) { return nil, nil }

func (l *ledger) Settings(context.Context) (watcher.Settings, error) {
	return watcher.Settings{Language: "en", Theme: "light"}, nil
}

// Events tells of 10,000 changes a second, a hundred at a time.
func (l *ledger) Events(ctx context.Context) (<-chan watcher.Event, error) {
	events := make(chan watcher.Event)
	if !l.flood {
		return events, nil
	}
	go func() {
		beat := time.NewTicker(10 * time.Millisecond)
		defer beat.Stop()
		for i := 0; ; {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			}
			for range 100 {
				i++
				select {
				case <-ctx.Done():
					return
				case events <- watcher.Event{Kind: watcher.EventTransfer, ID: fmt.Sprintf("t%04d", i%200), Company: company}:
				}
			}
		}
	}()
	return events, nil
}
