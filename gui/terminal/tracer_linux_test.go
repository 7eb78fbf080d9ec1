package terminal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// step is one system call with which the program changes the world.
type step struct {
	kind  string // "file", "journal", "network" or "keyring"
	what  string // as "move .../Outbox/orders/a.json"
	paths []string
}

func (s step) String() string { return s.kind + ": " + s.what }

// tracer follows the real program from system call to system call, as a debugger does, and kills it right before one of its
// steps: what came before has happened, and what would come after has not.
type tracer struct {
	pid     int
	at      target
	over    chan struct{} // closed when the program has ended
	memory  *os.File
	sockets map[string]string // inode -> kind of what is sent there, "" for what is no step

	steps  []step         // up to the one that was not taken; read them when over
	counts map[string]int // of steps, by kind
	killed bool           // before the last of the steps
	err    error
}

// target is the step before which a program is killed: the nth of its kind, from 0. No kind: none.
type target struct {
	kind string
	nth  int
}

// What package unix has no name for.
const (
	traceInterrupt   = 0x4207
	traceSyscallInfo = 0x420e
	traceExitKill    = 0x100000
	syscallEntry     = 1
	waitOwnOnly      = 0x20000000 // __WNOTHREAD
)

// tracing is a thread that does nothing but follow: waiting for what it follows, it must have no children of its own, and Go
// starts a program from whatever thread is at hand. So it is taken before there are any.
var tracing = make(chan func())

func init() { go traceForever(tracing) }

func traceForever(work <-chan func()) {
	runtime.LockOSThread()
	for do := range work {
		do()
	}
}

// follow begins to count the steps of a process that was started by this one, and returns when no step can be missed.
func follow(t *testing.T, p *process, at target) *tracer {
	t.Helper()
	tr := &tracer{pid: p.cmd.Process.Pid, at: at, over: make(chan struct{}), sockets: make(map[string]string), counts: make(map[string]int)}
	attached := make(chan error, 1)
	tracing <- func() {
		defer close(tr.over)
		attached <- tr.attach()
		tr.run()
	}
	if err := <-attached; err != nil {
		t.Skip("needs to follow its own child by ptrace: ", err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-tr.over
		tr.memory.Close()
	})
	return tr
}

func (tr *tracer) proc(more ...string) string {
	return filepath.Join(append([]string{"/proc", strconv.Itoa(tr.pid)}, more...)...)
}

// attach takes hold of every thread there is; those that come later are taken hold of by the system.
func (tr *tracer) attach() (err error) {
	if tr.memory, err = os.Open(tr.proc("mem")); err != nil {
		return err
	}
	held := make(map[int]bool)
	for fresh := true; fresh; {
		fresh = false
		tasks, err := os.ReadDir(tr.proc("task"))
		if err != nil {
			return err
		}
		for _, task := range tasks {
			tid, err := strconv.Atoi(task.Name())
			if err != nil || held[tid] {
				continue
			}
			held[tid], fresh = true, true
			options := unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | traceExitKill
			if err := ptrace(unix.PTRACE_SEIZE, tid, 0, uintptr(options)); err != nil && !errors.Is(err, unix.EPERM) { // held since it began
				return err
			}
			_ = ptrace(traceInterrupt, tid, 0, 0) // one that has gone meanwhile needs none
		}
	}
	return nil
}

func ptrace(request, tid int, address, data uintptr) error {
	if _, _, errno := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), address, data, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// run lets the program go from stop to stop until it has ended.
