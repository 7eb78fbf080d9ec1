package wording

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postroom/assets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// now is when these tests are.
var now = time.Date(2026, 11, 24, 10, 20, 30, 0, time.Local)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func at(day, hour, minute, second int) time.Time {
	return time.Date(2026, 11, day, hour, minute, second, 0, time.Local)
}

func english() Speaker {
	return Speaker{Words: assets.For("en-GB"), Now: func() time.Time { return now }}
}

func percent(p float64) *float64 { return &p }

func TestANameInARowStaysOnItsLineAndReadsAsItIs(t *testing.T) {
	for name, want := range map[string]string{
		"invoice\u202egpj.json": "invoice\ufffdgpj.json", "two\nlines.json": "two\ufffdlines.json", "\xff.json": "\ufffd.json", "März 日本.json": "März 日本.json",
	} {
		if got := english().TransferRow(watcher.Transfer{Name: name, State: journal.Queued}).Title; got != want {
			t.Errorf("%q is shown as %q", name, got)
		}
		if got := english().LooseRow(watcher.LooseFile{Name: name}).Title; got != want {
			t.Errorf("%q that is not carried is shown as %q", name, got)
		}
	}
}

func TestARowSaysWhatHappened(t *testing.T) {
	for _, c := range []struct {
		name     string
		transfer watcher.Transfer
		icon     string
		line     string
		right    string // time or button
	}{
		{"queued", watcher.Transfer{State: journal.Queued, CreatedAt: ago(20 * time.Second)}, "status-waiting", "Waits to be sent", "just now"},
		{"behind another", watcher.Transfer{
			State: journal.Queued, CreatedAt: ago(time.Second), Waits: &watcher.Problem{Code: "behind", Args: map[string]string{"name": "orders-24-11b.json"}},
		}, "status-waiting", "Next, after orders-24-11b.json", "just now"},
		{"Sage 50 is off", watcher.Transfer{
			State: journal.Processing, CreatedAt: ago(3 * time.Hour), Waits: &watcher.Problem{Code: "sageOff"},
		}, "status-waiting", "Waits for Sage 50 to be switched on", "3 h"},
		{"no network", watcher.Transfer{
			State: journal.Claimed, CreatedAt: ago(time.Minute), Waits: &watcher.Problem{Code: "networkDown", Args: map[string]string{"host": "sage.example"}},
		}, "status-waiting", "Sage cannot be reached (sage.example)", "1 min"},
		{"held", watcher.Transfer{State: journal.Held}, "status-attention", "Waits for your answer", "What to do"},
		{"claimed", watcher.Transfer{State: journal.Claimed, CreatedAt: ago(time.Minute)}, "status-up", "Being sent", "1 min"},
		{"created", watcher.Transfer{State: journal.Created, CreatedAt: ago(time.Minute)}, "status-up", "Being sent", "1 min"},
		{"sent", watcher.Transfer{State: journal.Sent, CreatedAt: ago(2 * time.Hour)}, "status-up", "Sent, Sage Cloud has it", "2 h"},
		{"validating", watcher.Transfer{State: journal.Validating, CreatedAt: ago(time.Minute)}, "status-up", "Sage Cloud is checking it", "1 min"},
		{"processing", watcher.Transfer{State: journal.Processing, CreatedAt: ago(time.Minute)}, "status-up", "Sage 50 is processing it", "1 min"},
		{"accepted", watcher.Transfer{State: journal.Accepted, Scope: "orders", Records: 40, EndedAt: at(24, 10, 12, 0)}, "status-done", "Accepted, 40 orders", "10:12"},
		{"accepted, one", watcher.Transfer{State: journal.Accepted, Scope: "orders", Records: 1, EndedAt: at(23, 10, 12, 0)}, "status-done", "Accepted, 1 order", "yesterday"},
		{"accepted, another kind", watcher.Transfer{State: journal.Accepted, Scope: "invoices", Records: 2, EndedAt: at(20, 10, 12, 0)}, "status-done", "Accepted, 2 records", "20 Nov"},
		{"accepted, not counted", watcher.Transfer{State: journal.Accepted, EndedAt: at(24, 10, 12, 0)}, "status-done", "Accepted", "10:12"},
		{"partly refused", watcher.Transfer{
			State: journal.Accepted, Scope: "orders", Records: 40, RefusedRecords: 3, EndedAt: at(24, 10, 6, 0),
			Actions: []watcher.Action{watcher.ActionDismiss},
		}, "status-problem", "3 of 40 orders refused", "What to do"},
		{"partly refused, put aside", watcher.Transfer{
			State: journal.Accepted, Scope: "orders", Records: 40, RefusedRecords: 3, EndedAt: at(24, 10, 6, 0),
		}, "status-problem", "3 of 40 orders refused", "10:06"},
		{"partly refused, not counted", watcher.Transfer{State: journal.Accepted, Scope: "orders", RefusedRecords: 1, EndedAt: at(24, 10, 6, 0)}, "status-problem", "Accepted, but 1 order refused", "10:06"},
		{"refused", watcher.Transfer{State: journal.Refused, UpdatedAt: at(24, 10, 6, 0)}, "status-problem", "Refused by Sage", "10:06"},
		{"unchecked", watcher.Transfer{
			State: journal.Unchecked, EndedAt: at(24, 10, 6, 0), Problem: &watcher.Problem{Code: "syntax", Args: map[string]string{"line": "14"}},
		}, "status-problem", "Not sent: line 14 has an error", "10:06"},
		{"unchecked, no line", watcher.Transfer{State: journal.Unchecked, EndedAt: at(24, 10, 6, 0)}, "status-problem", "Not sent: has an error", "10:06"},
		{"unknown", watcher.Transfer{State: journal.Unknown}, "status-unsure", "Not certain whether Sage took it", "What to do"},
		{"cancelled", watcher.Transfer{State: journal.Cancelled, EndedAt: at(24, 10, 6, 0)}, "status-left", "Taken back", "10:06"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.transfer.Name = "orders.json"
			row := english().TransferRow(c.transfer)
			right := row.Time
			if row.Action != "" {
				right = row.Action
			}
			if row.Icon != c.icon || row.Line != c.line || strings.ReplaceAll(right, "\u00a0", " ") != c.right || row.Title != "orders.json" {
				t.Errorf("%s | %s | %s", row.Icon, row.Line, right)
			}
		})
	}
}

