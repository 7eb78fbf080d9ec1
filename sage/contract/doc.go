// Package contract knows the data contracts of the domains (sage-api.md section 6) and reads files against them:
// which properties a customer, a product or an order must have, how a file of such records may be built, and,
// where a file is wrong, which record, property, line and column to name.
//
// It reads from an io.Reader, record by record, in bounded memory, and looks at nothing else: no folder, no
// network, no clock and no word for a person may enter. What it finds is data (a code and its arguments); the
// sentences are in the catalogues of package assets.
//
// Whatever it is given, it neither panics nor reads a number into floating point.
package contract
