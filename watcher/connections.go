package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/disk"
)

// accountRecord is connections/<id>.json: the account, and what only its consents need.
type accountRecord struct {
	Account
	KeptIn  string   `json:"keptIn,omitempty"`  // which vault has its keys
	Earlier []string `json:"earlier,omitempty"` // names in the vault of the consents before this one, whose first keys are kept
}

// accountSeen is a record with the state of the file it was read from.
type accountSeen struct {
	info   disk.Info
	record accountRecord
	err    error
}

// vaultName is the name under which the vault keeps the keys of the present consent.
func (a Account) vaultName() string {
	if a.Vault == "" {
		return a.ID
	}
	return a.Vault
}

func (e *Engine) accountPath(id string) string {
	return filepath.Join(e.options.Home, "connections", id+".json")
}

// readRecords gives every connection, the oldest first. The error tells of those that cannot be read; it does not
// hide the others. A file that did not change is not read again, so that looking often costs little.
func (e *Engine) readRecords() ([]accountRecord, error) {
	entries, err := e.fs.ReadDir(filepath.Join(e.options.Home, "connections"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the connections: %w", err)
	}
	var records []accountRecord
	var errs []error
	for _, entry := range entries {
		id, isAccount := strings.CutSuffix(entry.Name, ".json")
		if !isAccount || !draftName.MatchString(id) {
			continue
		}
		switch record, err := e.readRecord(id); {
		case err == nil:
			records = append(records, record)
		case !errors.Is(err, fs.ErrNotExist):
			errs = append(errs, err)
		}
	}
	slices.SortFunc(records, func(a, b accountRecord) int {
		if order := a.ConnectedAt.Compare(b.ConnectedAt); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return records, errors.Join(errs...)
}

// readRecord gives one connection.
func (e *Engine) readRecord(id string) (accountRecord, error) {
	path := e.accountPath(id)
	info, err := e.fs.Lstat(path)
	if err != nil {
		return accountRecord{}, fmt.Errorf("reading %s: %w", path, err)
	}
	e.onboarding.mu.Lock()
	seen, known := e.onboarding.accounts[id]
	e.onboarding.mu.Unlock()
	if known && info.Same(seen.info) {
		return seen.record, seen.err
	}
	seen = accountSeen{info: info}
	seen.err = readKept(e.fs, path, &seen.record)
	if seen.err == nil {
		seen.err = seen.record.check(id)
	}
	if seen.err == nil || errors.Is(seen.err, errDamaged) {
		e.onboarding.mu.Lock()
		e.onboarding.accounts[id] = seen
		e.onboarding.mu.Unlock()
	}
	return seen.record, seen.err
}

// check refuses a record that would lead files or keys astray.
func (r accountRecord) check(id string) error {
	var why string
	switch {
	case r.ID != id:
		why = "it is about another connection"
	case r.Company == "" || r.Domain == "":
		why = "it names no company or no domain"
	case !filepath.IsAbs(r.Folder):
		why = "its folder is not absolute"
	case !carriesKey(r.Platform):
		why = "its platform may not be spoken to"
	default:
		return nil
	}
	return fmt.Errorf("connection %s: %w: %s", id, errDamaged, why)
}

// readAccounts gives every connection that can be read; see readRecords.
func (e *Engine) readAccounts() ([]Account, error) {
	records, err := e.readRecords()
	accounts := make([]Account, 0, len(records))
	for _, record := range records {
		accounts = append(accounts, record.Account)
	}
	return accounts, err
}

// placedRecords gives every connection, for who must not overlook one: a place that is taken has to be seen.
func (e *Engine) placedRecords() ([]accountRecord, error) {
	records, err := e.readRecords()
	if errors.Is(err, errDamaged) {
		told := refuse(nil, "connectionDamaged", "folder", filepath.Join(e.options.Home, "connections"))
		told.Cause = err
		return nil, told
	}
	return records, err
}

// loadAccounts gives every connection that can be read, the oldest first, and tells of the others in the overview.
func (e *Engine) loadAccounts(context.Context) ([]Account, error) {
	accounts, err := e.readAccounts()
	if err != nil && !errors.Is(err, errDamaged) {
		return accounts, err
	}
	e.complain("connections", err)
	if err != nil {
		e.report(newProblem("connectionDamaged", "folder", filepath.Join(e.options.Home, "connections")))
	} else {
		e.withdraw("connectionDamaged")
	}
	return accounts, nil
}

// account gives one connection.
func (e *Engine) account(id string) (Account, error) {
	if !draftName.MatchString(id) {
		return Account{}, refuse(ErrNotFound, "connectionGone")
	}
	record, err := e.readRecord(id)
	if errors.Is(err, fs.ErrNotExist) {
		return Account{}, refuse(ErrNotFound, "connectionGone")
	}
	return record.Account, err
}

// folderFor is where a draft's files will be: the connection's that is renewed, or the company's in the chosen one.
func (e *Engine) folderFor(d *draftRecord) (string, error) {
	if d.Reconnects != "" {
		account, err := e.account(d.Reconnects)
		return account.Folder, err
	}
	if err := e.checkDraftPlace(d); err != nil {
		return "", err
	}
	records, err := e.placedRecords()
	if err != nil {
		return "", err
	}
	folder := d.Input.companyFolder()
	for _, known := range records {
		if samePath(known.Folder, folder) {
			return known.Folder, nil // as it was written first
		}
	}
	return folder, nil
}

// recordConnection makes the connection durable: a new one, or the next consent of the one that is renewed, or that
// has this company's place and domain already.
func (e *Engine) recordConnection(ctx context.Context, d *draftRecord, platform string) (Account, error) {
	folder, err := e.folderFor(d)
	if err != nil {
		return Account{}, err
	}
	release, err := e.turn(ctx, "connections")
	if err != nil {
		return Account{}, err
	}
	defer release()
	records, err := e.placedRecords()
	if err != nil {
		return Account{}, err
	}
	record := accountRecord{Account: Account{ID: d.ID, Company: d.Input.Company, Domain: d.Input.Domain, Folder: folder, Practice: d.Practice}}
	for _, known := range records {
		if known.ID == d.Reconnects || d.Reconnects == "" && samePath(known.Folder, folder) && known.Domain == d.Input.Domain {
			if known.Platform != platform {
				return Account{}, refuse(ErrInvalid, "companyOtherPlatform", "company", known.Company, "platform", known.Platform)
			}
			record = known
			break
		}
	}
	if was := record.vaultName(); was != d.ID {
		record.Earlier = append(record.Earlier, was)
		record.Vault = d.ID
	}
	record.Platform, record.Profile, record.KeptIn = platform, d.Input.ProfilePath, d.KeptIn
	record.CallbackListen = d.Input.CallbackListen
	record.ApplicationTail, record.ApplicationMark = d.ApplicationTail, d.Mark
	record.ConnectedAt = e.now().UTC()
	if err := writeKept(e.fs, e.accountPath(record.ID), record); err != nil {
		return Account{}, fmt.Errorf("recording the connection: %w", err)
	}
	return record.Account, nil
}

// Disconnect ends a connection here: its keys are forgotten, its files stay. The consent is to be withdrawn in Sage too.
func (e *Engine) Disconnect(ctx context.Context, connection string) error {
	release, err := e.turn(ctx, "connections")
	if err != nil {
		return err
	}
	defer release()
	if _, err := e.account(connection); err != nil && !errors.Is(err, errDamaged) {
		return err
	}
	record, readErr := e.readRecord(connection)
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return err
	}
	// The file goes first: a crash between the two leaves keys that nobody uses, not a connection without keys.
	if err := e.fs.Remove(e.accountPath(connection)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the connection: %w", err)
	}
	e.abandon(connection)
	names := []string{connection}
	if readErr == nil {
		names = append(append(names, record.vaultName()), record.Earlier...)
	}
	for _, name := range names {
		err = errors.Join(err, secrets.Delete(ctx, name))
	}
	e.emit(Event{Kind: EventConnection, ID: connection, Company: record.Company})
	wake(e.onboarding.changed)
	return vaultProblem(err)
}

// runConnections adopts every recorded connection, and those that appear: a command may connect a company while the
// agent runs. It abandons those that are gone, and passes on what happened to their keys.
func (e *Engine) runConnections(ctx context.Context) error {
	tick := time.NewTicker(e.options.Tick)
	defer tick.Stop()
	adopted := map[string]Account{}
	e.goOnForgetting(ctx)
	if err := e.adoptAll(ctx, adopted, true); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case event := <-e.onboarding.keyEvents:
			e.keyChanged(ctx, event)
			continue
		case <-e.onboarding.changed:
		case <-tick.C:
		}
		e.goOnForgetting(ctx)
		if err := e.adoptAll(ctx, adopted, false); err != nil {
			return err
		}
	}
}

