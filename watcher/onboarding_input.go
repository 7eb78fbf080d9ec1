package watcher

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"

	"postroom/sage"
	"postroom/watcher/disk"
)

const (
	maxProfile = 1 << 20 // bytes
	maxEntered = 2000    // bytes of one thing a person enters
)

// clean drops the spaces around what was entered.
func (in DraftInput) clean() DraftInput {
	fields := reflect.ValueOf(&in).Elem()
	for i := range fields.NumField() {
		if field := fields.Field(i); field.Kind() == reflect.String {
			field.SetString(strings.TrimSpace(field.String()))
		}
	}
	in.CallbackBase = strings.TrimRight(in.CallbackBase, "/")
	in.Platform = strings.TrimRight(in.Platform, "/")
	return in
}

// checkInput refuses what can be seen to be wrong before anything is sent. What is not entered yet is not wrong.
func (e *Engine) checkInput(in DraftInput) error {
	fields := reflect.ValueOf(in)
	for i := range fields.NumField() {
		if len(fields.Field(i).String()) > maxEntered || strings.ContainsRune(fields.Field(i).String(), 0) {
			return refuse(ErrInvalid, "inputTooLong", "field", fields.Type().Field(i).Name)
		}
	}
	if in.Email != "" {
		if address, err := mail.ParseAddress(in.Email); err != nil || address.Address != in.Email {
			return refuse(ErrInvalid, "emailInvalid", "email", in.Email)
		}
	}
	if in.CallbackBase != "" && !carriesKey(in.CallbackBase) {
		return refuse(ErrInvalid, "callbackUnsafe", "address", in.CallbackBase)
	}
	if in.ApprovalURL != "" && !carriesKey(in.ApprovalURL) {
		return refuse(ErrInvalid, "callbackUnsafe", "address", in.ApprovalURL)
	}
	if in.CallbackListen != "" && !goodAddress(in.CallbackListen) {
		return refuse(ErrInvalid, "settingListen", "setting", "callbackListen")
	}
	if in.CallbackPath != "" && (!strings.HasPrefix(in.CallbackPath, "/") || strings.ContainsAny(in.CallbackPath, "?# ")) {
		return refuse(ErrInvalid, "callbackPath", "path", in.CallbackPath)
	}
	if in.Folder != "" && !filepath.IsAbs(in.Folder) {
		return refuse(ErrInvalid, "folderRelative", "folder", in.Folder)
	}
	profile, err := e.profile(in.ProfilePath)
	if err != nil {
		return err
	}
	if in.Domain != "" {
		if _, known := profile.Domains[in.Domain]; !known {
			return refuse(ErrInvalid, "domainUnknown", "domain", in.Domain)
		}
	}
	if in.Platform != "" && !carriesKey(in.Platform) {
		return refuse(ErrInvalid, "platformUnsafe", "address", in.Platform)
	}
	return nil
}

// carriesKey reports whether an address may carry a key: by https, or within this computer.
func carriesKey(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

// opensInBrowser reports whether an address that the platform gave may be handed to a browser.
func opensInBrowser(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()))
}

// profile reads a platform profile; "" is the built-in one.
func (e *Engine) profile(path string) (*sage.Profile, error) {
	if path == "" {
		return sage.DefaultProfile(), nil
	}
	data, err := disk.ReadFile(e.fs, path, maxProfile)
	if err != nil {
		code := "profileUnreadable"
		if errors.Is(err, fs.ErrNotExist) {
			code = "profileGone"
		}
		told := refuse(ErrInvalid, code, "file", path)
		told.Cause = err
		return nil, told
	}
	profile, err := sage.LoadProfile(bytes.NewReader(data))
	if err != nil {
		told := refuse(ErrInvalid, "profileInvalid", "file", path, "reason", err.Error())
		told.Cause = err
		return nil, told
	}
	return profile, nil
}

// client makes a client of the platform that a draft or a connection speaks to; the caller closes it.
func (e *Engine) client(profilePath, platform string) (*sage.Client, *sage.Profile, error) {
	profile, err := e.profile(profilePath)
	if err != nil {
		return nil, nil, err
	}
	client, err := sage.New(sage.Options{
		BaseURL: platform, Profile: profile, Transport: e.options.Transport, Proxy: e.proxy, Now: e.options.Now, Logger: e.log,
	})
	if err != nil {
		return nil, nil, platformProblem(platform, fmt.Errorf("preparing to speak to %s: %w", platform, err))
	}
	return client, profile, nil
}
