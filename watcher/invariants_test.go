package watcher

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

// hashOf is a content's hash as the journal has it.
func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// invariants checks what design.md section 7 says is always true, as far as a journey can break it: of a company, a
// platform and the contents that were dropped. Ended says that every journey must have ended, too.
func (r *rig) invariants(company string, dropped [][]byte, ended bool) {
	r.t.Helper()
	places := r.places(company)
	files := r.platform.Files()
	for i, content := range dropped {
		hash := hashOf(content)
		if at := places[hash]; len(at) != 1 {
			r.t.Errorf("1: file %d is at %v, of\n%s", i, at, r.files(company))
		}
		var took []sandbox.File
		for _, f := range files {
			if f.SHA256 == hash {
				took = append(took, f)
			}
		}
		if len(took) > 1 {
			r.t.Errorf("2: the platform took file %d %d times", i, len(took))
		}
	}
	known := make(map[string]bool)
	for _, content := range dropped {
		known[hashOf(content)] = true
	}
	for _, f := range files {
		if f.SHA256 != "" && !known[f.SHA256] {
			r.t.Errorf("3: the platform took what was never dropped: %+v", f)
		}
	}
	r.invariantsOfRecords(files, ended)
	r.invariantsOfInbox(company)
	r.blameless()
}

// places tells where each content lies in Outbox, Sent and Failed.
func (r *rig) places(company string) map[string][]string {
	r.t.Helper()
	places := make(map[string][]string)
	for _, folder := range []string{"Outbox", "Sent", "Failed"} {
		err := filepath.WalkDir(filepath.Join(r.desk, company, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			hash := hashOf(content)
			relative, _ := filepath.Rel(filepath.Join(r.desk, company), path)
			places[hash] = append(places[hash], relative)
			return nil
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	return places
}

func (r *rig) invariantsOfRecords(files []sandbox.File, ended bool) {
	r.t.Helper()
	found, err := r.journal.Transfers(r.t.Context(), journal.Query{})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, t := range found {
		accepted := false
		for _, f := range files {
			accepted = accepted || f.SHA256 == t.SHA256 && f.Status == sandbox.Accepted
		}
		if t.State == journal.Accepted && !accepted {
			r.t.Errorf("4: %s is shown as accepted", t.Name)
		}
		if ended && (!t.State.Final() || t.From != "" || t.ResultState == journal.ResultAwaited) {
			r.t.Errorf("8: %s has not ended: %s, from %q, result %q, cause %v", t.Name, t.State, t.From, t.ResultState, t.Cause)
		}
	}
}

func (r *rig) invariantsOfInbox(company string) {
	r.t.Helper()
	root := filepath.Join(r.desk, company, "Inbox")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, ".incoming") {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && !json.Valid(content) {
			r.t.Errorf("5: %s is not whole", path)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// secretsStayIn fails if a key or a secret of a company is in the log, or in any file of the home.
func (r *rig) secretsStayIn(t *testing.T, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		findSecret(t, secret, r.log.Bytes(), r.home)
	}
}
