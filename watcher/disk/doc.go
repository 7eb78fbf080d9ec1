// Package disk is the file-system door: every file that Postroom reads, lays down or moves goes through its FS.
//
// It promises four things that the rest of the engine builds on. What WriteFile and Stage lay down is there whole
// or not at all. Move never replaces a file, on no system. Names are compared as people see them (NFC and case
// fold) and checked by the rules of Windows, macOS and Linux on each of them, because a company's folder moves
// between them (FuzzNames). And what is opened Within a folder reads and changes nothing through a link in it
// (TestNothingIsDoneThroughALinkWithinAFolder).
//
// What outlives a power cut, once SyncDir has returned, is what the system promises of it:
//
//	Linux    fsync of the folder: what was made and renamed in it is durable on ext4, XFS, Btrfs and the like. Network
//	         drives that refuse it (EINVAL, ENOTSUP) order names themselves.
//	macOS    the same call; of a file, Sync goes through the drive's own cache as well (F_FULLFSYNC, in Go's os), and of a
//	         folder too.
//	Windows  FlushFileBuffers on the folder, which has NTFS and ReFS write their log as far as it goes; Rename is written
//	         through besides (MOVEFILE_WRITE_THROUGH). Shares and file systems that do not flush folders refuse it, and are
//	         not asked again: of a file moved there within the last seconds the old name may come back.
//
// A refusal is no error: nothing better can be done, and a transfer never depends on it. Its journal is written first,
// and recovery knows a file under either of its names by identity and content.
//
// What a file means does not enter here: no folder of the product, no state of a transfer, no contract. Nor does a
// clock: decisions about time belong to the caller.
package disk
