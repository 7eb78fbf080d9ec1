package watcher

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"postroom/sage/sandbox"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// outside is a folder beside the companies' with a file that is nobody's business.
func (r *rig) outside() (folder, file string) {
	r.t.Helper()
	folder = filepath.Join(r.t.TempDir(), "outside")
	file = filepath.Join(folder, "private.json")
	if err := errors.Join(os.MkdirAll(filepath.Join(folder, "orders"), 0o700), os.WriteFile(file, orders(900_000, 1), 0o600)); err != nil {
		r.t.Fatal(err)
	}
	stamp := time.Now().Add(-time.Hour)
	if err := os.Chtimes(file, stamp, stamp); err != nil {
		r.t.Fatal(err)
	}
	return folder, file
}

// untouched fails unless the folder outside is as outside made it, but for what a test says is there besides.
func (r *rig) untouched(folder string, besides ...string) {
	r.t.Helper()
	var names []string
	err := filepath.WalkDir(folder, func(name string, _ os.DirEntry, err error) error {
		if name != folder {
			names = append(names, filepath.ToSlash(strings.TrimPrefix(name, folder+"/")))
		}
		return err
	})
	want := append([]string{"orders", "private.json"}, besides...)
	slices.Sort(want)
	if err != nil || !slices.Equal(names, want) {
		r.t.Errorf("outside lie %q, %v; want %q", names, err, want)
	}
	if data, err := os.ReadFile(filepath.Join(folder, "private.json")); err != nil || string(data) != string(orders(900_000, 1)) {
		r.t.Errorf("the file outside has changed: %v", err)
	}
	for _, f := range r.platform.Files() {
		if f.SHA256 == hashOf(orders(900_000, 1)) {
			r.t.Error("the file outside was sent")
		}
	}
}

// loose is what the window shows of files that are not carried: code by name.
func (r *rig) loose() map[string]string {
	r.t.Helper()
	overview := must(r.Overview(r.t.Context()))(r.t)
	codes := map[string]string{}
	for _, company := range overview.Companies {
		for _, l := range company.Loose {
			codes[l.Name] = l.Problem.Code
		}
	}
	return codes
}

func TestWhatIsNoFileInOutboxIsExplainedAndNeitherFollowedNorTouched(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		folder, file := r.outside()
		outbox := filepath.Join(r.desk, acme, "Outbox")
		want := map[string]string{}
		make := func(code string, make func(name string) error) {
			name := fmt.Sprintf("%s-%d.json", code, len(want))
			for _, at := range []string{filepath.Join(outbox, "orders", name), filepath.Join(outbox, "top-"+name)} {
				if err := make(at); err != nil {
					if errors.Is(err, os.ErrPermission) {
						t.Logf("%s needs more rights: %v", name, err)
						return
					}
					t.Fatal(err)
				}
			}
			want[name], want["top-"+name] = code, code
		}
		for _, target := range []string{file, folder, "/dev/zero", "nowhere.json", filepath.Join(outbox, "orders"), "../../../../../../../../etc/passwd"} {
			make("fileIsLink", func(name string) error { return os.Symlink(target, name) })
		}
		make("fileIsLink", func(name string) error { return os.Symlink(name, name) }) // a loop
		make("fileIsDevice", func(name string) error { return syscall.Mkfifo(name, 0o600) })
		make("fileIsDevice", func(name string) error { // its end is never closed: a socket that is listened at
			listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: shortName(t, name), Net: "unix"})
			if err == nil {
				t.Cleanup(func() { listener.Close() })
			}
			return err
		})
		make("fileIsDevice", func(name string) error { return syscall.Mknod(name, syscall.S_IFCHR|0o600, 1<<8|3) }) // null
		make("fileIsFolder", func(name string) error { return os.Mkdir(name, 0o700) })
		r.start()
		good := orders(1, 2)
		r.drop(acme, "Outbox/orders/good.json", good)
		r.pass(30 * time.Minute)
		r.expect("good.json", journal.Accepted)
		got := r.loose()
		for name, code := range want {
			if got[name] != code {
				t.Errorf("%s is told as %q", name, got[name])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d are told, of %d", len(got), len(want))
		}
		for name := range want {
			at := filepath.Join(outbox, "orders", name)
			if top, isTop := strings.CutPrefix(name, "top-"); isTop {
				at = filepath.Join(outbox, "top-"+top)
			}
			if info, err := os.Lstat(at); err != nil || info.Mode().IsRegular() {
				t.Errorf("%s is not as it was: %v", at, err)
			}
		}
		if n := len(r.platform.Files()); n != 1 {
			t.Errorf("the platform has %d files", n)
		}
		r.untouched(folder)
		r.blameless()
	})
}

