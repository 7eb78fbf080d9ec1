package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	settingsFile = "settings.json"
	maxIgnore    = 200
	maxKeepDays  = 36500
	usualKeep    = 90      // days of history
	maxFreeMB    = 1 << 20 // a terabyte
)

// defaultIgnore are the names left untouched in Outbox unless a person chose otherwise; hidden files are always.
var defaultIgnore = []string{"~$*", "*.tmp", "*.part", "*.crdownload", "desktop.ini", "Thumbs.db"}

// defaultSettings are a person's choices before any was made.
func defaultSettings() Settings {
	return Settings{
		Notify:          "all",
		SameFile:        "ask",
		Ignore:          slices.Clone(defaultIgnore),
		MinFreeMB:       roomUsual,
		KeepHistoryDays: usualKeep,
		DocumentsRoot:   documentsRoot(),
	}
}

// settings are the present choices. Nobody may change what they point to.
func (e *Engine) settings() Settings {
	if kept := e.onboarding.choices.Load(); kept != nil {
		return *kept
	}
	return defaultSettings()
}

// openSettings reads settings.json. Choices that cannot be used are left at what they are without them, and a file
// that cannot be read at all costs nobody their start: both are logged, and the file stays as it is until a person
// saves settings again.
func (e *Engine) openSettings(context.Context) error {
	path := filepath.Join(e.options.Home, settingsFile)
	read := defaultSettings()
	info, err := e.fs.Lstat(path)
	if err == nil {
		err = readKept(e.fs, path, &read)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, errDamaged):
		e.log.Error("the settings cannot be understood, the usual ones are used", "file", path, "error", err)
		read = defaultSettings()
	case err != nil:
		return fmt.Errorf("opening the settings: %w", err)
	}
	for _, unusable := range read.repair() {
		e.log.Warn("a setting cannot be used", "file", path, "setting", unusable)
	}
	e.onboarding.choices.Store(&read)
	e.onboarding.choicesSeen.Store(&info)
	return nil
}

// refreshSettings reads the file again when another process has written it.
func (e *Engine) refreshSettings(ctx context.Context) error {
	info, err := e.fs.Lstat(filepath.Join(e.options.Home, settingsFile))
	if err != nil || info.Same(*e.onboarding.choicesSeen.Load()) {
		return nil //nolint:nilerr // a file that is not there or cannot be looked at changes nothing
	}
	if err := e.openSettings(ctx); err != nil {
		return err
	}
	e.emit(Event{Kind: EventSettings})
	return nil
}

// Settings are a person's choices.
func (e *Engine) Settings(context.Context) (Settings, error) { return e.settings(), nil }

// SaveSettings keeps choices. The error is ErrInvalid, with a problem that names the setting, when one cannot be used;
// then nothing is changed.
func (e *Engine) SaveSettings(ctx context.Context, s Settings) error {
	s.Ignore = cleanIgnore(s.Ignore)
	if unusable := s.invalid(); len(unusable) > 0 {
		return refuse(ErrInvalid, settingProblem(unusable[0]), "setting", unusable[0])
	}
	release, err := e.turn(ctx, "settings")
	if err != nil {
		return err
	}
	defer release()
	path := filepath.Join(e.options.Home, settingsFile)
	if err := e.setDamagedAside(path); err != nil {
		return err
	}
	if err := writeKept(e.fs, path, s); err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	info, err := e.fs.Lstat(path)
	if err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	e.onboarding.choices.Store(&s)
	e.onboarding.choicesSeen.Store(&info)
	e.emit(Event{Kind: EventSettings})
	return nil
}

// setDamagedAside keeps a file that cannot be understood before another takes its place.
func (e *Engine) setDamagedAside(path string) error {
	var anything map[string]any
	if err := readKept(e.fs, path, &anything); !errors.Is(err, errDamaged) {
		return nil
	}
	aside := path + ".damaged-" + e.now().UTC().Format("20060102-150405")
	if err := e.fs.Move(path, aside); err != nil {
		return fmt.Errorf("setting aside %s: %w", path, err)
	}
	return nil
}

// settingProblem is the code of a setting that needs more of an explanation than that it cannot be used.
func settingProblem(setting string) string {
	switch setting {
	case "proxy":
		return "settingProxy"
	case "callbackListen":
		return "settingListen"
	}
	return "settingInvalid"
}

// A rule says whether a setting can be used, and what to put in its place where it cannot.
type rule struct {
	setting string
	good    func(s *Settings) bool
	mend    func(s *Settings, usual Settings)
}

var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

