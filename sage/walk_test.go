package sage_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
)

// change is one field of the profile with another value, and how the walk sees that client and sandbox follow it.
type change struct {
	value any                       // as the field stands in a profile's file
	under map[string]any            // other fields that have to be set for this one to matter, in both profiles
	check func(*testing.T, *walker) // nil: together they go through everything, apart they do not
}

// walker is what a check works with.
type walker struct {
	field           string
	before, changed *sage.Profile
}

// fields lists the profile's fields by the names in its file. Entries of a map are named *.
func fields(t reflect.Type, at string) []string {
	switch t.Kind() {
	case reflect.Struct:
		var all []string
		for i := range t.NumField() {
			all = append(all, fields(t.Field(i).Type, strings.TrimPrefix(at+"."+t.Field(i).Tag.Get("json"), "."))...)
		}
		return all
	case reflect.Map:
		return fields(t.Elem(), at+".*")
	}
	return []string{at}
}

// TestClientAndSandboxFollowEveryFieldOfTheProfileTogether walks the profile by reflection: a field without a case
// fails, and so does a case without a field.
func TestClientAndSandboxFollowEveryFieldOfTheProfileTogether(t *testing.T) {
	all := fields(reflect.TypeFor[sage.Profile](), "")
	for _, field := range all {
		c, ok := changes[field]
		if !ok {
			t.Errorf("%s: a new field needs a case in changes", field)
			continue
		}
		t.Run(field, func(t *testing.T) {
			w := &walker{field: field, before: load(t, c.under), changed: load(t, merge(t, c.under, nest(field, c.value)))}
			touches(t, w, field)
			if c.check == nil {
				together(t, w)
				return
			}
			c.check(t, w)
		})
	}
	for field := range changes {
		if !slices.Contains(all, field) {
			t.Errorf("%s: there is no such field", field)
		}
	}
}

// TestTheDefaultProfileGoesThrough shows that the walk's way through everything works at all.
func TestTheDefaultProfileGoesThrough(t *testing.T) {
	if err := goThrough(t, sage.DefaultProfile(), sage.DefaultProfile(), nil); err != nil {
		t.Fatal(err)
	}
}

// goThrough lets a client and a sandbox go through everything in a bubble.
func goThrough(t *testing.T, client, platform *sage.Profile, look func(*world)) (failure error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, client, platform)
		defer w.close(t)
		failure = w.through(t.Context())
		if look != nil {
			look(w)
		}
	})
	return failure
}

// together is how most fields are shown to be followed: with the changed value on both sides everything works, with
// it on one side alone it does not.
func together(t *testing.T, w *walker) {
	t.Helper()
	if err := goThrough(t, w.changed, w.changed, nil); err != nil {
		t.Errorf("with the changed value on both sides: %v", err)
	}
	if err := goThrough(t, w.before, w.changed, nil); err == nil {
		t.Error("the sandbox does not follow: a client without the change works all the same")
	}
	if err := goThrough(t, w.changed, w.before, nil); err == nil {
		t.Error("the client does not follow: a sandbox without the change works all the same")
	}
}

