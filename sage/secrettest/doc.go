// Package secrettest looks for secrets in what a program leaves behind: its output, its logs, its state files, a bundle
// for support. It is for tests and knows nothing of the product; in particular it does not use the product's own way to
// strike secrets out, so that a mistake there cannot hide itself.
//
// A secret is found as it is and in every form in which programs write bytes down: escaped for an address, for JSON, for
// HTML and for Go, in hex, in base32 and in base64 at every alignment, as a list of numbers, in UTF-16 of both orders,
// and backwards, in any case of letters. TestASecretIsFoundInEveryForm holds that. Zip and gzip files are looked into.
//
// A find names the secret and its form and never repeats it: a test's output is searched as well.
package secrettest
