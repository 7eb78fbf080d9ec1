package watcher

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postroom/assets"
	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// ward is a rig whose disk has as much room as a test says, and in which one file was accepted.
type ward struct {
	*rig
	free *atomic.Uint64
	sent string // where that file lies
}

func inWard(t *testing.T, prepare func(*ward), test func(t *testing.T, w *ward)) {
	t.Helper()
	inBubble(t, slow, func(t *testing.T, r *rig) {
		w := &ward{rig: r, free: new(atomic.Uint64)}
		w.free.Store(1 << 40)
		r.options.FS = fullDisk{disk.OS(), w.free}
		if prepare != nil {
			prepare(w)
		}
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.drain()
		w.sent = filepath.Join(r.desk, acme, filepath.FromSlash(r.expect("a.json", journal.Accepted).Path))
		test(t, w)
	})
}

// examined are the codes that the doctor tells, by level.
func (r *rig) examined() map[Level][]string {
	r.t.Helper()
	findings, err := r.Doctor(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	codes := make(map[Level][]string)
	for _, f := range findings {
		codes[f.Level] = append(codes[f.Level], f.Code)
	}
	return codes
}

func TestTheDoctorFindsAHealthyHomeWell(t *testing.T) {
	inWard(t, nil, func(t *testing.T, w *ward) {
		found := w.examined()
		if len(found[LevelWrong]) > 0 {
			t.Errorf("wrong: %v", found[LevelWrong])
		}
		for _, code := range []string{
			"homeGood", "roomGood", "folderGood", "lockOurs", "journalGood", "contentGood", "vaultGood", "keysThere", "keyGood", "proxyNone",
			"platformReached",
		} {
			if !slices.Contains(found[LevelWell], code) {
				t.Errorf("%s is not told among %v", code, found[LevelWell])
			}
		}
		if files := w.files(acme); strings.Contains(files, "doctor") {
			t.Errorf("the doctor left something behind:\n%s", files)
		}
	})
}

func TestTheDoctorFindsWhatIsWrong(t *testing.T) {
	const secondVault = "connectionacmeltd"
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, w *ward)
		level Level
		code  string
	}{
		{"a full disk", func(_ *testing.T, w *ward) { w.free.Store(roomUsual<<20 - 1) }, LevelWrong, "diskFull"},
		{"a folder that was removed", func(t *testing.T, w *ward) {
			must(t, os.RemoveAll(filepath.Join(w.desk, acme, "Failed")))
		}, LevelWrong, "folderMissing"},
		{"a company's folder that is away", func(t *testing.T, w *ward) {
			must(t, os.Rename(filepath.Join(w.desk, acme), filepath.Join(w.desk, "elsewhere")))
		}, LevelWrong, "folderAway"},
		{"a sent file that was changed", func(t *testing.T, w *ward) {
			must(t, os.WriteFile(w.sent, []byte("[]"), 0o600))
		}, LevelWrong, "contentChanged"},
		{"a sent file that a person took", func(t *testing.T, w *ward) { must(t, os.Remove(w.sent)) }, LevelNote, "contentGone"},
		{"keys that are gone", func(t *testing.T, w *ward) {
			must(t, w.options.Vault.Delete(t.Context(), secondVault))
		}, LevelWrong, "keysMissing"},
		{"a locked key", func(t *testing.T, w *ward) {
			must(t, w.platform.LockKey(acme, ""))
			w.drop(acme, "Outbox/orders/b.json", orders(100, 1))
			w.pass(time.Hour)
		}, LevelWrong, "connectionLocked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWard(t, nil, func(t *testing.T, w *ward) {
				c.spoil(t, w)
				if found := w.examined(); !slices.Contains(found[c.level], c.code) {
					t.Errorf("%s is not told: %v", c.code, found)
				}
			})
		})
	}
}

func TestTheDoctorTellsOfTheWayToThePlatform(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(*http.Request) (*http.Response, error)
		level  Level
		code   string
	}{
		{"no network", func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: errors.New("unreachable")}
		}, LevelWrong, "platformSilent"},
		{"a clock that is wrong", func(r *http.Request) (*http.Response, error) {
			return answerWith(r, http.StatusNotFound, "", "Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)), nil
		}, LevelWrong, "clockOff"},
		{"a clock that is right", func(r *http.Request) (*http.Response, error) {
			return answerWith(r, http.StatusOK, "", "Date", time.Now().UTC().Format(http.TimeFormat)), nil
		}, LevelWell, "clockGood"},
		{"a certificate that ends soon", func(r *http.Request) (*http.Response, error) {
			answer := answerWith(r, http.StatusOK, "")
			answer.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{NotAfter: time.Now().Add(24 * time.Hour)}}}
			return answer, nil
		}, LevelNote, "tlsEnds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			prepare := func(w *ward) {
				w.options.Transport = &meddler{under: w.options.Transport, before: func(r *http.Request) (*http.Response, error) {
					if r.URL.Path == "/" {
						return c.answer(r)
					}
					return nil, nil
				}}
			}
			inWard(t, prepare, func(t *testing.T, w *ward) {
				if found := w.examined(); !slices.Contains(found[c.level], c.code) {
					t.Errorf("%s is not told: %v", c.code, found)
				}
			})
		})
	}
}

