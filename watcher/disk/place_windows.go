package disk

import "path/filepath"

// volume is the drive or the share that a name lies on.
func volume(name string) string { return filepath.VolumeName(name) }

// opener cannot be told without the rights of an administrator.
func opener(string) string { return "" }