func TestAFigureIsShownOnlyWhileItMoves(t *testing.T) {
	s := english()
	row := s.TransferRow(watcher.Transfer{State: journal.Processing, Progress: percent(62)})
	if row.Figure != "62\u00a0%" || row.Percent != 62 {
		t.Errorf("processing: %+v", row)
	}
	stopped := watcher.Transfer{State: journal.Processing, Progress: percent(62), Waits: &watcher.Problem{Code: "anything"}}
	if row := s.TransferRow(stopped); row.Figure != "" || row.Icon != "status-waiting" {
		t.Errorf("waiting for something: %+v", row)
	}
	if row := s.TransferRow(watcher.Transfer{State: journal.Accepted, Progress: percent(100)}); row.Figure != "" {
		t.Errorf("ended: %+v", row)
	}
}

func TestEveryStateHasASignAndWordsInEveryLanguage(t *testing.T) {
	states := []journal.State{
		journal.Queued, journal.Held, journal.Claimed, journal.Created, journal.Sent, journal.Validating, journal.Processing,
		journal.Accepted, journal.Refused, journal.Unchecked, journal.Unknown, journal.Cancelled,
	}
	for _, lang := range []string{"en", "es", "fr", "de"} {
		words := assets.For(lang)
		for _, state := range states {
			if _, ok := signs[state]; !ok {
				t.Errorf("%s has no sign", state)
			}
			if !words.Has("window.row." + string(state)) {
				t.Errorf("%s: no sentence for %s", lang, state)
			}
		}
		for _, key := range KeyRank {
			if !words.Has("window.connection." + string(key)) {
				t.Errorf("%s: no word for a key that is %s", lang, key)
			}
		}
	}
}

