package gui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
	"postroom/gui/wording"
	"postroom/watcher"
	"postroom/watcher/journal"
)

func (f *fake) Connections(context.Context) ([]watcher.Connection, error) {
	_ = f.note("Connections")
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []watcher.Connection
	for _, c := range f.overview.Companies {
		all = append(all, c.Connections...)
	}
	return all, f.err
}

func (f *fake) Renewals(_ context.Context, connection string) ([]watcher.Renewal, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.renewals[connection], f.err
}

func (f *fake) Rotate(_ context.Context, company, domain string) error {
	return f.note("Rotate", company, domain)
}
func (f *fake) RenewSecret(_ context.Context, id string) error { return f.note("RenewSecret", id) }
func (f *fake) Disconnect(_ context.Context, id string) error  { return f.note("Disconnect", id) }

func (f *fake) Reconnect(_ context.Context, id string) (watcher.Draft, error) {
	return watcher.Draft{ID: "draft of " + id}, f.note("Reconnect", id)
}

// locked is the engine of the connection's picture: Borealis SL is locked out.
func locked() *fake {
	f := acme()
	c := &f.overview.Companies[1].Connections[0]
	c.Key = watcher.Key{
		State: watcher.KeyLocked, Since: at(24, 10, 41, 0), RenewedAt: at(20, 14, 3, 0), ConnectedAt: at(6, 9, 20, 0),
		KeptIn: "keyring", CheckedAt: at(24, 11, 3, 0),
	}
	c.Problem = &watcher.Problem{Code: "connectionLocked", Args: map[string]string{"company": "Borealis SL"}}
	for i := range 3 {
		f.transfers = append(f.transfers, watcher.Transfer{
			ID: "b" + string(rune('1'+i)), Connection: "c2", Company: "Borealis SL", Domain: "ecommerce", Scope: "orders",
			Name: "orders-b.json", State: journal.Queued, CreatedAt: at(24, 10, 40-i, 0),
		})
	}
	f.renewals = map[string][]watcher.Renewal{
		"c1": {{At: at(6, 9, 20, 0), Kind: "connected"}},
		"c2": {
			{At: at(24, 10, 41, 0), Kind: "locked"},
			{At: at(20, 14, 3, 0), Kind: "renewed", Args: map[string]string{"by": "itself"}},
			{At: at(6, 9, 20, 0), Kind: "connected"},
		},
	}
	return f
}

// later is the moment of the connection's picture.
var later = time.Date(2026, 11, 24, 11, 4, 0, 0, time.Local)

// openConnection goes to a company's connection.
func openConnection(t *testing.T, engine *fake, company string, size fyne.Size, change ...func(*Options)) *screen {
	t.Helper()
	s := open(t, engine, size, append([]func(*Options){func(o *Options) {
		o.Connection, o.Settings = ConnectionPage, SettingsPage
		o.Now = func() time.Time { return later }
	}}, change...)...)
	s.goConnection(company)
	s.until("the connection", func() bool { return s.connection().content.Visible() })
	s.settle()
	return s
}

func (s *screen) connection() *connectionPage {
	s.t.Helper()
	p, ok := s.page.(*connectionPage)
	if !ok {
		s.t.Fatalf("the page is %T", s.page)
	}
	return p
}

// says is everything that is to be read in the window.
func (s *screen) says() string {
	var found []seen
	size := s.win.Canvas().Size()
	texts(s.win.Content(), fyne.NewPos(0, 0), box{0, 0, size.Width, 100_000}, true, &found)
	var words []string
	for _, f := range found {
		words = append(words, f.text)
	}
	return strings.Join(words, "\n")
}

func (s *screen) mustSay(wanted ...string) {
	s.t.Helper()
	said := s.says()
	for _, text := range wanted {
		if !strings.Contains(said, text) {
			s.t.Errorf("%q is not to be read in:\n%s", text, said)
		}
	}
}

func (p *connectionPage) button(t *testing.T, words string) *widgets.Button {
	t.Helper()
	for _, b := range p.buttons {
		if b.Text == words {
			return b
		}
	}
	t.Fatalf("no button %q", words)
	return nil
}

