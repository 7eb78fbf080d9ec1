package disk

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAVolumeIsTheNearestMount(t *testing.T) {
	const mounts = `22 1 8:1 / / rw - ext4 /dev/sda1 rw
30 22 0:40 / /srv/my\040files rw shared:1 - nfs4 server:/files rw
31 22 0:41 / /srv/my rw - tmpfs tmpfs rw
32 30 0:42 / /srv/my\040files rw - cifs //server/files rw
`
	for name, want := range map[string]string{
		"/srv/my files/Acme Ltd": "/srv/my files (cifs)", // the one that was mounted over the other
		"/srv/my":                "/srv/my (tmpfs)",
		"/srv/mystery":           "/ (ext4)",
	} {
		if got := mountOf(bufio.NewScanner(strings.NewReader(mounts)), name); got != want {
			t.Errorf("%s lies on %q, want %q", name, got, want)
		}
	}
	if got := volume(t.TempDir()); !strings.Contains(got, "(") {
		t.Errorf("a real folder lies on %q", got)
	}
}

func TestTheProgramThatHasAFileOpenIsNamed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "orders.json")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := opener(name); got != "" {
		t.Errorf("nobody else has it open, and %q is named", got)
	}
	cat := exec.Command("cat")
	in, err := cat.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cat.ExtraFiles = []*os.File{f}
	if err := cat.Start(); err != nil {
		t.Fatal(err)
	}
	if got := opener(name); got != "cat" {
		t.Errorf("cat has it open, and %q is named", got)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cat.Wait(); err != nil {
		t.Fatal(err)
	}
}