// adoptAll brings what runs in line with what is recorded. At the start a connection that cannot be adopted, because
// another home has its Outbox, ends the run and says so; later it is tried again at every tick.
func (e *Engine) adoptAll(ctx context.Context, adopted map[string]Account, starting bool) error {
	accounts, err := e.loadAccounts(ctx)
	if err != nil {
		e.log.Error("the connections cannot be read", "error", err)
		return nil // what runs goes on
	}
	recorded := map[string]bool{}
	waiting := map[string]bool{}
	for _, account := range accounts {
		recorded[account.ID] = true
		was, known := adopted[account.ID]
		if known && was == account {
			continue
		}
		err := e.adopt(account) //nolint:contextcheck // a link lives as long as Run does
		if starting && errors.Is(err, ErrBusy) {
			return err
		}
		e.complain("connection "+account.ID, err)
		if told, ok := errors.AsType[*ProblemError](err); ok {
			e.report(told.Problem)
			waiting[told.Problem.Code] = true
		}
		if err != nil {
			continue
		}
		adopted[account.ID] = account
		if known && was.vaultName() != account.vaultName() {
			e.noteKey(ctx, account.ID, KeyGood) // a new consent: what was wrong with the old key is over
		}
		e.emit(Event{Kind: EventConnection, ID: account.ID, Company: account.Company})
	}
	if !waiting["outboxHeld"] {
		e.withdraw("outboxHeld")
	}
	for id, account := range adopted {
		if !recorded[id] && !e.damaged(id) {
			e.abandon(id)
			delete(adopted, id)
			e.emit(Event{Kind: EventConnection, ID: id, Company: account.Company})
		}
	}
	return nil
}