func TestAListSaysWhatChanged(t *testing.T) {
	for _, c := range []struct {
		list watcher.List
		want string
	}{
		{watcher.List{Scope: "products", Added: 12, Changed: 3}, "List from Sage: 12 new, 3 changed"},
		{watcher.List{Scope: "products", Removed: 1}, "List from Sage: 1 no longer in Sage"},
		{watcher.List{Scope: "products"}, "List from Sage: nothing has changed"},
		{watcher.List{Scope: "products", First: true, Records: 412}, "First list, 412 products"},
	} {
		row := english().ListRow(c.list)
		if row.Line != c.want || row.Title != "Products" || row.Icon != "status-down" {
			t.Errorf("%+v, want %q", row, c.want)
		}
	}
	odd := english().ListRow(watcher.List{Scope: "stock", Problem: &watcher.Problem{Code: "anything"}})
	if odd.Icon != "status-attention" || odd.Title != "stock" {
		t.Errorf("an odd list: %+v", odd)
	}
}

func TestTheHeadlineNeverSaysAllIsWellAboveARowThatIsNot(t *testing.T) {
	o := watcher.Overview{Companies: []watcher.Company{{Name: "Acme", Counts: watcher.Counts{Done: 5}}}}
	if _, said := english().Headline(o, "Acme", false); said != "Everything is accepted." {
		t.Errorf("all well: %q", said)
	}
	if _, said := english().Headline(o, "Acme", true); said != "Nothing waits for you." {
		t.Errorf("one put aside: %q", said)
	}
	o.Companies[0].Counts.NeedsYou = 1
	look, said := english().Headline(o, "Acme", false)
	if said != "1 file needs you." || look.Tone != ToneProblem || look.Icon != "status-problem" {
		t.Errorf("one needs the person: %q, %v", said, look)
	}
}

func TestTheHeadlineNamesAnotherCompanyWhoseFilesWait(t *testing.T) {
	waits := watcher.Counts{NeedsYou: 1}
	o := watcher.Overview{Companies: []watcher.Company{{Name: "Acme", Counts: waits}, {Name: "Borealis"}}}
	if _, said := english().Headline(o, "Borealis", false); said != "Acme: 1 file needs you." {
		t.Errorf("beside: %q", said)
	}
	if _, said := english().Headline(o, "Acme", false); said != "1 file needs you." {
		t.Errorf("at its place: %q", said)
	}
	o.Companies[1].Counts = waits
	if _, said := english().Headline(o, "Borealis", false); said != "2 files need you." {
		t.Errorf("in both: %q", said)
	}
}

func TestAHeadlinesColourNeverStandsAlone(t *testing.T) {
	seen := map[string]assets.TrayState{}
	for _, state := range []assets.TrayState{assets.TrayGood, assets.TrayBusy, assets.TrayNeedsYou, assets.TrayPaused, assets.TrayOffline} {
		look := HeadlineSign(state)
		if other, taken := seen[look.Icon]; taken {
			t.Errorf("%s and %s have one shape", state, other)
		}
		seen[look.Icon] = state
	}
}