// shortName is a name for a socket that its address has room for, and that stands for a longer one.
func shortName(t *testing.T, name string) string {
	t.Helper()
	if len(name) < 100 {
		return name
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(name))
}

func TestAFileThatBecomesALinkBeforeItIsReadIsNotFollowed(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		folder, file := r.outside()
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1)[:20]) // cut: it is looked at again
		r.pass(10 * time.Second)
		at := filepath.Join(r.desk, acme, "Outbox", "orders", "a.json")
		if err := errors.Join(os.Remove(at), os.Symlink(file, at)); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		if got := r.loose()["a.json"]; got != "fileIsLink" {
			t.Errorf("it is told as %q", got)
		}
		r.untouched(folder)
	})
}

func TestAHardLinkIsCarriedAndItsOtherNameStays(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		folder, _ := r.outside()
		elsewhere := filepath.Join(folder, "mine.json")
		content := orders(1, 2)
		if err := os.WriteFile(elsewhere, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a.json", "b.json"} { // two names of one file, and so the same content twice
			if err := os.Link(elsewhere, filepath.Join(r.desk, acme, "Outbox", "orders", name)); err != nil {
				t.Fatal(err)
			}
		}
		stamp := time.Now().Add(-time.Minute)
		if err := os.Chtimes(elsewhere, stamp, stamp); err != nil {
			t.Fatal(err)
		}
		r.start()
		r.pass(30 * time.Minute)
		states := []string{string(r.named("a.json").State), string(r.named("b.json").State)}
		slices.Sort(states)
		if !slices.Equal(states, []string{"accepted", "held"}) {
			t.Errorf("they are %v\n%s", states, r.files(acme))
		}
		r.untouched(folder, "mine.json")
		if data, err := os.ReadFile(elsewhere); err != nil || string(data) != string(content) {
			t.Errorf("the other name: %v", err)
		}
		taken := 0
		for _, f := range r.platform.Files() {
			if f.SHA256 == hashOf(content) {
				taken++
			}
		}
		if taken != 1 {
			t.Errorf("it was taken %d times", taken)
		}
		r.blameless()
	})
}

// strangeNames are names that a person, a program or another system may give a file, and that this one allows.
func strangeNames() []string {
	long := strings.Repeat("ä", 125) + ".json" // 255 bytes
	return []string{
		long, strings.Repeat("x", 250) + ".json", strings.Repeat("y", 255), "new\nline.json", "tab\t.json", "carriage\r.json", "escape\x1b[31m.json", "bell\a.json", "\x7f.json",
		"invalid-\xff\xfe.json", "half-\xe2\x82.json", "-rf.json", "--send.json", "$(reboot).json", "`id`.json", "a;b&c|d.json", "quote'\".json", `back\slash.json`, "colon:x.json",
		"star*?.json", "<b>&amp;.json", "CON.json", "nul", "aux .json", "trailing. ", "trailing.", " leading.json", "two  spaces.json", "\u202egpj.json", "zero\u200bwidth.json", "\ufeffmark.json",
		"e\u0301.json", "emoji-\U0001f98a.json", "%s%n.json", "{{.Name}}.json", "a.result.json", "a.error.txt", "a.unclear.txt", "no-extension", "dots...json", "history", "~tilde.json", "#hash.json",
	}
}

func TestFilesOfStrangeNamesAreCarriedUnderTheirOwnNames(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		folder, _ := r.outside()
		r.start()
		var contents [][]byte
		for i, name := range strangeNames() {
			contents = append(contents, orders(10*i+1, 1))
			r.drop(acme, "Outbox/orders/"+name, contents[i])
		}
		r.drain()
		for i, name := range strangeNames() {
			transfer := r.bySHA(hashOf(contents[i]))
			if transfer.State != journal.Accepted || transfer.Path != "Sent/"+month()+"/"+filepath.Base(transfer.Path) {
				t.Errorf("%q is %s at %q", name, transfer.State, transfer.Path)
				continue
			}
			data, err := os.ReadFile(filepath.Join(r.desk, acme, filepath.FromSlash(transfer.Path)))
			if err != nil || hashOf(data) != hashOf(contents[i]) {
				t.Errorf("%q: %v", name, err)
			}
			if base := filepath.Base(transfer.Path); base != name && !strings.Contains(base, " (") {
				t.Errorf("%q has become %q", name, base)
			}
			if _, err := os.Stat(filepath.Join(r.desk, acme, filepath.FromSlash(transfer.ResultPath))); err != nil || transfer.ResultState != journal.ResultLaid {
				t.Errorf("the result of %q is %s at %q: %v", name, transfer.ResultState, transfer.ResultPath, err)
			}
		}
		r.invariants(acme, contents, true)
		r.untouched(folder)
		if log := r.log.String(); strings.ContainsAny(log, "\x1b\a\x7f\r") || strings.Contains(log, "\nline.json") {
			t.Error("a name moves text about in the log")
		}
	})
}

