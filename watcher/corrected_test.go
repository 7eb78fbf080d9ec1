package watcher

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"postroom/watcher/journal"
)

// inUTF16 writes text as Windows' tools do.
func inUTF16(text string, order binary.AppendByteOrder, mark bool) []byte {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

func TestACorrectedCopySaysTheSameOrIsNotMade(t *testing.T) {
	const text = `[{"id": "A-1", "name": "Café 日本 \U0001F4EE"}]`
	for name, c := range map[string]struct {
		from []byte
		want string // "" where nothing can be made of it
	}{
		"UTF-8 with a mark":            {append([]byte{0xEF, 0xBB, 0xBF}, text...), text},
		"UTF-16, little end first":     {inUTF16(text, binary.LittleEndian, true), text},
		"UTF-16, big end first":        {inUTF16(text, binary.BigEndian, true), text},
		"UTF-16 without a mark":        {inUTF16(text, binary.LittleEndian, false), text},
		"big-endian without a mark":    {inUTF16(text, binary.BigEndian, false), text},
		"a mark in the middle stays":   {inUTF16("[\"\uFEFF\"]", binary.LittleEndian, true), "[\"\uFEFF\"]"},
		"half a character":             {inUTF16(text, binary.LittleEndian, true)[:21], ""},
		"the first half of a pair":     {append(inUTF16("[", binary.LittleEndian, true), 0x3D, 0xD8, ']', 0), ""},
		"the second half alone":        {append(inUTF16("[", binary.LittleEndian, true), 0xEE, 0xDC), ""},
		"a pair that ends with [file]": {append(inUTF16("[", binary.LittleEndian, true), 0x3D, 0xD8), ""},
		"neither of the two":           {[]byte(text), ""},
		"nothing":                      {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := corrected(&out, bytes.NewReader(c.from))
			if c.want == "" {
				if !errors.Is(err, errLossy) {
					t.Errorf("%q, %v", out.String(), err)
				}
				return
			}
			if err != nil || out.String() != c.want {
				t.Errorf("%q, %v", out.String(), err)
			}
		})
	}
}

func TestACorrectedCopyIsDroppedUnderANameOfItsOwnAndTheFileStaysInFailed(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		original := inUTF16(string(orders(1, 2)), binary.LittleEndian, true)
		r.drop(acme, "Outbox/orders/excel.json", original)
		r.pass(10 * time.Minute)
		failed := r.expect("excel.json", journal.Unchecked)
		shown, err := r.Transfer(t.Context(), failed.ID)
		if err != nil || !has(shown.Actions, ActionCorrect) {
			t.Fatalf("offered %v, %v", shown.Actions, err)
		}
		placed, err := r.SendCorrected(t.Context(), failed.ID)
		if err != nil || !strings.HasSuffix(filepath.ToSlash(placed.Path), "Outbox/orders/excel.json") {
			t.Fatalf("%+v, %v", placed, err)
		}
		r.pass(time.Hour)
		var accepted []journal.Transfer
		all, err := r.journal.Transfers(t.Context(), journal.Query{States: []journal.State{journal.Accepted}})
		if err != nil {
			t.Fatal(err)
		}
		accepted = append(accepted, all...)
		if len(accepted) != 1 || accepted[0].ID == failed.ID || accepted[0].Records != 2 {
			t.Errorf("accepted %+v", accepted)
		}
		kept, err := os.ReadFile(filepath.Join(r.desk, acme, "Failed", "excel.json"))
		if err != nil || !bytes.Equal(kept, original) {
			t.Errorf("the file itself: %d bytes, %v", len(kept), err)
		}
		if counts := r.counts(t); counts.NeedsYou != 0 {
			t.Errorf("%d still need the person", counts.NeedsYou)
		}
		if _, err := r.SendCorrected(t.Context(), accepted[0].ID); !errors.Is(err, ErrWrongState) {
			t.Errorf("of an accepted one: %v", err)
		}
	})
}

func TestAFileThatIsWrongOtherwiseIsNotOfferedAsACorrectedCopy(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/cut.json", []byte(`[{"id": 1}]`))
		r.pass(10 * time.Minute)
		failed := r.expect("cut.json", journal.Unchecked)
		if _, err := r.SendCorrected(t.Context(), failed.ID); !errors.Is(err, ErrWrongState) {
			t.Errorf("%v", err)
		}
		if shown, err := r.Transfer(t.Context(), failed.ID); err != nil || has(shown.Actions, ActionCorrect) {
			t.Errorf("offered %v, %v", shown.Actions, err)
		}
	})
}
