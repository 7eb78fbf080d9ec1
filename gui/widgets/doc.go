// Package widgets is the look of the program: its theme and the small parts that every screen is made of. They only
// show things and say when they are pressed; no engine, no words and no state of the program may enter.
//
// # How a screen is made
//
// Lay it out with Column (under each other), Line (beside each other, with Spring or Grow for the room left over),
// Beside (equal widths), Flow (goes on in the next line), Led (a figure or an icon before a paragraph), Inset and Margin
// (space around), AtMost (not wider than is comfortable to read) and Scroll, which brings what the keyboard reaches into
// view. Unlike Fyne's boxes they give each part its width first and ask for its height then, so that paragraphs wrap
// rightly at any depth, also in tests. Use the gaps GapTight inside a group, GapPart between parts, GapGroup between
// groups and GapEdge at the window's edge, and nothing between those.
//
// After a part of a screen has changed its height (a note appears, a paragraph is longer), call Refresh on the
// container that holds it.
//
// # Text
//
// Text is one line and never wraps; NewCutText shortens it to its place, CutMiddle for names of files. Paragraph
// wraps; NewRuns mixes styles and Emphasised sets in semibold what a sentence of the catalogue puts between asterisks.
// Styles: Headline, Section, Name (semibold), Body, Quiet (muted, as large as Body), Muted (small), Figure (small,
// digits of one width). Change the colour with Style.In.
//
// # Things to press
//
// NewFilledButton is for the one thing a screen wants done; everything else is NewButton, and what few need is
// NewPlainButton, words alone. Filters chooses one of several; NewChoices makes one that may take several lines. All of
// them take the focus with Tab, show it as a thin ring, are pressed by Space, Return and the pointer, and pass other keys
// on to the window's own handler (Escape, F5). Field is a labelled Entry with a line of help below, which SetProblem
// turns into what is wrong with it. Entry leaves the window its shortcuts, as Fyne's own would not.
//
// # Things to show
//
// Card is a surface with an edge; NewListCard lets rows reach the edge. Row is a line of a list (NewStaticRow outside
// of one), TimelineRow a step of a journey, Table outcomes under three headings. Note says what to do. Ring counts
// down, Progress fills a line; neither moves by itself. Ask puts a question over the window, at its upper edge.
// WithTips must be laid once around a window's content: then what is cut is shown whole when the pointer rests on it.
//
// # Colours
//
// Colours are names of the theme: ColorGood, ColorAttention, ColorProblem, ColorMuted and the rest. Every pair of text
// and ground that the parts use keeps WCAG AA in light and dark; a colour never stands alone, an icon or a word says
// the same. Canvas objects of your own must take their colour from the theme anew whenever they are refreshed, or a
// change from light to dark passes them by: better use Ground, HairLine, Text and Icon, which do.
package widgets
