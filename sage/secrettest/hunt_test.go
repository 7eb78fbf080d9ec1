package secrettest_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"postroom/sage/secrettest"
)

const secret = `q7"Rk<9_Zt-vÄ&w2+Lx/`

// recorder is a test that keeps what it was told.
type recorder struct {
	testing.TB
	told []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.told = append(r.told, fmt.Sprintf(format, args...))
}

func TestASecretIsFoundInEveryForm(t *testing.T) {
	hunt := secrettest.New(map[string]string{"the key": secret, "another": "no trace of it"})
	inJSON, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	backwards := []byte(secret)
	slices.Reverse(backwards)
	texts := map[string]string{
		"plain":        "key=" + secret + "\n",
		"upper case":   strings.Map(func(r rune) rune { return r }, strings.ToUpper("q7")+secret[2:]),
		"hex":          hex.EncodeToString([]byte("x" + secret)),
		"capital hex":  strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"query":        "?k=" + url.QueryEscape(secret),
		"path":         "/" + url.PathEscape(secret),
		"Go":           strconv.QuoteToASCII(secret),
		"dump":         fmt.Sprintf("%x", secret),
		"bytes":        fmt.Sprintf("%d", []byte("a"+secret)),
		"reversed":     string(backwards),
		"JSON":         strings.NewReplacer(`\u003c`, "<", `\u0026`, "&", "Ä", `\u00c4`).Replace(string(inJSON)),
		"Basic":        base64.StdEncoding.EncodeToString([]byte("user:" + secret + ":x")),
		"base32":       base32.StdEncoding.EncodeToString([]byte("12" + secret)),
		"padded":       base64.URLEncoding.EncodeToString([]byte(secret)),
		"long":         strings.Repeat("x", 1<<20) + secret,
		"within bytes": "\x00\xff" + secret + "\x00",
	}
	for before := range 7 {
		texts[fmt.Sprint("base64 after ", before)] = base64.RawStdEncoding.EncodeToString([]byte("abcdefg"[:before] + secret + "zz"))
		texts[fmt.Sprint("base64 for addresses after ", before)] = base64.RawURLEncoding.EncodeToString([]byte("abcdefg"[:before] + secret))
		texts[fmt.Sprint("base32 after ", before)] = base32.StdEncoding.EncodeToString([]byte("abcdefg"[:before] + secret))
	}
	for name, text := range texts {
		finds := hunt.In([]byte(text))
		if len(finds) == 0 || finds[0].Secret != "the key" {
			t.Errorf("%s: %v", name, finds)
		}
	}
	var little, big []byte
	plain := "secret-of-plain-letters"
	hunt.Add("plain", plain)
	for _, unit := range utf16.Encode([]rune(plain)) {
		little = append(little, byte(unit), byte(unit>>8))
		big = append(big, byte(unit>>8), byte(unit))
	}
	for _, text := range [][]byte{little, big, []byte(strings.ToUpper(plain))} {
		if finds := hunt.In(text); len(finds) != 1 || finds[0].Secret != "plain" {
			t.Errorf("%q: %v", text, finds)
		}
	}
}

func TestOtherTextsAreNotTakenForSecrets(t *testing.T) {
	hunt := secrettest.New(map[string]string{"a": "R4nd0m-KeyMaterial-31", "b": "another-secret-of-mine"})
	for _, text := range []string{"", "R4nd0m", "R4nd0m-KeyMaterial-3", "another secret of mine", strings.Repeat("another-secret-of-", 100), "\x00"} {
		if finds := hunt.In([]byte(text)); len(finds) != 0 {
			t.Errorf("%q: %v", text, finds)
		}
	}
}

func TestAFindDoesNotRepeatTheSecret(t *testing.T) {
	hunt := secrettest.New(map[string]string{"the key": secret})
	r := &recorder{TB: t}
	hunt.Check(r, "a log", bytes.Repeat([]byte(secret+"\n"), 20))
	if len(r.told) == 0 || len(r.told) > 6 || len(hunt.In([]byte(strings.Join(r.told, "\n")))) > 0 {
		t.Errorf("%d lines were told", len(r.told))
	}
}

func TestFoldersAndWhatIsPackedInThemAreLookedThrough(t *testing.T) {
	hunt := secrettest.New(map[string]string{"the key": secret})
	var zipped, gzipped bytes.Buffer
	archive := zip.NewWriter(&zipped)
	entry, err := archive.Create("log.txt")
	if err == nil {
		_, err = entry.Write([]byte(strings.Repeat("a line\n", 100) + secret))
	}
	packed := gzip.NewWriter(&gzipped)
	if err == nil {
		_, err = packed.Write([]byte(strings.Repeat("a line\n", 100) + secret))
	}
	if err != nil || archive.Close() != nil || packed.Close() != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"a.zip": zipped.Bytes(), "a.log.gz": gzipped.Bytes(), "plain.txt": []byte(secret)} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		r := &recorder{TB: t}
		if hunt.Folder(r, folder, nil); len(r.told) != 1 {
			t.Errorf("%s: %q", name, r.told)
		}
		r = &recorder{TB: t}
		if hunt.Folder(r, folder, func(path string) bool { return path == name }); len(r.told) != 1 {
			t.Errorf("a folder of which nothing is looked at passes: %q", r.told)
		}
	}
}
