package vault

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"postroom/sage"
	"postroom/sage/secrettest"
)

// FuzzAVaultFileIsOpenedOrRefusedWithoutRepeatingIt reads what may stand where the vault should be: a vault, a damaged
// one, or keys that somebody decrypted in place.
func FuzzAVaultFileIsOpenedOrRefusedWithoutRepeatingIt(f *testing.F) {
	const cheap, key = 1, "kEy-9sW2xQ7vB4nM1zL6"
	passphrase := sage.NewSecret("correct horse battery staple")
	sealed, err := encrypt(passphrase, map[string]sage.Secret{"c/current-key": sage.NewSecret(key)}, cheap)
	if err != nil {
		f.Fatal(err)
	}
	opened, err := decrypt(bytes.NewReader(sealed), passphrase)
	if err != nil || len(opened) != 1 || opened["c/current-key"].Reveal() != key {
		f.Fatalf("its own file: %d items, %v", len(opened), err)
	}
	head, _, _ := bytes.Cut(sealed, []byte("---"))
	for _, content := range []string{
		"", "{}", `{"c/current-key":"` + key + `"}`, key + "\n", "age-encryption.org/v1\n" + key + "\n", "age-encryption.org/v1\n-> scrypt " + key + " 1\n",
		string(sealed), string(sealed[:len(sealed)-1]), string(sealed) + "x", string(head) + "--- " + key + "\n", string(head), "\x00", strings.Repeat("-> ", 1000) + key,
		"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 64\n" + strings.Repeat("A", 43) + "\n--- x\n", "-----BEGIN AGE ENCRYPTED FILE-----\n" + key + "\n",
	} {
		f.Add([]byte(content))
	}
	hunt := secrettest.New(map[string]string{"the key": key, "the passphrase": passphrase.Reveal()})
	f.Fuzz(func(t *testing.T, content []byte) {
		items, err := decrypt(bytes.NewReader(content), passphrase)
		switch {
		case err == nil: // nobody can make another file for this passphrase
			if len(items) != 1 || items["c/current-key"].Reveal() != key {
				t.Errorf("%d items were read", len(items))
			}
			return
		case items != nil, !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrPassphrase):
			t.Errorf("%d items, %v", len(items), err)
		}
		hunt.Check(t, "the error", []byte(err.Error()))
		if len(err.Error()) > 200 || strings.ContainsAny(err.Error(), "\n\r\x00") {
			t.Errorf("%q is no explanation", err)
		}
	})
}
