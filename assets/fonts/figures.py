#!/usr/bin/env python3
"""Makes the figures fonts from Inter: digits of one width, so that times and amounts in a column line up.

Fyne cannot ask a font for its tabular figures, so they are put in the place of the ordinary ones. The result is a
modified version under the same licence (OFL.txt) and goes by another name. Run with Debian's python3-fonttools:

    figures.py Inter-Regular.otf Figures-Regular.otf
"""

import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

source, target = sys.argv[1:]
font = TTFont(source)
gsub = font["GSUB"].table
tabular = next(r.Feature for r in gsub.FeatureList.FeatureRecord if r.FeatureTag == "tnum")
swaps = gsub.LookupList.Lookup[tabular.LookupListIndex[0]].SubTable[0].mapping
for table in font["cmap"].tables:
    for digit in map(ord, "0123456789"):
        if table.cmap.get(digit) in swaps:  # tables may share one mapping
            table.cmap[digit] = swaps[table.cmap[digit]]

for record in font["name"].names:
    if record.nameID in (1, 3, 4, 6, 16):
        text = record.toUnicode().replace("Inter", "PostroomFigures" if record.nameID == 6 else "Postroom Figures")
        font["name"].setName(text, record.nameID, record.platformID, record.platEncID, record.langID)

options = Options(layout_features=["kern"], name_IDs=["*"], notdef_outline=True)
subsetter = Subsetter(options)
subsetter.populate(unicodes=[*range(0x20, 0x7F), *range(0xA0, 0x180), 0x2009, 0x2013, 0x2014, 0x2019, 0x2026, 0x202F])
subsetter.subset(font)
font.save(target)
