package files

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"

	"postroom/watcher/disk"
)

// Found is something on the disk, for a test that looks at it.
type Found struct {
	disk.Info
	Path    string
	Content []byte // not to be changed
	Target  string // of a link
}

// Walk looks at everything below a folder, in the order of names, without an effect. Nothing below a folder that is not
// there, or on a volume that is away.
func (d *Disk) Walk(root string) iter.Seq[Found] {
	return slices.Values(d.below(root))
}

func (d *Disk) below(root string) []Found {
	d.mu.Lock()
	defer d.mu.Unlock()
	dir, err := d.haveFolder(root)
	if err != nil {
		return nil
	}
	var all []Found
	var look func(path string, dir *node)
	look = func(path string, dir *node) {
		for _, e := range dir.names() {
			n := e.node
			if n.mounted != nil {
				n = n.mounted.root
			}
			if n.leaving() || n.dir == nil && n != n.volume.root {
				continue // it was removed
			}
			at := join(path, e.name)
			all = append(all, Found{Info: n.info(), Path: at, Content: slices.Clip(n.data), Target: n.target})
			if n.folder() {
				look(at, n)
			}
		}
	}
	look(root, dir)
	return all
}

// Read looks at a file's content without an effect. False when there is none, or it is no file.
func (d *Disk) Read(name string) ([]byte, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, err := d.have(name, true)
	if err != nil || !at.node.regular() {
		return nil, false
	}
	return slices.Clone(at.node.data), true
}

// Lay puts a file somewhere, durably and without an effect, and makes the folders above it: for building a world.
func (d *Disk) Lay(name string, data []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := strings.LastIndexByte(name, '/')
	if err := d.makeAll(name[:max(i, 1)]); err != nil {
		return fmt.Errorf("laying %s: %w", name, err)
	}
	at, err := d.walk(name, true)
	if err != nil {
		return fmt.Errorf("laying %s: %w", name, err)
	}
	n := at.node
	if n == nil {
		v := at.dir.volume
		n, _ = v.create(0, 0o600, d.now())
		v.set(at.dir, at.key, &entry{v.kind.stored(at.name), n})
	}
	n.cut()
	n.put(bytes.Clone(data), 0)
	n.touch(d.now())
	n.sync()
	return nil
}

// MakeAll makes folders durably and without an effect, for building a world.
func (d *Disk) MakeAll(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.makeAll(name); err != nil {
		return fmt.Errorf("making %s: %w", name, err)
	}
	return nil
}

// Open tells how many files the living processes have open.
func (d *Disk) Open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	open := 0
	for _, v := range d.volumes {
		v.each("", func(_ string, n *node) { open += len(n.open()) })
	}
	return open
}

// Strays tells of files that were written into the empty places of volumes which were away.
func (d *Disk) Strays() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []string
	for _, v := range d.volumes {
		if v.point != nil {
			eachIn(d.pathOf(v), v.point.node, func(path string, _ *node) { all = append(all, path) })
		}
	}
	return all
}

// Tree is everything below a folder as a text: a line each, with the content of files as far as it is short.
func (d *Disk) Tree(root string) string {
	var b strings.Builder
	for f := range d.Walk(root) {
		path := strings.TrimPrefix(strings.TrimPrefix(f.Path, root), "/")
		switch {
		case f.Mode.IsDir():
			fmt.Fprintf(&b, "%s/\n", path)
		case f.Target != "":
			fmt.Fprintf(&b, "%s -> %s\n", path, f.Target)
		case !f.Regular():
			fmt.Fprintf(&b, "%s %s\n", path, f.Mode.Type())
		case len(f.Content) <= 40:
			fmt.Fprintf(&b, "%s %q\n", path, f.Content)
		default:
			fmt.Fprintf(&b, "%s %d bytes\n", path, len(f.Content))
		}
	}
	return b.String()
}
