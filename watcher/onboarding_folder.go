package watcher

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"postroom/sage"
	"postroom/watcher/disk"
)

// The folders a person sees in a company's folder.
const (
	outboxFolder = "Outbox"
	inboxFolder  = "Inbox"
	sentFolder   = "Sent"
	failedFolder = "Failed"
)

// companyFolder is where a company's files are: its name in the chosen folder, as far as file systems take it.
func (in DraftInput) companyFolder() string {
	return filepath.Join(in.Folder, disk.SafeName(in.Company))
}

// checkPlace refuses a company's folder that cannot be one: relative, in the state directory, inside another
// company's or around it. Accounts of the same company share their folder, and only that.
func (e *Engine) checkPlace(in DraftInput, records []accountRecord) error {
	if !filepath.IsAbs(in.Folder) {
		return refuse(ErrInvalid, "folderRelative", "folder", in.Folder)
	}
	folder := in.companyFolder()
	if within(folder, e.options.Home) || within(e.options.Home, folder) {
		return refuse(ErrInvalid, "folderInHome", "folder", folder)
	}
	for _, known := range records {
		sameCompany := disk.Fold(known.Company) == disk.Fold(in.Company)
		switch samePlace := samePath(known.Folder, folder); {
		case samePlace && !sameCompany:
			return refuse(ErrInvalid, "folderTaken", "folder", folder, "company", known.Company)
		case !samePlace && sameCompany:
			return refuse(ErrInvalid, "companyElsewhere", "folder", known.Folder, "company", known.Company)
		case !samePlace && (within(folder, known.Folder) || within(known.Folder, folder)):
			return refuse(ErrInvalid, "folderNested", "folder", folder, "company", known.Company)
		}
	}
	return nil
}

// within reports whether a path is another one or lies below it, however their cases are written.
func within(path, above string) bool {
	relative, err := filepath.Rel(disk.Fold(above), disk.Fold(path))
	return err == nil && (relative == "." || filepath.IsLocal(relative))
}

func samePath(a, b string) bool { return disk.Fold(filepath.Clean(a)) == disk.Fold(filepath.Clean(b)) }

// makePlace creates a company's folders and shows that files can be made in them.
func (e *Engine) makePlace(folder string, domain sage.Domain) error {
	if err := e.fs.MkdirAll(folder); err != nil {
		return fmt.Errorf("making the company's folder: %w", err)
	}
	fsys := disk.Within(e.fs, folder)
	for _, name := range placeFolders(domain) {
		if err := fsys.MkdirAll(filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("making the company's folder: %w", err)
		}
	}
	probe, err := disk.Stage(fsys, filepath.Join(folder, sentFolder), "probe")
	if err != nil {
		return fmt.Errorf("trying the company's folder: %w", err)
	}
	return probe.Close()
}

// placeFolders are the folders of a company, with one in Outbox for each scope that goes to Sage.
func placeFolders(domain sage.Domain) []string {
	folders := []string{outboxFolder, inboxFolder, sentFolder, failedFolder}
	for name, scope := range domain.Scopes {
		if scope.Direction == sage.Outgoing && disk.ValidName(name) == nil {
			folders = append(folders, filepath.Join(outboxFolder, name))
		}
	}
	slices.Sort(folders)
	return folders
}

// placeProblem says what is wrong with a folder that could not be made.
func placeProblem(folder string, err error) *ProblemError {
	code := "folderFailed"
	switch {
	case errors.Is(err, fs.ErrPermission):
		code = "folderForbidden"
	case errors.Is(err, fs.ErrExist):
		code = "folderIsFile"
	}
	told := refuse(nil, code, "folder", folder)
	told.Cause = err
	return told
}

// placeWarnings are told of a folder that works, but not as well as one on this computer's own disk.
func (e *Engine) placeWarnings(in DraftInput) []Problem {
	if !filepath.IsAbs(in.Folder) {
		return nil
	}
	var warnings []Problem
	if e.fs.Remote(in.Folder) {
		warnings = append(warnings, newProblem("folderRemote", "folder", in.Folder))
	}
	if service := syncedBy(in.Folder); service != "" {
		warnings = append(warnings, newProblem("folderSynced", "folder", in.Folder, "service", service))
	}
	return warnings
}

// syncServices name the folders of programs that copy files elsewhere by themselves, by the beginning of the
// folder's name. A service may rename, lock or take away what is being sent.
var syncServices = []struct{ folder, service string }{
	{"onedrive", "OneDrive"},
	{"dropbox", "Dropbox"},
	{"google drive", "Google Drive"},
	{"googledrive", "Google Drive"},
	{"my drive", "Google Drive"},
	{"icloud", "iCloud"},
	{"iclouddrive", "iCloud"},
	{"mobile documents", "iCloud"},
	{"nextcloud", "Nextcloud"},
	{"owncloud", "ownCloud"},
	{"box sync", "Box"},
	{"pcloud", "pCloud"},
	{"syncthing", "Syncthing"},
	{"megasync", "MEGA"},
}

func syncedBy(folder string) string {
	for element := range strings.SplitSeq(filepath.ToSlash(folder), "/") {
		for _, known := range syncServices {
			rest, found := strings.CutPrefix(strings.ToLower(element), known.folder)
			if found && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
				return known.service
			}
		}
	}
	return ""
}