func (tr *tracer) run() {
	for {
		var status unix.WaitStatus
		tid, err := unix.Wait4(-1, &status, unix.WALL|waitOwnOnly, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || tid == tr.pid && (status.Exited() || status.Signaled()) {
			return
		}
		if !status.Stopped() {
			continue
		}
		pass := 0
		switch signal := status.StopSignal(); {
		case signal == unix.SIGTRAP|0x80:
			tr.called(tid)
		case uint32(status)>>16 != 0: // a stop of the tracing itself
		default:
			pass = int(signal)
		}
		_ = unix.PtraceSyscall(tid, pass) // it may have been killed meanwhile
	}
}

// called looks at the system call that a thread is about to make.
func (tr *tracer) called(tid int) {
	var info struct {
		op     uint8
		_      [3]uint8
		_      uint32
		_, _   uint64
		number uint64
		args   [6]uint64
	}
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, traceSyscallInfo, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 || info.op != syscallEntry || tr.killed {
		return
	}
	s := tr.stepOf(int(info.number), info.args)
	if s.kind == "" || s.kind == "journal" && len(tr.steps) > 0 && tr.steps[len(tr.steps)-1].what == s.what {
		return // the pages of one commit are one step: that a torn one counts for nothing is SQLite's promise
	}
	tr.steps = append(tr.steps, s)
	if s.kind == tr.at.kind && tr.counts[s.kind] == tr.at.nth {
		tr.killed = true
		tr.err = unix.Kill(tr.pid, unix.SIGKILL)
	}
	tr.counts[s.kind]++
}

// stepOf tells what a system call changes; the kind is "" when it changes nothing that outlives the process.
func (tr *tracer) stepOf(number int, args [6]uint64) step {
	switch number {
	case unix.SYS_OPENAT:
		if args[2]&(unix.O_CREAT|unix.O_TRUNC) != 0 {
			return fileStep("create", tr.path(args[0], args[1]))
		}
	case unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_LINKAT:
		return fileStep("move", tr.path(args[0], args[1]), tr.path(args[2], args[3]))
	case unix.SYS_UNLINKAT:
		return fileStep("remove", tr.path(args[0], args[1]))
	case unix.SYS_MKDIRAT:
		return fileStep("make", tr.path(args[0], args[1]))
	case unix.SYS_FTRUNCATE:
		return fileStep("truncate", tr.opened(args[0]))
	case unix.SYS_FSYNC, unix.SYS_FDATASYNC:
		return fileStep("sync", tr.opened(args[0]))
	case unix.SYS_WRITE, unix.SYS_PWRITE64, unix.SYS_SENDTO:
		return tr.written(args[0], func() []byte { return tr.bytes(args[1], min(args[2], 512)) })
	case unix.SYS_WRITEV, unix.SYS_PWRITEV:
		return tr.written(args[0], func() []byte { return tr.pieces(args[1], args[2]) })
	case unix.SYS_SENDMSG:
		return tr.written(args[0], func() []byte {
			var header unix.Msghdr
			if !tr.read(args[1], unsafe.Slice((*byte)(unsafe.Pointer(&header)), unsafe.Sizeof(header))) {
				return nil
			}
			return tr.pieces(uint64(uintptr(unsafe.Pointer(header.Iov))), uint64(header.Iovlen)) //nolint:unconvert // 32 bits elsewhere
		})
	}
	return step{}
}

// fileStep is a step on files, or on the journal. Logs are none: nobody goes by what stands in them.
func fileStep(doing string, paths ...string) step {
	s := step{kind: "file", what: doing + " " + strings.Join(paths, " to "), paths: paths}
	switch path := paths[0]; {
	case !strings.HasPrefix(path, "/"), strings.HasPrefix(path, "/dev/"), strings.HasPrefix(path, "/proc/"), strings.Contains(path, "/logs/"):
		return step{}
	case strings.HasPrefix(filepath.Base(path), "journal.db"):
		s.kind = "journal"
	}
	return s
}

// written is a step that writes into a file or sends something.
func (tr *tracer) written(fd uint64, text func() []byte) step {
	path := tr.opened(fd)
	inode, isSocket := strings.CutPrefix(path, "socket:[")
	if !isSocket {
		return fileStep("write", path)
	}
	kind, known := tr.sockets[inode]
	if !known {
		kind = tr.socketKind(strings.TrimSuffix(inode, "]"))
		tr.sockets[inode] = kind
	}
	switch {
	case kind == "network":
		request, _, isRequest := bytes.Cut(text(), []byte(" HTTP/1.1\r\n"))
		if !isRequest {
			return step{kind: kind, what: "send a body"} // which may hold a secret
		}
		return step{kind: kind, what: "send " + string(request)}
	case kind == "bus" && bytes.Contains(text(), []byte(secretsName)):
		return step{kind: "keyring", what: "ask"}
	}
	return step{}
}

func (tr *tracer) socketKind(inode string) string {
	local, err := os.ReadFile(tr.proc("net", "unix"))
	switch {
	case err != nil:
		return ""
	case !bytes.Contains(local, []byte(" "+inode)):
		return "network"
	case strings.Contains(lineWith(string(local), " "+inode), "agent.sock"):
		return ""
	}
	return "bus"
}

func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// opened is what a descriptor of the program stands for.
func (tr *tracer) opened(fd uint64) string {
	path, err := os.Readlink(tr.proc("fd", strconv.Itoa(int(int32(fd)))))
	if err != nil {
		return ""
	}
	return path
}

// path is what a call names, made absolute.
func (tr *tracer) path(dir, name uint64) string {
	text, _, _ := bytes.Cut(tr.bytes(name, unix.PathMax), []byte{0})
	if filepath.IsAbs(string(text)) {
		return string(text)
	}
	at := tr.proc("cwd")
	if int32(dir) != unix.AT_FDCWD {
		return filepath.Join(tr.opened(dir), string(text))
	}
	at, err := os.Readlink(at)
	if err != nil {
		return ""
	}
	return filepath.Join(at, string(text))
}

// bytes reads the program's memory, as far as there is any.
func (tr *tracer) bytes(address, n uint64) []byte {
	text := make([]byte, n)
	got, err := tr.memory.ReadAt(text, int64(address))
	if err != nil && got == 0 {
		return nil
	}
	return text[:got]
}

func (tr *tracer) read(address uint64, into []byte) bool {
	n, err := tr.memory.ReadAt(into, int64(address))
	return err == nil && n == len(into)
}

// pieces are the beginnings of what a call sends in several.
func (tr *tracer) pieces(address, n uint64) (text []byte) {
	pieces := make([]syscall.Iovec, min(n, 8))
	if len(pieces) == 0 || !tr.read(address, unsafe.Slice((*byte)(unsafe.Pointer(&pieces[0])), len(pieces)*int(unsafe.Sizeof(pieces[0])))) {
		return nil
	}
	for _, piece := range pieces {
		text = append(text, tr.bytes(uint64(uintptr(unsafe.Pointer(piece.Base))), min(uint64(piece.Len), 512))...) //nolint:unconvert // 32 bits elsewhere
	}
	return text
}
