package courier

import "slices"

// Causes are the codes of everything that a transfer's next step may wait for: failures of a step, and the platform's
// word that the file waits there. Package watcher says of each what ends it.
func Causes() []string {
	codes := []string{
		unexplained,
		"cannotRead", "fileInUse", "folderAway", "outboxBlocked", // of the file here, see Porter
		"fileQuarantined", "sageOff", // the platform's words, see machine.tracked
	}
	for _, known := range platformKinds {
		if known.kind != Lost { // of what is lost a person decides
			codes = append(codes, known.code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
