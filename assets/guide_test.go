package assets

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const guideFolder = "../docs"

func guide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(guideFolder, "guide.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	bold     = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	pictured = regexp.MustCompile(`!\[([^\]]*)\]\(([^)]+)\)`)
)

// Words in bold are those on the screen, but where a paragraph begins with what it is about: a step, a quotation, a thing.
func TestTheGuideSpeaksOfButtonsThatThereAre(t *testing.T) {
	var said []string
	for _, name := range rooms(t) {
		for _, forms := range room(t, name, "en") {
			for _, sentence := range forms {
				said = append(said, sentence)
			}
		}
	}
	things := []string{"The sentence at the top", "Each row", "The result", "old", "new"}
	for _, m := range bold.FindAllStringSubmatch(strings.ReplaceAll(guide(t), "\n", " "), -1) {
		word := m[1]
		step := strings.HasSuffix(word, ".") && !strings.HasSuffix(word, "...")
		if !step && !strings.HasPrefix(word, "“") && !slices.Contains(things, word) && !slices.Contains(said, word) {
			t.Errorf("nothing on the screen says %q", word)
		}
	}
}

func TestThePicturesOfTheGuideAreThereAndSmall(t *testing.T) {
	shown := pictured.FindAllStringSubmatch(guide(t), -1)
	var size int64
	for _, m := range shown {
		info, err := os.Stat(filepath.Join(guideFolder, m[2]))
		if err != nil {
			t.Error(err)
			continue
		}
		size += info.Size()
		if m[1] == "" {
			t.Errorf("%s says nothing to whoever cannot see it", m[2])
		}
	}
	const most = 2 << 20
	if len(shown) < 10 || size > most {
		t.Errorf("%d pictures of %d bytes", len(shown), size)
	}
	files, err := os.ReadDir(filepath.Join(guideFolder, "pictures"))
	if err != nil || len(files) != len(shown) {
		t.Errorf("%d pictures lie there, %d are shown: %v", len(files), len(shown), err)
	}
}