// answersWith shows a status that the sandbox answers with; a client takes every success.
func answersWith(op string) func(*testing.T, *walker) {
	return func(t *testing.T, w *walker) {
		want, err := strconv.Atoi(leaves(w.changed)[w.field])
		must(t, err)
		for _, client := range []*sage.Profile{w.before, w.changed} {
			err := goThrough(t, client, w.changed, func(x *world) {
				if got := x.statuses(op); !got[want] || len(got) != 1 {
					t.Errorf("answered %v, want %d", got, want)
				}
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
}

// load makes a profile of what its file would say.
func load(t *testing.T, document map[string]any) *sage.Profile {
	t.Helper()
	data, err := json.Marshal(merge(t, document))
	if err != nil {
		t.Fatal(err)
	}
	p, err := sage.LoadProfile(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// nest makes a document of one field. Entries of maps, *, are the value's business: it begins at the first of them.
func nest(field string, value any) map[string]any {
	if before, _, ok := strings.Cut(field, ".*"); ok {
		field = before
	}
	parts := strings.Split(field, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		value = map[string]any{parts[i]: value}
	}
	return value.(map[string]any)
}

// merge lays documents over each other. Names with dots are paths.
func merge(t *testing.T, documents ...map[string]any) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, document := range documents {
		for name, value := range document {
			if head, rest, ok := strings.Cut(name, "."); ok {
				name, value = head, map[string]any{rest: value}
			}
			if inner, ok := value.(map[string]any); ok {
				present, _ := out[name].(map[string]any)
				value = merge(t, present, inner)
			}
			out[name] = value
		}
	}
	return out
}

// touches holds that a case changes its field and no other.
func touches(t *testing.T, w *walker, field string) {
	t.Helper()
	before, after := leaves(w.before), leaves(w.changed)
	group, _, isMap := strings.Cut(field, ".*")
	changed := false
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] == after[name] {
			continue
		}
		changed = true
		within := isMap && strings.HasPrefix(name, group+".")
		if name != field && !within {
			t.Errorf("the case changes %s too", name)
		}
	}
	if !changed {
		t.Error("the case changes nothing")
	}
}

func leaves(p *sage.Profile) map[string]string {
	all := map[string]string{}
	var walk func(v reflect.Value, at string)
	walk = func(v reflect.Value, at string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), strings.TrimPrefix(at+"."+v.Type().Field(i).Tag.Get("json"), "."))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(v.MapIndex(key), at+"."+key.String())
			}
		default:
			all[at] = fmt.Sprintf("%v", v.Interface())
		}
	}
	walk(reflect.ValueOf(p).Elem(), "")
	return all
}

