package vault

import "github.com/zalando/go-keyring"

// system is the operating system's keyring: the Secret Service of a Linux desktop, the Credential Manager of
// Windows, the keychain of macOS.
type system struct{}

func (system) Get(service, account string) (string, error) {
	if err := reachable(); err != nil {
		return "", err
	}
	return keyring.Get(service, account)
}

func (system) Set(service, account, secret string) error {
	if err := reachable(); err != nil {
		return err
	}
	return keyring.Set(service, account, secret)
}

func (system) Delete(service, account string) error {
	if err := reachable(); err != nil {
		return err
	}
	return keyring.Delete(service, account)
}
