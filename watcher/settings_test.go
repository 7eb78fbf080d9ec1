package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"postroom/sage/sandbox"
)

func TestSettingsAreKeptAndUnknownOnesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		path := filepath.Join(r.home, settingsFile)
		if err := os.WriteFile(path, []byte(`{"theme":"dark","later":{"x":1}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		e := r.open()
		events := must(e.Events(t.Context()))(t)
		s := must(e.Settings(t.Context()))(t)
		if s.Theme != "dark" || s.Notify != "all" || !slices.Equal(s.Ignore, defaultIgnore) || !filepath.IsAbs(s.DocumentsRoot) {
			t.Fatalf("read: %+v", s)
		}
		s.Theme, s.Ignore = "light", []string{" *.bak ", "", "*.bak"}
		if err := e.SaveSettings(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if event := <-events; event.Kind != EventSettings {
			t.Errorf("told: %+v", event)
		}
		again := must(r.open().Settings(t.Context()))(t)
		if again.Theme != "light" || !slices.Equal(again.Ignore, []string{"*.bak"}) {
			t.Errorf("after a new start: %+v", again)
		}
		data, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(data), `"later"`) {
			t.Errorf("what a newer version kept is gone: %s, %v", data, err)
		}
	})
}

func TestASettingThatCannotBeUsedIsRefusedByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOnboardingRig(t, sandbox.Options{}).open()
		for setting, edit := range map[string]func(*Settings){
			"language":        func(s *Settings) { s.Language = "../../x" },
			"theme":           func(s *Settings) { s.Theme = "pink" },
			"onClose":         func(s *Settings) { s.OnClose = "maybe" },
			"notify":          func(s *Settings) { s.Notify = "" },
			"quietHours":      func(s *Settings) { s.QuietFrom = "22:00" },
			"sameFile":        func(s *Settings) { s.SameFile = "" },
			"ignore":          func(s *Settings) { s.Ignore = []string{"*"} },
			"keepSentDays":    func(s *Settings) { s.KeepSentDays = -1 },
			"keepHistoryDays": func(s *Settings) { s.KeepHistoryDays = -1 },
			"minFreeMB":       func(s *Settings) { s.MinFreeMB = -1 },
			"proxy":           func(s *Settings) { s.Proxy = "http://ann:secret@proxy.example:8080" },
			"callbackListen":  func(s *Settings) { s.CallbackListen = "127.0.0.1:99999" },
			"documentsRoot":   func(s *Settings) { s.DocumentsRoot = "Documents" },
		} {
			s := must(e.Settings(t.Context()))(t)
			edit(&s)
			err := e.SaveSettings(t.Context(), s)
			told, ok := errors.AsType[*ProblemError](err)
			if !ok || told.Problem.Args["setting"] != setting || !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: %v", setting, err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: the refusal repeats it: %v", setting, err)
			}
		}
		if len(settingRules) != 13 {
			t.Errorf("there are %d rules; each has a line above", len(settingRules))
		}
		good := Settings{
			Language: "es", Theme: "dark", OnClose: "keep", Notify: "needsMe", QuietFrom: "22:00", QuietTo: "07:30", SameFile: "leave",
			Ignore: []string{"~$*", "[ab].json"}, KeepSentDays: 90, MinFreeMB: 500, Proxy: "socks5://proxy.example:1080", CallbackListen: "8484", DocumentsRoot: t.TempDir(),
		}
		if err := e.SaveSettings(t.Context(), good); err != nil {
			t.Error(err)
		}
	})
}

func TestASettingsFileThatSomebodySpoiledCostsNobodyTheirStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		path := filepath.Join(r.home, settingsFile)
		write := func(text string) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(`{"theme":"pink","keepSentDays":30,"notify":"needsMe"}`)
		if s := must(r.open().Settings(t.Context()))(t); s.Theme != "" || s.KeepSentDays != 30 || s.Notify != "needsMe" {
			t.Errorf("one bad among good ones: %+v", s)
		}
		write(`{"theme":`)
		e := r.open()
		s := must(e.Settings(t.Context()))(t)
		if s.Notify != "all" {
			t.Errorf("a cut file: %+v", s)
		}
		if err := e.SaveSettings(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		aside, err := filepath.Glob(path + ".damaged-*")
		if err != nil || len(aside) != 1 {
			t.Errorf("the cut file was set aside as %v, %v", aside, err)
		}
		if data, err := os.ReadFile(aside[0]); err != nil || string(data) != `{"theme":` {
			t.Errorf("it holds %q, %v", data, err)
		}
	})
}

func TestSettingsOfAnotherProcessAreTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		agent, _ := r.onboard()
		settle()
		command := r.open()
		s := must(command.Settings(t.Context()))(t)
		s.Theme = "dark"
		if err := command.SaveSettings(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		settle()
		if s = must(agent.Settings(t.Context()))(t); s.Theme != "dark" {
			t.Errorf("the agent has %+v", s)
		}
	})
}

func TestAnAddressWithoutAHostIsLoopback(t *testing.T) {
	for text, want := range map[string]string{
		"8484": "127.0.0.1:8484", ":8484": "127.0.0.1:8484", "0.0.0.0:80": "0.0.0.0:80", "[::1]:80": "[::1]:80",
		"localhost:0": "localhost:0", "": "", "host": "", "1.2.3.4:http": "", "99999": "", "-1": "",
	} {
		if got, err := listenAddress(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}
