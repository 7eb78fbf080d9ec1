// Package disk is the file-system door: every file that Postroom reads, lays down or moves goes through its FS.
//
// It promises three things that the rest of the engine builds on. What WriteFile and Stage lay down is there whole
// or not at all. Move never replaces a file, on no system. Names are compared as people see them (NFC and case
// fold) and checked by the rules of Windows, macOS and Linux on each of them, because a company's folder moves
// between them.
//
// What a file means does not enter here: no folder of the product, no state of a transfer, no contract. Nor does a
// clock: decisions about time belong to the caller.
package disk
