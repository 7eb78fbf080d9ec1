package files

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is what is special about a volume. The zero Kind is a local Linux disk.
type Kind struct {
	Name string

	FoldCase      bool          // two spellings of a name in other case are one; the first one is kept
	FoldForms     bool          // so are composed and decomposed letters
	Decompose     bool          // names are kept decomposed (NFD), whatever they were given as
	Stamp         time.Duration // how coarse time stamps are; 0: not
	NoIdentity    bool          // files have none
	ReuseIdentity bool          // a new file gets the identity of one that was removed just now
	NoHeld        bool          // nobody can tell whether a file is held open
	Remote        bool          // a network drive: changes by others are not told
	Sharing       bool          // open files are in the way of others, as on Windows
	LateDelete    bool          // a file that is removed while it is open keeps its name until it is closed
	LazyNames     bool          // SyncDir does nothing; names become durable in one order for the whole volume, some time
}

// The kinds of volume people have.
var (
	Ext4  = Kind{Name: "ext4", ReuseIdentity: true}
	NTFS  = Kind{Name: "NTFS", FoldCase: true, Sharing: true, LateDelete: true, Stamp: 100 * time.Nanosecond}
	APFS  = Kind{Name: "APFS", FoldCase: true, FoldForms: true}
	HFS   = Kind{Name: "HFS+", FoldCase: true, FoldForms: true, Decompose: true, Stamp: time.Second}
	FAT   = Kind{Name: "FAT", FoldCase: true, Stamp: 2 * time.Second, NoIdentity: true, NoHeld: true}
	Share = Kind{Name: "share", FoldCase: true, Stamp: time.Second, NoHeld: true, Remote: true, Sharing: true, LateDelete: true}
)

// FaultKinds are the kinds of fault that a disk and its events are counted under.
func FaultKinds() []string {
	return []string{
		countNoSpace, countDenied, countBusy, countIO, countShortRead, countTornRead, countSlow, countLied, countTornList, countScanner,
		countSharing, countLateDelete, "file.crash.lost", "file.crash.zeroed", "file.crash.torn", "file.crash.undone",
		"event.missed", "event.late", "event.doubled", "event.overflow", "event.silent", "event.refused",
	}
}

// Kinds are all of them, the plainest first.
func Kinds() []Kind { return []Kind{Ext4, NTFS, APFS, HFS, FAT, Share} }

// stored is how a name is kept.
func (k *Kind) stored(name string) string {
	if k.Decompose {
		return norm.NFD.String(name)
	}
	return name
}

// key is by what a name is found.
func (k *Kind) key(name string) string {
	if k.FoldForms {
		name = norm.NFD.String(name)
	}
	if k.FoldCase {
		name = strings.Map(unicode.ToUpper, name) // rune by rune, as these systems do
	}
	return name
}

// stamp is a time as it is kept.
func (k *Kind) stamp(t time.Time) time.Time {
	if k.Stamp > 0 {
		return t.Truncate(k.Stamp)
	}
	return t
}
