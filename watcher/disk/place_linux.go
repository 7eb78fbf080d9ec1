package disk

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// volume is the mount that a name lies under, and its kind.
func volume(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	return mountOf(bufio.NewScanner(f), name)
}

// mountOf finds the mount that is nearest to a name; of several at one place the last one is seen. See proc(5), mountinfo.
func mountOf(lines *bufio.Scanner, name string) string {
	at, kind := "", ""
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		_, after, found := strings.Cut(lines.Text(), " - ")
		if len(fields) < 5 || !found {
			continue
		}
		mount := unescaped(fields[4])
		relative, err := filepath.Rel(mount, name)
		if err != nil || !filepath.IsLocal(relative) || len(mount) < len(at) {
			continue
		}
		at, kind = mount, strings.Fields(after)[0]
	}
	if at == "" {
		return ""
	}
	return at + " (" + kind + ")"
}

// unescaped undoes the octal escapes of a space and the like.
func unescaped(text string) string {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				plain.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}

// opener looks through the open files of this user's processes, this one left out.
func opener(name string) string {
	file, err := os.Stat(name)
	if err != nil {
		return ""
	}
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return ""
	}
	own := strconv.Itoa(os.Getpid())
	for _, process := range processes {
		if _, err := strconv.Atoi(process.Name()); err != nil || process.Name() == own {
			continue
		}
		folder := filepath.Join("/proc", process.Name())
		open, err := os.ReadDir(filepath.Join(folder, "fd"))
		if err != nil {
			continue // of another user
		}
		for _, fd := range open {
			if other, err := os.Stat(filepath.Join(folder, "fd", fd.Name())); err == nil && os.SameFile(file, other) {
				comm, _ := os.ReadFile(filepath.Join(folder, "comm"))
				return strings.TrimSpace(string(comm))
			}
		}
	}
	return ""
}
