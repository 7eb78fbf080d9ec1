package terminal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// disguises are the forms in which a secret may stand in a file without being seen: form -> what to look for.
func disguises(secret string) map[string][]byte {
	backwards := []byte(secret)
	slices.Reverse(backwards)
	quoted, _ := json.Marshal(secret) // a string always can be
	forms := map[string][]byte{
		"plain": []byte(secret), "backwards": backwards, "in JSON": quoted[1 : len(quoted)-1], "in a URL": []byte(url.QueryEscape(secret)),
		"in hex": []byte(hex.EncodeToString([]byte(secret))), "in HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(secret)))),
	}
	var little, big []byte
	for _, unit := range utf16.Encode([]rune(secret)) {
		little = binary.LittleEndian.AppendUint16(little, unit)
		big = binary.BigEndian.AppendUint16(big, unit)
	}
	forms["in UTF-16LE"], forms["in UTF-16BE"] = little, big
	for shift := range 3 { // wherever in a longer text it stands
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), secret...))
		whole := text[(shift*8+5)/6:] // the first letters are of what stands before
		if (shift+len(secret))%3 != 0 {
			whole = whole[:len(whole)-1] // and the last of what comes after
		}
		name := "in base64, shifted by " + string(rune('0'+shift))
		forms[name] = []byte(whole)
		forms[name+", for URLs"] = []byte(strings.NewReplacer("+", "-", "/", "_").Replace(whole))
	}
	return forms
}

func TestASecretIsRecognisedInEveryDisguise(t *testing.T) {
	const secret = "k~7Q/zz+\"r9?aXw"
	before, after := []byte("some text "), []byte(" and more")
	text := slices.Concat(before, []byte(secret), after)
	backwards := slices.Clone(text)
	slices.Reverse(backwards)
	var wide []byte
	for _, unit := range utf16.Encode([]rune(string(text))) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for form, hidden := range map[string][]byte{
		"plain": text, "backwards": backwards, "UTF-16": wide, "JSON": quoted, "a URL": []byte(url.QueryEscape(string(text))),
		"hex": []byte(hex.EncodeToString(text)), "base64": []byte(base64.StdEncoding.EncodeToString(text)),
		"base64 shifted once":  []byte(base64.StdEncoding.EncodeToString(text[1:])),
		"base64 shifted twice": []byte(base64.URLEncoding.EncodeToString(text[2:])),
	} {
		if !slices.ContainsFunc(formsOf(secret), func(f []byte) bool { return bytes.Contains(hidden, f) }) {
			t.Errorf("it is not recognised in %s: %q", form, hidden)
		}
	}
	if slices.ContainsFunc(formsOf(secret), func(f []byte) bool { return bytes.Contains(bytes.ToUpper(text[:len(text)-12]), f) }) {
		t.Error("it is recognised where it is not")
	}
}

func formsOf(secret string) (all [][]byte) {
	for _, form := range disguises(secret) {
		all = append(all, form)
	}
	return all
}
