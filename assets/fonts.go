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

// FontFigures is Inter Regular with digits of one width, for columns of times and amounts and for what counts down.
// fonts/figures.py made it.
//
//go:embed fonts/Figures-Regular.otf
var FontFigures []byte

// FontFiguresSemiBold is the same in SemiBold.
//
//go:embed fonts/Figures-SemiBold.otf
var FontFiguresSemiBold []byte
