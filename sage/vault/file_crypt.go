package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"filippo.io/age"

	"postroom/sage"
)

const (
	workFactor    = 15      // of scrypt: 0.2 s and 64 MB where the default costs 2.4 s and 512 MB
	maxWorkFactor = 18      // of a file somebody else made
	maxVaultFile  = 8 << 20 // bytes; some 2,000 connections
)

// readVault decrypts the file. It is in the age format with a passphrase, and holds one JSON object of names and
// values: `age -d vault.age` shows it to whoever knows the passphrase.
func readVault(path string, passphrase sage.Secret) (map[string]sage.Secret, stamp, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, stamp{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, stamp{}, err
	}
	items, err := decrypt(io.LimitReader(file, maxVaultFile), passphrase)
	return items, stampOf(info), err
}

func decrypt(r io.Reader, passphrase sage.Secret) (map[string]sage.Secret, error) {
	identity, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, ErrPassphrase
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	defer debug.FreeOSMemory() // what scrypt needed is more than the rest of the program does
	plain, err := age.Decrypt(r, identity)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, ErrPassphrase
	}
	if err != nil { // its error repeats a line of the file, which may be keys that somebody decrypted in place
		return nil, fmt.Errorf("%w: it is no encrypted file, or its head is broken", ErrDamaged)
	}
	data, err := io.ReadAll(plain)
	if err != nil {
		return nil, fmt.Errorf("%w: its content is broken", ErrDamaged)
	}
	defer clear(data)
	var values map[string]string
	if json.Unmarshal(data, &values) != nil { // its error could repeat what it read
		return nil, fmt.Errorf("%w: its content is not a list of items", ErrDamaged)
	}
	items := make(map[string]sage.Secret, len(values))
	for name, value := range values {
		items[name] = sage.NewSecret(value)
	}
	return items, nil
}

// write replaces the file, whole or not at all, and reads it back.
func (f *File) write(passphrase sage.Secret, items map[string]sage.Secret) (stamp, error) {
	sealed, err := encrypt(passphrase, items, f.work)
	if err != nil {
		return stamp{}, err
	}
	if len(sealed) > maxVaultFile {
		return stamp{}, errors.New("the vault file is full")
	}
	if err := replace(f.path, sealed); err != nil {
		return stamp{}, err
	}
	back, err := os.ReadFile(f.path)
	if err != nil {
		return stamp{}, fmt.Errorf("reading back: %w", err)
	}
	if !bytes.Equal(back, sealed) {
		return stamp{}, ErrReadBack
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return stamp{}, err
	}
	return stampOf(info), nil
}

func encrypt(passphrase sage.Secret, items map[string]sage.Secret, work int) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, ErrPassphrase
	}
	recipient.SetWorkFactor(work)
	defer debug.FreeOSMemory()
	values := make(map[string]string, len(items))
	for name, value := range items {
		values[name] = value.Reveal()
	}
	plain, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// replace writes data beside path and renames it into place.
func replace(path string, data []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".vault-*.tmp") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	if _, err := temp.Write(data); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := rename(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