// damaged reports that a connection is recorded and cannot be read just now: no reason to stop its lanes.
func (e *Engine) damaged(id string) bool {
	_, err := e.readRecord(id)
	return err != nil && !errors.Is(err, fs.ErrNotExist)
}

// dial makes a connection's way to the platform. Nothing is sent. There is one for each connection and process,
// since its keys rotate one at a time.
func (e *Engine) dial(ctx context.Context, account Account) (dialled, error) {
	platform, profilePath := account.Platform, account.Profile
	if account.Practice {
		practised, err := e.practised(ctx)
		if err != nil {
			return dialled{}, err
		}
		platform, profilePath = practised.Platform, practised.Profile
	}
	secrets, err := e.secrets(ctx)
	if err != nil {
		return dialled{}, err
	}
	client, profile, err := e.client(profilePath, platform)
	if err != nil {
		return dialled{}, err
	}
	keys := sage.NewKeys(client, vault.Keys(secrets, account.vaultName()), sage.KeysOptions{
		Lock: func(ctx context.Context) (func(), error) { return e.turn(ctx, "keys-"+account.ID) },
		OnChange: func(change sage.KeyEvent) {
			e.noteKeyEvent(account.ID, change)
		},
	})
	return dialled{profile: profile, client: client, keys: keys, session: client.Session(account.Domain, keys)}, nil
}
