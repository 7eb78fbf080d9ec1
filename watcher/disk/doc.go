// Package disk is the file-system door: every file that Postroom reads, lays down or moves goes through its FS.
//
// It promises four things that the rest of the engine builds on. What WriteFile and Stage lay down is there whole
// or not at all. Move never replaces a file, on no system. Names are compared as people see them (NFC and case
// fold) and checked by the rules of Windows, macOS and Linux on each of them, because a company's folder moves
// between them (FuzzNames). And what is opened Within a folder reads and changes nothing through a link in it
// (TestNothingIsDoneThroughALinkWithinAFolder).
//
// What a file means does not enter here: no folder of the product, no state of a transfer, no contract. Nor does a
// clock: decisions about time belong to the caller.
package disk
