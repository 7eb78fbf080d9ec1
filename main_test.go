package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The rules of the house: who may import whom. They are read from the source of every file, whatever system or
// build tag it is for. A test that fails says which import is wrong and why it is not wanted.

const module = "postroom"

// fileImport is one import of one file.
type fileImport struct {
	room string // the folder of the file, "." for the top
	file string
	what string // the import's path, with ours relative to the module and beginning with "./"
	test bool
}

// sources calls look with every Go file of the house.
func sources(t *testing.T, look func(name string) error) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "build"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		return look(name)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// imports reads all of them.
func imports(t *testing.T) []fileImport {
	t.Helper()
	var found []fileImport
	set := token.NewFileSet()
	sources(t, func(name string) error {
		file, err := parser.ParseFile(set, name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			what, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(what, module+"/"); ok {
				what = "./" + own
			}
			found = append(found, fileImport{
				room: filepath.ToSlash(filepath.Dir(name)), file: filepath.ToSlash(name), what: what,
				test: strings.HasSuffix(name, "_test.go"),
			})
		}
		return nil
	})
	return found
}

// within tells whether a path is one of some others or below it.
func within(name string, others ...string) bool {
	return slices.ContainsFunc(others, func(other string) bool {
		return name == other || strings.HasPrefix(name, other+"/")
	})
}

// forTests are rooms that only tests import: doubles and worlds.
func forTests(room string) bool {
	return within(room, "gui/guitest", "gui/notify/notifytest", "gui/tray/traytest", "watcher/disk/disktest", "watcher/simulation",
		"sage/browsertest", "sage/secrettest")
}

// upwards are the imports against the arrows that are right, with why. All are of tests.
var upwards = map[string]string{
	"watcher/control/engine_test.go ./gui": "holds the window's interface and the agent's client together",
}

// TestArrowsRunDown holds the order of the house: main, gui, watcher, sage; assets is a leaf.
func TestArrowsRunDown(t *testing.T) {
	floors := []struct {
		name string
		may  []string // other floors it may import
		why  string
	}{
		{"sage", nil, "sage speaks to the platform and knows no folder and no screen"},
		{"assets", nil, "assets is a leaf that everybody may use"},
		{"watcher", []string{"sage", "assets"}, "watcher carries files and knows no screen"},
		{"gui", []string{"watcher", "assets"}, "gui shows and asks; keys and the platform are the engine's business"},
	}
	for _, i := range imports(t) {
		own, ours := strings.CutPrefix(i.what, "./")
		if !ours {
			continue
		}
		if own == module || own == "." {
			t.Errorf("%s imports main: nobody may", i.file)
		}
		for _, floor := range floors {
			if !within(i.room, floor.name) || within(own, append(floor.may, floor.name)...) {
				continue
			}
			if i.test && within(own, "sage") && floor.name != "assets" {
				continue // tests build their world with the sandbox
			}
			if upwards[i.file+" "+i.what] != "" {
				continue
			}
			t.Errorf("%s imports %s: %s, so %s may import only %v", i.file, i.what, floor.why, floor.name, floor.may)
		}
	}
}

// guarded says of an import which rooms alone may have it.
var guarded = []struct {
	what  string
	exact bool // only this package, not those below it
	rooms []string
	tests bool // tests anywhere may have it too
	why   string
}{
	{
		what: "./sage/sandbox", rooms: []string{".", "sage/sandbox", "watcher/simulation"}, tests: true,
		why: "the sandbox is a world for tests, the demonstration and practice companies; the product must work without it",
	},
	{
		what: "fyne.io/fyne/v2/app", rooms: []string{"gui/desktop"},
		why: "it brings cgo and OpenGL; every other room is tested without a screen",
	},
	{
		what: "fyne.io/fyne/v2", rooms: []string{"gui"}, why: "only gui knows a screen",
	},
	{
		what: "fyne.io/systray", rooms: []string{"gui/tray"}, why: "its end closes the session bus; one room owns that",
	},
	{
		what: "github.com/zalando/go-keyring", rooms: []string{"sage/vault"}, tests: true,
		why: "its calls may hang for ever; the vault puts a deadline on each",
	},
	{
		what: "filippo.io/age", rooms: []string{"sage/vault"}, why: "keys are encrypted in one place",
	},
	{
		what: "modernc.org/sqlite", rooms: []string{"watcher/journal"}, why: "the record of every journey has one owner",
	},
	{
		what: "github.com/fsnotify/fsnotify", rooms: []string{"watcher/outbox"}, tests: true,
		why: "events are a hint; one room knows what they are worth",
	},
	{
		what: "github.com/godbus/dbus/v5", rooms: []string{"gui/notify", "gui/tray", "sage/vault"}, tests: true,
		why: "every call over D-Bus needs a deadline, and the two rooms that make them know that",
	},
	{
		what: "git.sr.ht/~jackmordaunt/go-toast", exact: true, rooms: nil,
		why: "its Push falls back to PowerShell, and names of files become code; wintoast.Push without options does not",
	},
	{
		what: "git.sr.ht/~jackmordaunt/go-toast/wintoast", rooms: []string{"gui/notify"}, why: "pop-ups pass data, in one place",
	},
	{
		what: "github.com/Microsoft/go-winio", rooms: []string{"watcher/control"}, why: "one room guards who may reach the agent",
	},
	{
		what: "github.com/spf13/cobra", rooms: []string{"gui/terminal"}, why: "commands are one room's",
	},
	{
		what: "gopkg.in/natefinch/lumberjack.v2", rooms: []string{"gui/terminal"}, why: "the agent opens the log; all others are handed one",
	},
	{
		what: "github.com/chromedp/chromedp", rooms: nil, tests: true, why: "a browser is for tests",
	},
	{
		what: "C", rooms: nil, why: "our own code needs no cgo: the program for servers is built without",
	},
}