func TestEachStateOfAKeyIsToldWithWhatFits(t *testing.T) {
	for state, c := range map[watcher.KeyState]struct {
		title, text string
		actions     []string
		filled      bool
	}{
		watcher.KeyGood:       {"Working.", "Renewed 3 days ago, by itself.", []string{"Renew access", "Reconnect"}, false},
		watcher.KeyExpired:    {"The access is being renewed.", "nothing is lost", []string{"Renew access", "Reconnect"}, false},
		watcher.KeyUnknown:    {"Not tried yet.", "with the first file", []string{"Renew access", "Reconnect"}, false},
		watcher.KeyLocked:     {"Sage has locked this connection for a while.", "Unlock renews the secret", []string{"Unlock", "Reconnect", "Copy details for support"}, true},
		watcher.KeyLockedHard: {"Sage has locked this connection.", "call Sage support", []string{"Copy details for support", "Reconnect"}, true},
		watcher.KeyRevoked:    {"The consent was withdrawn in Sage.", "Reconnect gets a new passcode", []string{"Reconnect", "Copy details for support"}, true},
		watcher.KeyInvalid:    {"Sage does not accept this connection.", "Reconnect gets a new passcode", []string{"Reconnect", "Copy details for support"}, true},
		"of another version":  {"Not tried yet.", "", []string{"Renew access", "Reconnect"}, false},
	} {
		t.Run(string(state), func(t *testing.T) {
			engine := locked()
			connection := &engine.overview.Companies[1].Connections[0]
			connection.Key.State, connection.Problem = state, nil
			s := openConnection(t, engine, "Borealis SL", normal)
			p := s.connection()
			if p.title.Text() != c.title || !strings.Contains(p.text.Text(), c.text) {
				t.Errorf("%q, %q", p.title.Text(), p.text.Text())
			}
			var actions []string
			for _, b := range p.buttons {
				actions = append(actions, b.Text)
			}
			if !slices.Equal(actions, c.actions) || (p.buttons[0].Kind == widgets.Filled) != c.filled {
				t.Errorf("buttons %q, the first %v", actions, p.buttons[0].Kind)
			}
		})
	}
}

func TestTheConnectionsFactsAndRenewals(t *testing.T) {
	s := openConnection(t, locked(), "Borealis SL", normal)
	s.mustSay("3 days old, locked since 10:41", "renewed by itself", "checked 1 minute ago", "3 order files, oldest from 10:38", "Show",
		"Locked by Sage for a time", "20 Nov 14:03", "e-commerce data, passcode used")
	test.Tap(s.connection().facts.rows[2].Action())
	if s.page != nil || s.files.filters.Chosen() != filterWaiting || s.company != "Borealis SL" {
		t.Error("it does not show the files that wait")
	}
}

func TestAConnectionThatIsOfflineSaysSo(t *testing.T) {
	engine := locked()
	connection := &engine.overview.Companies[1].Connections[0]
	connection.Key.State = watcher.KeyGood
	connection.Problem = &watcher.Problem{Code: "platformUnreachable", Args: map[string]string{"host": "sage.example"}}
	s := openConnection(t, engine, "Borealis SL", normal)
	s.mustSay("sage.example cannot be reached.")
}