// under are fields that others need.
func under(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

var (
	inOneStep   = under("upload", "one-step")
	withOutcome = under("operations.passcodeOutcome.path", "/api/developers/{developerId}/applications/{applicationId}/passcodes/{passcode}")
	completing  = under("operations.completeFile.path", "/api/files/{fileId}/complete")
	ownHeader   = under("key.also", []string{})
)

// changes has a case for every field of the profile.
var changes = map[string]change{
	"baseUrl": {value: "http://127.0.0.1:2/broker", check: atAnotherAddress},
	"upload":  {value: "one-step"},

	"key.header":  {value: "X-Access", under: ownHeader},
	"key.scheme":  {value: "Token", under: ownHeader},
	"key.also":    {value: []string{"X-Spare: Word"}, check: takesAlso},
	"rotateAhead": {value: "30m", check: rotatesAhead},

	"operations.registerDeveloper.method":     {value: "PUT"},
	"operations.registerDeveloper.path":       {value: "/v2/people"},
	"operations.registerDeveloper.status":     {value: 202, check: answersWith("registerDeveloper")},
	"operations.registerApplication.method":   {value: "PUT"},
	"operations.registerApplication.path":     {value: "/v2/people/{developerId}/apps"},
	"operations.registerApplication.status":   {value: 202, check: answersWith("registerApplication")},
	"operations.createPasscode.method":        {value: "PUT"},
	"operations.createPasscode.path":          {value: "/v2/{applicationId}/of-{developerId}/code"},
	"operations.createPasscode.status":        {value: 200, check: answersWith("createPasscode")},
	"operations.createPasscode.parameters":    {value: "query"},
	"operations.passcodeOutcome.method":       {value: "POST", under: withOutcome},
	"operations.passcodeOutcome.path":         {value: "/v2/outcomes/{passcode}", under: withOutcome},
	"operations.passcodeOutcome.status":       {value: 203, under: withOutcome, check: answersWith("passcodeOutcome")},
	"operations.rotateKey.method":             {value: "POST"},
	"operations.rotateKey.path":               {value: "/v2/key"},
	"operations.rotateKey.status":             {value: 201, check: answersWith("rotateKey")},
	"operations.rotateKey.parameters":         {value: "header"},
	"operations.renewSecret.method":           {value: "PUT"},
	"operations.renewSecret.path":             {value: "/v2/secret"},
	"operations.renewSecret.status":           {value: 204, check: answersWith("renewSecret")},
	"operations.renewSecret.parameters":       {value: "query"},
	"operations.createFile.method":            {value: "PUT"},
	"operations.createFile.path":              {value: "/v2/{scope}.{domain}/new"},
	"operations.createFile.status":            {value: 200, check: answersWith("createFile")},
	"operations.createFile.idempotencyHeader": {value: "X-Once"},
	"operations.sendFile.method":              {value: "POST"},
	"operations.sendFile.contentType":         {value: "application/vnd.sage+json"},
	"operations.sendFile.status":              {value: 204, check: answersWith("sendFile")},
	"operations.completeFile.method":          {value: "PUT", under: completing},
	"operations.completeFile.path":            {value: "/v2/{domain}/{scope}/{fileId}/done", under: completing},
	"operations.completeFile.status":          {value: 202, under: completing, check: answersWith("completeFile")},
	"operations.sendOneStep.method":           {value: "PUT", under: inOneStep},
	"operations.sendOneStep.path":             {value: "/v2/{domain}/{scope}", under: inOneStep},
	"operations.sendOneStep.contentType":      {value: "text/json", under: inOneStep},
	"operations.sendOneStep.status":           {value: 202, under: inOneStep, check: answersWith("sendOneStep")},
	"operations.sendOneStep.parameters":       {value: "header", under: inOneStep},
	"operations.latestFile.method":            {value: "POST"},
	"operations.latestFile.path":              {value: "/v2/{domain}/{scope}/newest"},
	"operations.latestFile.status":            {value: 203, check: answersWith("latestFile")},

	"names.developer.name":              {value: "who"},
	"names.developer.email":             {value: "mail"},
	"names.developer.company":           {value: "firm"},
	"names.developer.application":       {value: "app"},
	"names.application.name":            {value: "title"},
	"names.application.description":     {value: "about", check: describes},
	"names.application.domain":          {value: "area"},
	"names.application.approvalUrl":     {value: "onKey"},
	"names.application.notificationUrl": {value: "onFile"},
	"names.passcode.secret":             {value: "pass"},
	"names.rotation.initialKey":         {value: "firstKey"},
	"names.rotation.secret":             {value: "pass"},
	"names.renewal.initialKey":          {value: "firstKey"},
	"names.renewal.secret":              {value: "pass"},
	"names.renewal.newSecret":           {value: "next"},
	"names.file.fileName":               {value: "file"},
	"names.file.size":                   {value: "bytes", under: inOneStep, check: tellsSize},

	"answers.registrationUrl": {value: []string{"goTo"}},
	"answers.applicationId":   {value: []string{"app.id"}},
	"answers.passcode":        {value: []string{"code.value"}},
	"answers.expires":         {value: []string{"until"}},
	"answers.key":             {value: []string{"access.token"}},
	"answers.fileId":          {value: []string{"document"}},
	"answers.uploadUrl":       {value: []string{"links.upload"}},
	"answers.trackingUrl":     {value: []string{"links.track"}},
	"answers.status":          {value: []string{"state"}},
	"answers.progress":        {value: []string{"percent"}},
	"answers.resultUrl":       {value: []string{"links.result"}},
	"answers.timestamp":       {value: []string{"at"}},
	"answers.size":            {value: []string{"length"}},
	"answers.downloadUrl":     {value: []string{"links.content"}},

	"errors.code":    {value: []string{"fault.number"}},
	"errors.message": {value: []string{"fault.text"}},
	"errors.limit":   {value: []string{"most"}},

	"statuses.awaitingUpload": {value: []string{"EMPTY"}, check: together},
	"statuses.validating":     {value: []string{"checking"}},
	"statuses.quarantined":    {value: []string{"held"}},
	"statuses.available":      {value: []string{"ready"}},
	"statuses.downloaded":     {value: []string{"fetched"}},
	"statuses.processing":     {value: []string{"working"}},
	"statuses.accepted":       {value: []string{"done"}},
	"statuses.failed":         {value: []string{"broken"}},
	"statuses.badRequest":     {value: []string{"nonsense"}},
	"statuses.rejected":       {value: []string{"turned away"}},

	"callbacks.approval.method":            {value: "PUT", check: approvesBy(http.MethodPut, sage.FormJSON)},
	"callbacks.approval.form":              {value: "form", check: approvesBy(http.MethodPost, sage.FormURLEncoded)},
	"callbacks.approval.key":               {value: []string{"access.token"}, check: renamesCallback},
	"callbacks.approval.passcode":          {value: []string{"code"}, check: renamesCallback},
	"callbacks.approval.applicationId":     {value: []string{"app"}, check: renamesCallback},
	"callbacks.approval.domain":            {value: []string{"area"}, check: renamesCallback},
	"callbacks.approval.company":           {value: []string{"firm"}, check: renamesCallback},
	"callbacks.approval.expires":           {value: []string{"until"}, check: renamesCallback},
	"callbacks.notification.method":        {value: "PUT", check: notifiesBy(http.MethodPut, sage.FormJSON)},
	"callbacks.notification.form":          {value: "query", check: notifiesBy(http.MethodPost, sage.FormQuery)},
	"callbacks.notification.applicationId": {value: []string{"app"}, check: renamesCallback},
	"callbacks.notification.domain":        {value: []string{"area"}, check: renamesCallback},
	"callbacks.notification.scope":         {value: []string{"kind"}, check: renamesCallback},
	"callbacks.notification.fileId":        {value: []string{"document"}, check: renamesCallback},
	"callbacks.notification.timestamp":     {value: []string{"at"}, check: renamesCallback},
	"callbacks.notification.downloadUrl":   {value: []string{"link"}, check: renamesCallback},

	"domains.*.scopes.*.direction":      {value: stock("outgoing", "product", ""), check: takesScope},
	"domains.*.scopes.*.contract":       {value: stock("outgoing", "customer", ""), under: under("domains", stock("outgoing", "product", "")), check: takesContract},
	"domains.*.scopes.*.resultContract": {value: stock("outgoing", "order", "orderResult"), under: under("domains", stock("outgoing", "order", "")), check: givesResult},

	// How often the engine looks is not for client and sandbox to follow; that the value arrives is all there is here.
	"pollInterval": {value: "1m", check: arrives(func(p *sage.Profile) bool { return p.PollInterval == time.Minute })},
	"pollJitter":   {value: 0.5, check: arrives(func(p *sage.Profile) bool { return p.PollJitter == 0.5 })},
	"trackFirst":   {value: "1s", check: arrives(func(p *sage.Profile) bool { return p.TrackFirst == time.Second })},
	"trackMost":    {value: "1m", check: arrives(func(p *sage.Profile) bool { return p.TrackMost == time.Minute })},
	"outcomePoll":  {value: "1s", check: arrives(func(p *sage.Profile) bool { return p.OutcomePoll == time.Second })},
	"resultWait":   {value: "2h", check: arrives(func(p *sage.Profile) bool { return p.ResultWait == 2*time.Hour })},

	"timeouts.dial":     {value: "40s", check: endsSooner(silent)},
	"timeouts.tls":      {value: "40s", check: endsSooner(silent)},
	"timeouts.answer":   {value: "40s", check: endsSooner(silent)},
	"timeouts.idle":     {value: "40s", check: endsSooner(halting)},
	"timeouts.call":     {value: "40s", check: endsSooner(trickling)},
	"timeouts.transfer": {value: "40s", check: endsSooner(tricklingList)},

	"limits.answer":              {value: 40, check: limitsAnswer},
	"limits.errorBody":           {value: 10, check: limitsErrorBody},
	"limits.download":            {value: 100, check: limitsDownload},
	"limits.redirects":           {value: 1, check: limitsRedirects},
	"limits.retryAfter":          {value: "40s", check: limitsRetryAfter},
	"limits.expectContinueAbove": {value: 1000, check: asksFirst},
}

// stock is a domain of its own with one scope.
func stock(direction, contract, result string) map[string]any {
	return map[string]any{"stock": map[string]any{"scopes": map[string]any{"counts": map[string]any{
		"direction": direction, "contract": contract, "resultContract": result,
	}}}}
}
