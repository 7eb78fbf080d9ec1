package assets

import _ "embed"

// FontRegular is Inter Regular, under the licence that stands beside it in fonts/OFL.txt.
//
//go:embed fonts/Inter-Regular.otf
var FontRegular []byte

// FontSemiBold is Inter SemiBold, for names and headlines.
//
//go:embed fonts/Inter-SemiBold.otf
var FontSemiBold []byte

// FontLicence is the SIL Open Font License that Inter comes under.
//
//go:embed fonts/OFL.txt
var FontLicence string