func TestTheReasonsForNotReachingThePlatformAreToldApart(t *testing.T) {
	for want, err := range map[string]error{
		"tlsUnknown":     &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
		"tlsOtherName":   &tls.CertificateVerificationError{Err: x509.HostnameError{Host: "a", Certificate: new(x509.Certificate)}},
		"tlsExpired":     x509.CertificateInvalidError{Reason: x509.Expired, Cert: new(x509.Certificate)},
		"tlsBroken":      tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"},
		"platformNoName": &net.OpError{Op: "dial", Err: &net.DNSError{Name: "a", IsNotFound: true}},
		"platformSilent": context.DeadlineExceeded,
	} {
		if got := unreached(fmt.Errorf("reaching: %w", err)); got != want {
			t.Errorf("%v is told as %s, want %s", err, got, want)
		}
	}
}

// amnesiac is a vault that gives back something else than it was given.
type amnesiac struct{ vault.Vault }

func (f amnesiac) Get(ctx context.Context, connection string, item vault.Item) (sage.Secret, error) {
	if item == vault.CandidateKey {
		return sage.NewSecret("something else"), nil
	}
	return f.Vault.Get(ctx, connection, item)
}

// torn is a journal that does not hold together.
type torn struct{ *journal.Journal }

func (torn) Faults(context.Context) ([]string, error) {
	return []string{"row 7 missing from index"}, nil
}

func TestTheDoctorFindsAForgetfulVaultAndATornJournal(t *testing.T) {
	prepare := func(w *ward) {
		w.options.Vault = amnesiac{w.options.Vault}
		w.options.Journal = func(ctx context.Context) (Journal, error) {
			j, err := journal.Open(ctx, filepath.Join(w.home, journalFile), journal.Options{})
			return torn{j}, err
		}
	}
	inWard(t, prepare, func(t *testing.T, w *ward) {
		found := w.examined()
		for _, code := range []string{"vaultForgets", "journalDamaged"} {
			if !slices.Contains(found[LevelWrong], code) {
				t.Errorf("%s is not told: %v", code, found)
			}
		}
	})
}

func TestWithoutARunTheDoctorReadsWhoHasAnOutbox(t *testing.T) {
	inWard(t, nil, func(t *testing.T, w *ward) {
		w.stop()
		w.options.Agent = false
		e, err := Open(t.Context(), w.options)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		w.Engine = e
		lock := filepath.Join(w.desk, acme, "Outbox", outboxLock)
		for want, h := range map[string]Holder{
			"lockFree":  {},
			"lockHeld":  {User: "ana", Computer: "other", Home: "/home/ana", Alive: time.Now()},
			"lockStale": {User: "ana", Computer: "other", Home: "/home/ana", Alive: time.Now().Add(-time.Hour)},
		} {
			if err := writeNote(lock, note{Holder: h}); err != nil {
				t.Fatal(err)
			}
			found := w.examined()
			if all := slices.Concat(found[LevelWell], found[LevelNote], found[LevelWrong]); !slices.Contains(all, want) {
				t.Errorf("%s is not told: %v", want, found)
			}
		}
	})
}

func TestTheDoctorHearsWhetherTheSystemTellsOfFiles(t *testing.T) {
	x := &examination{e: &Engine{fs: disk.OS(), log: (Options{}).fill().Logger}}
	folder := t.TempDir()
	x.events(t.Context(), folder)
	x.events(t.Context(), filepath.Join(folder, "not there"))
	if len(x.findings) > 0 && x.findings[0].Code == "eventsFull" {
		t.Skip("this user has no watch of the system's left")
	}
	if len(x.findings) != 2 || x.findings[0].Code != "eventsArrive" || x.findings[1].Code != "eventsSwept" {
		t.Errorf("told %+v", x.findings)
	}
}

func TestEveryFindingHasASentence(t *testing.T) {
	codes := doctorCodes(t)
	if len(codes) < 30 {
		t.Fatalf("only %d codes are found", len(codes))
	}
	for _, language := range assets.Languages() {
		words := assets.For(language.Tag)
		for code, level := range codes {
			if !words.Has("doctor."+code) && !words.Has("problem."+code) {
				t.Errorf("%s: %q has no sentence", language.Tag, code)
			}
			if level == "wrong" && !words.Has("doctor."+code+".do") && !words.Has("problem."+code+".do") {
				t.Errorf("%s: what to do about %q is not said", language.Tag, code)
			}
		}
	}
}