var settingRules = []rule{
	{
		"language", func(s *Settings) bool { return s.Language == "" || languageTag.MatchString(s.Language) },
		func(s *Settings, _ Settings) { s.Language = "" },
	},
	{
		"theme", func(s *Settings) bool { return slices.Contains([]string{"", "light", "dark", "contrast"}, s.Theme) },
		func(s *Settings, _ Settings) { s.Theme = "" },
	},
	{
		"onClose", func(s *Settings) bool { return slices.Contains([]string{"", "keep", "stop"}, s.OnClose) },
		func(s *Settings, _ Settings) { s.OnClose = "" },
	},
	{
		"notify", func(s *Settings) bool { return slices.Contains([]string{"all", "needsMe", "none"}, s.Notify) },
		func(s *Settings, usual Settings) { s.Notify = usual.Notify },
	},
	{
		"quietHours", func(s *Settings) bool {
			return (s.QuietFrom == "") == (s.QuietTo == "") && clock(s.QuietFrom) && clock(s.QuietTo)
		},
		func(s *Settings, _ Settings) { s.QuietFrom, s.QuietTo = "", "" },
	},
	{
		"sameFile", func(s *Settings) bool { return slices.Contains([]string{"ask", "send", "leave"}, s.SameFile) },
		func(s *Settings, usual Settings) { s.SameFile = usual.SameFile },
	},
	{
		"ignore", func(s *Settings) bool {
			return len(s.Ignore) <= maxIgnore && !slices.ContainsFunc(s.Ignore, badPattern)
		},
		func(s *Settings, usual Settings) { s.Ignore = usual.Ignore },
	},
	{
		"keepSentDays", func(s *Settings) bool { return s.KeepSentDays >= 0 && s.KeepSentDays <= maxKeepDays },
		func(s *Settings, _ Settings) { s.KeepSentDays = 0 },
	},
	{
		"keepHistoryDays", func(s *Settings) bool { return s.KeepHistoryDays >= 0 && s.KeepHistoryDays <= maxKeepDays },
		func(s *Settings, usual Settings) { s.KeepHistoryDays = usual.KeepHistoryDays },
	},
	{
		"minFreeMB", func(s *Settings) bool { return s.MinFreeMB >= 0 && s.MinFreeMB <= maxFreeMB },
		func(s *Settings, usual Settings) { s.MinFreeMB = usual.MinFreeMB },
	},
	{
		"proxy", func(s *Settings) bool { return s.Proxy == "" || s.Proxy == proxyNone || goodProxy(s.Proxy) },
		func(s *Settings, _ Settings) { s.Proxy = "" },
	},
	{
		"callbackListen", func(s *Settings) bool { return s.CallbackListen == "" || goodAddress(s.CallbackListen) },
		func(s *Settings, _ Settings) { s.CallbackListen = "" },
	},
	{
		"documentsRoot", func(s *Settings) bool { return filepath.IsAbs(s.DocumentsRoot) },
		func(s *Settings, usual Settings) { s.DocumentsRoot = usual.DocumentsRoot },
	},
}

// invalid names the settings that cannot be used.
func (s *Settings) invalid() []string {
	var names []string
	for _, rule := range settingRules {
		if !rule.good(s) {
			names = append(names, rule.setting)
		}
	}
	return names
}

// repair puts the usual in the place of what cannot be used, and names it.
func (s *Settings) repair() []string {
	names := s.invalid()
	usual := defaultSettings()
	for _, rule := range settingRules {
		if slices.Contains(names, rule.setting) {
			rule.mend(s, usual)
		}
	}
	return names
}

// clock reports whether a text is a time of day, "22:00", or nothing.
func clock(text string) bool {
	_, err := time.Parse("15:04", text)
	return text == "" || err == nil
}

// cleanIgnore drops empty lines and the spaces around names.
func cleanIgnore(patterns []string) []string {
	clean := make([]string, 0, len(patterns))
	for _, pattern := range patterns {
		if pattern = strings.TrimSpace(pattern); pattern != "" && !slices.Contains(clean, pattern) {
			clean = append(clean, pattern)
		}
	}
	return clean
}

// badPattern refuses what cannot match a name, and what would match every one and so stop all sending unseen.
func badPattern(pattern string) bool {
	if _, err := path.Match(pattern, ""); err != nil {
		return true
	}
	return len(pattern) > 255 || strings.ContainsAny(pattern, `/\`) || strings.Trim(pattern, "*") == ""
}

// goodProxy takes the address of a proxy. A password in it would lie in a plain file, so one is refused.
func goodProxy(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && u.User == nil && slices.Contains([]string{"http", "https", "socks5"}, u.Scheme)
}

// goodAddress takes what listenAddress can bind.
func goodAddress(text string) bool {
	_, err := listenAddress(text)
	return err == nil
}

// listenAddress is an address to bind as a person writes it. Without a host it is loopback: only who names an
// address of the network opens the listener to it.
func listenAddress(text string) (string, error) {
	if _, err := strconv.Atoi(text); err == nil {
		text = ":" + text
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", fmt.Errorf("address %q: %w", text, err)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("address %q: no such port", text)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