func TestTheButtonsOfAConnectionAskTheEngine(t *testing.T) {
	for words, c := range map[string]struct {
		state watcher.KeyState
		asks  string
	}{
		"Renew access": {watcher.KeyGood, "Rotate Borealis SL ecommerce"},
		"Unlock":       {watcher.KeyLocked, "RenewSecret c2"},
	} {
		t.Run(words, func(t *testing.T) {
			engine := locked()
			connection := &engine.overview.Companies[1].Connections[0]
			connection.Key.State, connection.Problem = c.state, nil
			s := openConnection(t, engine, "Borealis SL", normal)
			b := s.connection().button(t, words)
			test.Tap(b)
			if !b.Disabled() {
				t.Error("it can be pressed again at once")
			}
			test.Tap(b)
			s.asked(c.asks)
			s.until("the button to come back", func() bool { return !b.Disabled() })
			if n := engine.askedFor(c.asks); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestWhatAButtonCannotDoIsToldAndTakenBack(t *testing.T) {
	engine := locked()
	s := openConnection(t, engine, "Borealis SL", normal)
	engine.change(func() {
		engine.refusal = &watcher.ProblemError{Problem: watcher.Problem{Code: "platformUnreachable", Args: map[string]string{"host": "sage.example"}}}
	})
	test.Tap(s.connection().button(t, "Unlock"))
	s.until("the note", func() bool { return s.connection().note.Visible() })
	s.mustSay("sage.example cannot be reached.")
	engine.change(func() { engine.refusal = errors.New("out of breath") })
	test.Tap(s.connection().button(t, "Unlock"))
	s.until("the other reason", func() bool { return strings.Contains(s.connection().note.Text, "out of breath") })
	engine.change(func() { engine.refusal = nil })
	test.Tap(s.connection().button(t, "Unlock"))
	s.until("the note to go", func() bool { return !s.connection().note.Visible() })
}

func TestALockedVaultIsOpenedOnTheConnectionsPage(t *testing.T) {
	engine := locked()
	s := openConnection(t, engine, "Borealis SL", normal)
	engine.change(func() {
		engine.refusal = &watcher.ProblemError{Problem: watcher.Problem{Code: "vaultLocked"}, Kind: watcher.ErrVaultLocked}
	})
	p := s.connection()
	test.Tap(p.button(t, "Unlock"))
	s.until("the question", p.unlock.Asking)
	engine.change(func() { engine.refusal = nil })
	p.unlock.field.SetText("a few good words")
	p.unlock.unlock()
	s.asked("UnlockVault")
	s.until("the question to go", func() bool { return !p.unlock.Asking() })
}

func TestReconnectingOpensTheWizardAtItsDraft(t *testing.T) {
	var about string
	s := openConnection(t, locked(), "Borealis SL", normal, func(o *Options) {
		o.Wizard = func(h *Host, draft string) Page {
			about = draft
			return SettingsPage(h, "")
		}
	})
	test.Tap(s.connection().button(t, "Reconnect"))
	s.until("the wizard", func() bool { return about != "" })
	if about != "draft of c2" {
		t.Errorf("the wizard is about %q", about)
	}
}

func TestDisconnectingAsksFirst(t *testing.T) {
	engine := locked()
	s := openConnection(t, engine, "Borealis SL", normal)
	s.connection().askDisconnect()
	s.look("disconnect-light")
	answers := s.connection().sheet.Buttons()
	test.Tap(answers[1])
	s.settle()
	if engine.askedFor("Disconnect") != 0 {
		t.Fatal("it was disconnected although the person keeps it")
	}
	s.connection().askDisconnect()
	test.Tap(s.connection().sheet.Buttons()[0])
	s.asked("Disconnect c2")
	engine.change(func() { engine.overview.Companies = engine.overview.Companies[:1] })
	engine.events <- watcher.Event{Kind: watcher.EventConnection, ID: "c2"}
	s.until("the files", func() bool { return s.page == nil })
}

func TestAQuestionGoesWithItsPage(t *testing.T) {
	s := openConnection(t, locked(), "Borealis SL", normal)
	s.connection().askDisconnect()
	s.goFiles("")
	if top := s.win.Canvas().Overlays().Top(); top != nil {
		t.Errorf("%T is left over the window", top)
	}
}

func TestTheDetailsForSupportHoldNoWordOfALanguageAndNoKey(t *testing.T) {
	s := openConnection(t, locked(), "Borealis SL", normal)
	p := s.connection()
	test.Tap(p.button(t, "Copy details for support"))
	if p.buttons[2].Text != "Copied" {
		t.Errorf("the button says %q", p.buttons[2].Text)
	}
	copied := s.app.Clipboard().Content()
	for _, want := range []string{"company: Borealis SL", "key: locked", "problem: connectionLocked company=Borealis SL", "renewed by=itself"} {
		if !strings.Contains(copied, want) {
			t.Errorf("%q is not in\n%s", want, copied)
		}
	}
}

func TestTheConnectionsPageKeepsItsPartsWhileItsWordsChange(t *testing.T) {
	engine := locked()
	s := openConnection(t, engine, "Borealis SL", normal)
	p := s.connection()
	first := p.buttons[1]
	s.win.Canvas().Focus(first)
	rows := slices.Clone(p.timeline.rows)
	engine.change(func() {
		engine.renewals["c2"] = append([]watcher.Renewal{{At: later, Kind: "renewFailed", Args: map[string]string{"problem": "platformUnreachable", "host": "sage.example"}}}, engine.renewals["c2"]...)
	})
	engine.events <- watcher.Event{Kind: watcher.EventConnection, ID: "c2"}
	s.until("a line more", func() bool { return len(p.timeline.rows) == 4 })
	s.mustSay("Could not be renewed", "sage.example cannot be reached")
	if s.win.Canvas().Focused() != fyne.Focusable(first) || !slices.Equal(p.timeline.rows[:3], rows) {
		t.Error("the page was built anew")
	}
}

func TestManyEventsAreOneLook(t *testing.T) {
	engine := locked()
	s := openConnection(t, engine, "Borealis SL", normal)
	before := engine.askedFor("Connections")
	for range 500 {
		s.connection().Changed([]watcher.Event{{Kind: watcher.EventConnection}})
	}
	s.connection().Changed([]watcher.Event{{Kind: watcher.EventTransfer, Company: "Acme Ltd"}}) // another's
	s.settle()
	s.until("rest", func() bool { return !s.connection().loading })
	if n := engine.askedFor("Connections") - before; n > 2 {
		t.Errorf("the engine was asked %d times", n)
	}
}

func TestACompanyWithTwoConnectionsShowsEither(t *testing.T) {
	engine := locked()
	engine.overview.Companies[1].Connections = append(engine.overview.Companies[1].Connections, watcher.Connection{
		ID: "c3", Company: "Borealis SL", Domain: "comp-nominalv1", Key: watcher.Key{State: watcher.KeyGood},
	})
	s := openConnection(t, engine, "Borealis SL", normal)
	p := s.connection()
	s.mustSay("Web shop", "Company settings")
	p.domains.Objects[0].(*widgets.Filters).Choose(1)
	s.until("the other one", func() bool { return p.title.Text() == "Working." })
}

// TestEveryConnectionIsDrawn draws the page in every state of a key. With POSTROOM_PICTURES=folder the pictures are
// written.
func TestEveryConnectionIsDrawn(t *testing.T) {
	for _, c := range pageLooks {
		t.Run(c.name, func(t *testing.T) {
			for i, state := range wording.KeyRank {
				engine := locked()
				connection := &engine.overview.Companies[1].Connections[0]
				connection.Key.KeptIn = []string{"keyring", "file", "memory", ""}[i%4]
				if connection.Key.State = state; state != watcher.KeyLocked {
					connection.Problem = nil
				}
				s := openConnection(t, engine, "Borealis SL", c.size, func(o *Options) { o.Theme, o.Language = c.theme, c.language })
				s.look("connection-" + string(state) + "-" + c.name)
				s.mustBeLegible(string(state))
				if c.size == small {
					s.mustBeWhole(string(state))
				}
				s.win.Close()
			}
		})
	}
}

// pageLooks are the windows that the pages beside the sidebar are looked at in.
var pageLooks = []struct {
	name, theme, language string
	size                  fyne.Size
}{
	{"light", "light", "en-GB", normal},
	{"dark", "dark", "en-GB", normal},
	{"de", "light", "de", normal},
	{"small", "dark", "en-GB", small},
	{"small-de", "light", "de", small},
	{"small-fr", "dark", "fr", small},
	{"small-es", "light", "es", small},
}