func TestStrangeNamesThatAreNotSentHaveTheirNoteBesideThem(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		contents := make([][]byte, len(strangeNames()))
		for i, name := range strangeNames() {
			contents[i] = fmt.Appendf(nil, `[{"id": %d}]`, i) // nothing else that an order needs
			r.drop(acme, "Outbox/orders/"+name, contents[i])
		}
		r.pass(10 * time.Minute)
		notes := map[string]bool{}
		for i, name := range strangeNames() {
			transfer := r.bySHA(hashOf(contents[i]))
			if transfer.State != journal.Unchecked || filepath.Dir(transfer.Path) != "Failed" {
				t.Errorf("%q is %s at %q", name, transfer.State, transfer.Path)
				continue
			}
			note := filepath.Join(r.desk, acme, "Failed", disk.Beside(filepath.Base(transfer.Path), ".error.txt"))
			text, err := os.ReadFile(note)
			if err != nil || len(text) == 0 || notes[note] {
				t.Errorf("%q has no note of its own: %v", name, err)
			}
			notes[note] = true
			if strings.ContainsFunc(strings.ReplaceAll(string(text), "\n", ""), unicode.IsControl) || !utf8.Valid(text) {
				t.Errorf("the note of %q cannot be read: %q", name, text)
			}
		}
		r.invariants(acme, contents, true)
	})
}

// bySHA is the transfer of a content.
func (r *rig) bySHA(hash string) journal.Transfer {
	r.t.Helper()
	found, err := r.journal.Transfers(r.t.Context(), journal.Query{})
	if err != nil {
		r.t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(t journal.Transfer) bool { return t.SHA256 == hash })
	if i < 0 {
		r.t.Fatalf("no transfer among %d has %s\n%s", len(found), hash, r.log)
	}
	return found[i]
}

// company's folders, each of which may be replaced by a link that leads out.
var replaceable = []string{"Outbox", "Outbox/orders", "Outbox/.sending", "Sent", "Failed", "Inbox", "Inbox/results", "Inbox/.incoming"}

func TestAFolderThatIsALinkLeadsNothingOut(t *testing.T) {
	for _, name := range replaceable {
		for _, when := range []string{"before the start", "while files wait", "while one is on its way"} {
			t.Run(name+" "+when, func(t *testing.T) {
				inBubble(t, slow, func(t *testing.T, r *rig) { r.replaced(name, when) })
			})
		}
	}
}

func TestALockThatIsNoFileIsToldAndNothingIsWrittenIntoIt(t *testing.T) {
	for what, make := range map[string]func(private, name string) error{
		"a link":   os.Symlink,
		"a pipe":   func(_, name string) error { return syscall.Mkfifo(name, 0o600) },
		"a folder": func(_, name string) error { return os.Mkdir(name, 0o700) },
		"nothing":  func(_, name string) error { return os.Symlink(filepath.Join(filepath.Dir(name), "nowhere"), name) },
	} {
		for _, when := range []string{"before the start", "later"} {
			t.Run(what+" "+when, func(t *testing.T) {
				inBubble(t, slow, func(t *testing.T, r *rig) {
					folder, private := r.outside()
					at := filepath.Join(r.desk, acme, "Outbox", outboxLock)
					put := func() {
						if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
							t.Fatal(err)
						}
						if err := make(private, at); err != nil {
							t.Fatal(err)
						}
					}
					if when == "before the start" {
						put()
						r.start()
					} else {
						r.start()
						r.pass(time.Minute)
						put()
					}
					r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
					r.pass(5 * time.Minute)
					r.untouched(folder)
					if !strings.Contains(string(r.shown()), "lockBlocked") {
						t.Errorf("nobody is told\n%s", r.log)
					}
					if err := os.Remove(at); err != nil {
						t.Fatal(err)
					}
					r.drain()
					r.expect("a.json", journal.Accepted)
				})
			})
		}
	}
}

// clutter are things that are no files, by what they are.
func clutter(private string) map[string]func(name string) error {
	return map[string]func(name string) error{
		"link":   func(name string) error { return os.Symlink(private, name) },
		"pipe":   func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"folder": func(name string) error { return os.MkdirAll(filepath.Join(name, "within"), 0o700) },
		"gone":   func(name string) error { return os.Symlink("nowhere", name) },
	}
}