func TestACompanysShapeTellsItsState(t *testing.T) {
	with := func(key watcher.KeyState, p *watcher.Problem, counts watcher.Counts) watcher.Company {
		return watcher.Company{Counts: counts, Connections: []watcher.Connection{{Key: watcher.Key{State: key}, Problem: p}}}
	}
	trouble := &watcher.Problem{Code: "anything"}
	for _, c := range []struct {
		name    string
		company watcher.Company
		paused  bool
		want    string
		line    string
	}{
		{"well", with(watcher.KeyGood, nil, watcher.Counts{}), false, "company-good", "Connection: working"},
		{"busy", with(watcher.KeyGood, nil, watcher.Counts{OnTheirWay: 1}), false, "company-busy", "Connection: working"},
		{"needs the person", with(watcher.KeyGood, nil, watcher.Counts{OnTheirWay: 1, NeedsYou: 1}), false, "company-problem", "Connection: working"},
		{"locked", with(watcher.KeyLocked, trouble, watcher.Counts{NeedsYou: 1}), false, "company-attention", "Connection: locked"},
		{"locked hard", with(watcher.KeyLockedHard, nil, watcher.Counts{}), false, "company-attention", "Connection: locked by Sage"},
		{"expired renews itself", with(watcher.KeyExpired, nil, watcher.Counts{}), false, "company-good", "Connection: being renewed"},
		{"no network", with(watcher.KeyGood, trouble, watcher.Counts{OnTheirWay: 1}), false, "company-offline", "Connection: no answer"},
		{"paused", with(watcher.KeyGood, nil, watcher.Counts{}), true, "company-paused", "Connection: working"},
	} {
		if got := CompanySign(c.company, c.paused); got.Icon != c.want {
			t.Errorf("%s: %s", c.name, got.Icon)
		}
		if got := english().ConnectionLine(c.company); got != c.line {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	stopped := with(watcher.KeyGood, nil, watcher.Counts{})
	stopped.Connections[0].Lanes = []watcher.Lane{{Scope: "orders", Problem: trouble}}
	if got := CompanySign(stopped, false); got.Icon != "company-offline" {
		t.Errorf("a lane that stands still: %s", got.Icon)
	}
}

func TestAPartlyRefusedFileIsNeverOfferedWholeAgain(t *testing.T) {
	told := english().Explain(watcher.Transfer{State: journal.Accepted, Scope: "orders", Records: 40, RefusedRecords: 3})
	if told.Lead != "What to do." || !strings.Contains(told.Text, "37") || !strings.Contains(told.Text, "must not be sent twice") {
		t.Errorf("%+v", told)
	}
}

func TestWhatWaitsSaysForWhatAndTillWhen(t *testing.T) {
	told := english().Explain(watcher.Transfer{
		State: journal.Processing, Waits: &watcher.Problem{Code: "anything"}, NextAttempt: now.Add(10 * time.Minute),
	})
	if told.Lead != "Why it waits." || !strings.HasSuffix(told.Text, "Next try at 10:30.") {
		t.Errorf("%+v", told)
	}
	told = english().Explain(watcher.Transfer{
		State: journal.Queued, Waits: &watcher.Problem{Code: "anything"},
		Cause: &watcher.Cause{Since: now.Add(-2 * time.Hour), RetryAt: now.Add(time.Minute)},
	})
	if !strings.HasSuffix(told.Text, "Next try at 10:21.") {
		t.Errorf("%+v", told)
	}
	if told := english().Explain(watcher.Transfer{State: journal.Accepted}); told != (Advice{}) {
		t.Errorf("where all is well: %+v", told)
	}
	for _, state := range []journal.State{journal.Unknown, journal.Refused, journal.Unchecked, journal.Held} {
		if told := english().Explain(watcher.Transfer{State: state}); told.Text == "" || strings.HasPrefix(told.Text, "window.") {
			t.Errorf("%s: %+v", state, told)
		}
	}
}

func TestASentenceLosesItsFullStopInARowAndSeveralKeepThem(t *testing.T) {
	for in, want := range map[string]string{
		"Next, after a.json.": "Next, after a.json", "One. Two.": "One. Two.", "And so on...": "And so on...", "": "",
	} {
		if got := Bare(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}

func TestAFailureIsToldInWords(t *testing.T) {
	s := english()
	told := &watcher.ProblemError{Problem: watcher.Problem{Code: "vaultLocked"}, Kind: watcher.ErrVaultLocked}
	for _, c := range []struct {
		err  error
		want string
	}{
		{told, "The safe with your access to Sage is locked."},
		{watcher.ErrNotFound, "no longer there"},
		{watcher.ErrWrongState, "no longer possible"},
		{watcher.ErrVaultLocked, "Enter your passphrase"},
		{errors.New("disk on fire"), "disk on fire"},
	} {
		if got := s.Failure(c.err); !strings.Contains(got, c.want) {
			t.Errorf("%v: %q", c.err, got)
		}
	}
}

func TestWhatIsCopiedForTheAuthorSaysWhereTheErrorsAre(t *testing.T) {
	d := watcher.Detail{
		Transfer: watcher.Transfer{Name: "orders-20-11.json", Company: "Acme Ltd"},
		Outcomes: []watcher.RecordOutcome{
			{ID: "A-2031", Status: "refused", Reason: "Customer C-1042 has no e-mail address in Sage 50"},
			{ID: "A-2001", Status: "accepted", Accepted: true, SageID: "10451"},
		},
	}
	text := english().ForAuthor(d)
	for _, part := range []string{"orders-20-11.json", "Acme Ltd", "A-2031", "C-1042 has no e-mail"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	if strings.Contains(text, "A-2001") {
		t.Error("what was accepted is complained of")
	}
}

func TestCopiedDetailsHoldWhatSupportAsksFor(t *testing.T) {
	d := watcher.Detail{Transfer: watcher.Transfer{
		ID: "0190", Name: "a.json", Company: "Acme", Domain: "ecommerce", Scope: "orders", State: journal.Refused, RemoteStatus: "badRequest",
		SHA256: "abc", Problem: &watcher.Problem{Code: "platformRefused", Args: map[string]string{"status": "badRequest"}},
	}, Timeline: []watcher.TimelineEntry{{At: now, Kind: "sent"}}}
	text := english().Details(d)
	for _, part := range []string{"0190", "ecommerce/orders", "badRequest", "platformRefused status=badRequest", "sha256: abc", ": sent"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

func TestWhatChangedInAListIsATable(t *testing.T) {
	rows := english().ChangeLines([]watcher.RecordChange{
		{ID: "77-B", Kind: "added", Label: "Garden chair, folding, beech"},
		{ID: "12-A", Kind: "changed", Label: "Table", Fields: []string{"netPrice", "tax"}},
		{ID: "4-Z", Kind: "removed", Label: "Stool"},
	})
	if len(rows) != 3 || rows[0].Second != "New" || rows[1].Third != "Table (Net price, Tax)" || rows[2].Second != "No longer in Sage" {
		t.Errorf("%+v", rows)
	}
}

func TestEveryStepOfAJourneyHasItsWords(t *testing.T) {
	s := english()
	file := watcher.Transfer{Name: "a.json", Scope: "orders", Size: 84_211}
	for _, c := range []struct {
		kind string
		args map[string]string
		icon string
		want string
	}{
		{"dropped", nil, "status-done", "Dropped"},
		{"checked", map[string]string{"records": "40"}, "status-done", "Checked: 40 orders"},
		{"sent", nil, "status-done", "Sent, 84 KB"},
		{"status", map[string]string{"status": "downloaded"}, "status-done", "Fetched by Sage 50"},
		{"status", map[string]string{"status": "inTransit"}, "status-done", "Sage says: inTransit"},
		{"accepted", map[string]string{"status": "accepted"}, "status-done", "Processed by Sage 50"},
		{"result", map[string]string{"records": "40", "refused": "0"}, "status-done", "Result: 40 orders, all accepted"},
		{"result", map[string]string{"records": "40", "refused": "3"}, "status-problem", "Result: 3 of 40 orders refused"},
		{"result", map[string]string{"records": "0", "refused": "0"}, "status-done", "Result arrived"},
		{"refused", map[string]string{"status": "failed"}, "status-problem", "Refused by Sage"},
		{"waiting", map[string]string{"problem": "vaultLocked"}, "status-waiting", "Waited. The safe with your access to Sage is locked."},
		{"somethingNew", nil, "status-done", "somethingNew"},
	} {
		look, words := s.TimelineEntry(file, watcher.TimelineEntry{Kind: c.kind, Args: c.args})
		if look.Icon != c.icon || strings.ReplaceAll(words, "\u00a0", " ") != c.want {
			t.Errorf("%s %v: %s, %q", c.kind, c.args, look.Icon, words)
		}
	}
}

// The engine names its steps in its own code; a step without words would show that name to a person.
func TestEveryStepThatTheEngineTellsHasItsWords(t *testing.T) {
	told := regexp.MustCompile(`\btell\("([a-zA-Z]+)"`)
	files, err := filepath.Glob("../../watcher/courier/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no courier: %v", err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range told.FindAllStringSubmatch(string(source), -1) {
			for _, lang := range []string{"en", "es", "fr", "de"} {
				if !assets.For(lang).Has("timeline." + step[1]) {
					t.Errorf("%s tells %q: no words in %s", filepath.Base(name), step[1], lang)
				}
			}
		}
	}
}