func TestGuardedImports(t *testing.T) {
	all := imports(t)
	for _, g := range guarded {
		for _, i := range all {
			if i.what != g.what && (g.exact || !within(i.what, g.what)) {
				continue
			}
			if (g.tests && (i.test || forTests(i.room))) || allowed(i.room, g.rooms) {
				continue
			}
			t.Errorf("%s imports %s: %s; only %v may", i.file, i.what, g.why, g.rooms)
		}
	}
}

func allowed(room string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(other string) bool {
		return room == other || other != "." && within(room, other)
	})
}

// TestDoublesAreImportedByTestsOnly keeps what plays a desktop out of the program.
func TestDoublesAreImportedByTestsOnly(t *testing.T) {
	for _, i := range imports(t) {
		own, ours := strings.CutPrefix(i.what, "./")
		if ours && forTests(own) && !i.test && !forTests(i.room) {
			t.Errorf("%s imports %s: it is for tests", i.file, i.what)
		}
	}
}

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath  string
	GoFiles     []string
	CgoFiles    []string
	TestGoFiles []string
	Standard    bool
}

// list runs go list for a build.
func list(t *testing.T, environment []string, args ...string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,GoFiles,CgoFiles,TestGoFiles,Standard"}, args...)...)
	cmd.Env = append(cmd.Environ(), environment...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, errs.String())
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// TestTheProgramForServersHasNoScreenAndNoCgo looks at all that the headless build links, on every system.
func TestTheProgramForServersHasNoScreenAndNoCgo(t *testing.T) {
	for _, system := range []string{"linux", "windows", "darwin"} {
		for _, p := range list(t, []string{"GOOS=" + system, "GOARCH=amd64", "CGO_ENABLED=0"}, "-deps", "-tags", "headless", ".") {
			if within(p.ImportPath, "fyne.io/fyne/v2") {
				t.Errorf("on %s the headless program links %s", system, p.ImportPath)
			}
			if len(p.CgoFiles) > 0 && !p.Standard {
				t.Errorf("on %s the headless program needs cgo for %s", system, p.ImportPath)
			}
		}
	}
}

// TestRoomsOfTheAgentStayFreeOfTheScreen looks at what the agent's rooms link in the program that has a window.
func TestRoomsOfTheAgentStayFreeOfTheScreen(t *testing.T) {
	for _, room := range []string{"./gui/terminal", "./gui/tray", "./gui/notify", "./gui/headline", "./gui/support", "./gui/web", "./gui/wording", "./watcher/...", "./sage/...", "./assets"} {
		for _, p := range list(t, []string{"CGO_ENABLED=0"}, "-deps", "-tags", "x11", room) {
			if within(p.ImportPath, "fyne.io/fyne/v2") {
				t.Errorf("%s links %s: the agent has no window", room, p.ImportPath)
			}
		}
	}
}

// TestTheScreensNeedNoOpenGL looks at what the window's screens link: everything but desktop is tested without.
func TestTheScreensNeedNoOpenGL(t *testing.T) {
	for _, p := range list(t, []string{"CGO_ENABLED=0"}, "-deps", "-test", "-tags", "headless", "./gui/...") {
		if within(p.ImportPath, "fyne.io/fyne/v2/app", "github.com/go-gl") {
			t.Errorf("the tests of gui link %s, which needs OpenGL", p.ImportPath)
		}
	}
}

// TestTheTopHoldsTheWiringOnly: the layout up here is fixed.
func TestTheTopHoldsTheWiringOnly(t *testing.T) {
	for _, tag := range []string{"headless", "x11"} {
		for _, p := range list(t, []string{"CGO_ENABLED=0"}, "-tags", tag, ".") {
			if !slices.Equal(p.GoFiles, []string{"main.go"}) || !slices.Equal(p.TestGoFiles, []string{"main_test.go"}) {
				t.Errorf("up here are %v and %v, with the tag %s", p.GoFiles, p.TestGoFiles, tag)
			}
		}
	}
}

// TestEveryTestThatIsPromisedExists looks for the tests that SECURITY.md and the package comments name.
func TestEveryTestThatIsPromisedExists(t *testing.T) {
	there := map[string]bool{}
	promised := map[string]string{} // a test's name, and who names it
	named := regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z][A-Za-z0-9]{7,}\b`)
	security, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range named.FindAllString(string(security), -1) {
		promised[name] = "SECURITY.md"
	}
	if len(promised) < 50 {
		t.Errorf("SECURITY.md names %d tests", len(promised))
	}
	set := token.NewFileSet()
	sources(t, func(name string) error {
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			if function, is := declared.(*ast.FuncDecl); is && function.Recv == nil {
				there[function.Name.Name] = true
			}
		}
		for _, name := range named.FindAllString(file.Doc.Text(), -1) {
			promised[name] = file.Name.Name
		}
		return nil
	})
	for name, who := range promised {
		if !there[name] {
			t.Errorf("%s promises %s: there is no such test", who, name)
		}
	}
}

// TestEveryRoomSaysWhatItIsFor asks for a package comment.
func TestEveryRoomSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	set := token.NewFileSet()
	sources(t, func(name string) error {
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(set, name, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		room := filepath.ToSlash(filepath.Dir(name))
		said[room] = said[room] || strings.TrimSpace(file.Doc.Text()) != ""
		return nil
	})
	for room, yes := range said {
		if !yes {
			t.Errorf("%s has no comment that says what the room is for and what may not enter", room)
		}
	}
}