func TestWhatStandsInTheWayInOurOwnFoldersHoldsUpNothing(t *testing.T) {
	for _, what := range []string{"link", "pipe", "folder", "gone"} {
		t.Run(what, func(t *testing.T) {
			inBubble(t, slow, func(t *testing.T, r *rig) {
				folder, private := r.outside()
				put := clutter(private)[what]
				root := filepath.Join(r.desk, acme)
				in := []string{
					"Outbox/.sending/00dc6acf-ac00-76b2-9ec4-4291d57794df", "Outbox/.sending/stray", "Outbox/.sending/new\nline", "Outbox/Held/a.json",
					"Sent/" + month() + "/a.json", "Failed/b.json", "Failed/b.error.txt", "Inbox/results/a.result.json", "Inbox/.incoming/.a.result.json.1.postroom-part",
					"Inbox/customers/customers.json", "Inbox/products/history/x", "Outbox/.b.json.1.postroom-part",
				}
				for _, name := range in {
					at := filepath.Join(root, filepath.FromSlash(name))
					if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o700), put(at)); err != nil {
						t.Fatal(err)
					}
				}
				if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(3)); err != nil {
					t.Fatal(err)
				}
				r.start()
				good := orders(1, 1)
				r.drop(acme, "Outbox/orders/a.json", good)
				r.drop(acme, "Outbox/orders/b.json", []byte(`[{"id": 1}]`))
				r.pass(time.Hour)
				a, b := r.expect("a.json", journal.Accepted), r.expect("b.json", journal.Unchecked)
				if a.Path != "Sent/"+month()+"/a (2).json" || a.ResultPath != "Inbox/results/a (2).result.json" || b.Path != "Failed/b (2).json" {
					t.Errorf("they lie at %q, %q and %q", a.Path, a.ResultPath, b.Path)
				}
				if lists := must(r.Lists(t.Context(), acme))(t); len(lists) != 1 {
					t.Errorf("%d lists came", len(lists))
				}
				for _, name := range in {
					info, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name)))
					if err != nil && name != "Inbox/customers/customers.json" || err == nil && info.Mode().IsRegular() && name != "Inbox/customers/customers.json" {
						t.Errorf("%s is not what it was: %v", name, err)
					}
				}
				r.untouched(folder)
				r.blameless()
			})
		})
	}
}

func TestTheDoctorTriesNoFolderThatIsALink(t *testing.T) {
	company, outside := t.TempDir(), t.TempDir()
	for _, name := range []string{"Outbox/orders", "Inbox", "Failed"} {
		if err := os.MkdirAll(filepath.Join(company, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(company, "Sent")); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(outside)
	if err != nil {
		t.Fatal(err)
	}
	x := &examination{e: bareEngine(t.TempDir())}
	x.folders(t.Context(), place{company: acme, folder: company, records: []accountRecord{{Account: Account{Domain: "ecommerce"}}}})
	told := slices.ContainsFunc(x.findings, func(f Finding) bool {
		return f.Code == codeBlocked && f.Level == LevelWrong && f.Args["folder"] == filepath.Join(company, "Sent")
	})
	if after, err := os.Stat(outside); err != nil || !told || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("%+v, %v", x.findings, err)
	}
}

// replaced puts a link in a folder's place at some time, and gives the folder back later.
func (r *rig) replaced(name, when string) {
	r.t.Helper()
	folder, _ := r.outside()
	at := filepath.Join(r.desk, acme, filepath.FromSlash(name))
	aside := filepath.Join(r.t.TempDir(), "aside")
	link := func() {
		r.t.Helper()
		if err := os.Rename(at, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
			r.t.Fatal(err)
		}
		if err := os.Symlink(folder, at); err != nil {
			r.t.Fatal(err)
		}
	}
	good, bad := orders(1, 2), []byte(`[{"id": 1}]`)
	drop := func() {
		r.drop(acme, "Outbox/orders/good.json", good)
		r.drop(acme, "Outbox/orders/bad.json", bad)
	}
	switch when {
	case "before the start":
		drop()
		link()
		r.start()
	case "while files wait":
		if err := r.platform.SetInstalled(acme, false); err != nil {
			r.t.Fatal(err)
		}
		r.start()
		drop()
		r.pass(40 * time.Millisecond)
		link()
	default:
		r.start()
		drop()
		r.pass(5 * time.Second)
		link()
	}
	r.pass(3 * time.Minute)
	_ = r.platform.SetInstalled(acme, true)
	r.pass(3 * time.Minute)
	r.untouched(folder)
	if told := strings.Contains(string(r.shown()), "outboxBlocked"); !told {
		r.t.Errorf("nobody is told that %s is a link\n%s", name, r.log)
	}
	if err := os.Remove(at); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(aside, at); err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	r.drain()
	r.expect("good.json", journal.Accepted)
	r.expect("bad.json", journal.Unchecked)
	r.untouched(folder)
	r.invariants(acme, [][]byte{good, bad}, true)
}
