package sage

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// flaw is something wrong with a field of a profile.
type flaw struct{ field, why string }

type checker struct{ flaws []flaw }

func (c *checker) require(ok bool, field, why string, args ...any) {
	if !ok {
		c.flaws = append(c.flaws, flaw{field, fmt.Sprintf(why, args...)})
	}
}

// check finds everything that would make a profile unusable.
func check(p *Profile) []flaw {
	c := &checker{}
	if p.BaseURL != "" {
		_, err := parseBase(p.BaseURL)
		c.require(err == nil, "baseUrl", "%v", err)
	}
	c.require(p.Upload == TwoStep || p.Upload == OneStep, "upload", "is %q; two-step or one-step is needed", p.Upload)
	c.keyHeader(p.Key)
	c.operations(p)
	c.names(p)
	c.lookups(reflect.ValueOf(p.Answers), "answers")
	c.lookups(reflect.ValueOf(p.Errors), "errors")
	c.statuses(p.Statuses)
	c.callbacks(p.Callbacks)
	c.domains(p.Domains)
	c.intervals(p)
	return c.flaws
}

func (c *checker) keyHeader(h KeyHeader) {
	c.header(h.Header, "key.header")
	c.require(h.Scheme == "" || isToken(h.Scheme), "key.scheme", "%q is not one plain word", h.Scheme)
	for _, also := range h.Also {
		name, scheme, _ := strings.Cut(also, ": ")
		c.require(isToken(name) && (scheme == "" || isToken(scheme)), "key.also", "%q is neither 'Name' nor 'Name: Scheme'", also)
	}
}

// ownHeaders are set by the client or by net/http: a key or parameter there would be lost or do harm.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type",
	"Expect", "Host", "If-None-Match", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent",
}

func (c *checker) header(name, field string) {
	c.require(isToken(name), field, "%q cannot be the name of a header", name)
	c.require(!slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)), field, "%q is a header with a meaning of its own", name)
}

// call is what every operation has, for checking them all alike.
type call struct {
	field    string
	method   string
	path     Template
	status   int
	required []string // holes
	allowed  []string // further holes
	optional bool     // no path: no such call
	silent   bool     // its answer needs no body
}

func (p *Profile) calls() []call {
	o := p.Operations
	developer, application := []string{"developerId"}, []string{"developerId", "applicationId"}
	file := []string{"domain", "scope"}
	calls := []call{
		{field: "registerDeveloper", method: o.RegisterDeveloper.Method, path: o.RegisterDeveloper.Path, status: o.RegisterDeveloper.Status},
		{field: "registerApplication", method: o.RegisterApplication.Method, path: o.RegisterApplication.Path, status: o.RegisterApplication.Status, required: developer},
		{field: "createPasscode", method: o.CreatePasscode.Method, path: o.CreatePasscode.Path, status: o.CreatePasscode.Status, required: application},
		{field: "passcodeOutcome", method: o.PasscodeOutcome.Method, path: o.PasscodeOutcome.Path, status: o.PasscodeOutcome.Status, required: []string{"passcode"}, allowed: application, optional: true},
		{field: "rotateKey", method: o.RotateKey.Method, path: o.RotateKey.Path, status: o.RotateKey.Status},
		{field: "renewSecret", method: o.RenewSecret.Method, path: o.RenewSecret.Path, status: o.RenewSecret.Status, silent: true},
		{field: "completeFile", method: o.CompleteFile.Method, path: o.CompleteFile.Path, status: o.CompleteFile.Status, required: []string{"fileId"}, allowed: file, optional: true, silent: true},
		{field: "latestFile", method: o.LatestFile.Method, path: o.LatestFile.Path, status: o.LatestFile.Status, required: file},
		{field: "createFile", method: o.CreateFile.Method, path: o.CreateFile.Path, status: o.CreateFile.Status, required: file},
		{field: "sendOneStep", method: o.SendOneStep.Method, path: o.SendOneStep.Path, status: o.SendOneStep.Status, required: file},
	}
	return calls
}

func (c *checker) operations(p *Profile) {
	seen := map[string]string{}
	for _, call := range p.calls() {
		at := "operations." + call.field
		c.method(call.method, at+".method")
		c.status(call.status, call.silent, at+".status")
		if call.path == "" && call.optional {
			continue
		}
		c.template(call, at+".path")
		// createFile and sendOneStep never live side by side; the profile says which of them does.
		if call.field == "sendOneStep" && p.Upload == TwoStep || call.field == "createFile" && p.Upload == OneStep {
			continue
		}
		form := call.method + " " + anonymous(call.path)
		c.require(seen[form] == "", at+".path", "the same call as operations.%s", seen[form])
		seen[form] = call.field
	}
	o := p.Operations
	c.method(o.SendFile.Method, "operations.sendFile.method")
	c.status(o.SendFile.Status, true, "operations.sendFile.status")
	c.contentType(o.SendFile.ContentType, "operations.sendFile.contentType")
	c.contentType(o.SendOneStep.ContentType, "operations.sendOneStep.contentType")
	if o.CreateFile.IdempotencyHeader != "" {
		c.header(o.CreateFile.IdempotencyHeader, "operations.createFile.idempotencyHeader")
	}
	c.place(o.CreatePasscode.Parameters, o.CreatePasscode.Method, "operations.createPasscode", InBody, InQuery, InHeader)
	c.place(o.RotateKey.Parameters, o.RotateKey.Method, "operations.rotateKey", InBody, InQuery, InHeader)
	c.place(o.RenewSecret.Parameters, o.RenewSecret.Method, "operations.renewSecret", InBody, InQuery, InHeader)
	c.place(o.SendOneStep.Parameters, "", "operations.sendOneStep", InQuery, InHeader, Nowhere)
	for field, method := range map[string]string{
		"registerDeveloper": o.RegisterDeveloper.Method, "registerApplication": o.RegisterApplication.Method,
		"createFile": o.CreateFile.Method, "sendFile": o.SendFile.Method, "sendOneStep": o.SendOneStep.Method,
	} {
		c.require(method != http.MethodGet, "operations."+field+".method", "GET carries no body")
	}
}

func (c *checker) method(method, field string) {
	c.require(isToken(method) && method == strings.ToUpper(method), field, "%q is not a method", method)
	c.require(method != http.MethodHead && method != http.MethodConnect, field, "%s has no answer to read", method)
}

func (c *checker) status(status int, silent bool, field string) {
	c.require(status >= 200 && status <= 299, field, "%d is not a success", status)
	c.require(silent || status != http.StatusNoContent && status != http.StatusResetContent, field, "%d has no body to answer with", status)
}

func (c *checker) contentType(value, field string) {
	kind, sub, ok := strings.Cut(value, "/")
	c.require(ok && isToken(kind) && sub != "" && !strings.ContainsFunc(value, unicode.IsControl), field, "%q is not a media type", value)
}

func (c *checker) place(place Place, method, field string, allowed ...Place) {
	c.require(slices.Contains(allowed, place), field+".parameters", "is %q; one of %v is needed", place, allowed)
	c.require(place != InBody || method != http.MethodGet, field+".parameters", "GET carries no body")
}

func (c *checker) template(call call, field string) {
	path := string(call.path)
	c.require(strings.HasPrefix(path, "/"), field, "has to begin with /")
	c.require(!strings.ContainsAny(path, "?# \\%") && !strings.ContainsFunc(path, unicode.IsControl), field, "holds a character that no path has")
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		c.require(segment != "" && segment != "." && segment != "..", field, "has an empty or a dotted part")
		bare := anonymous(Template(segment))
		c.require(strings.Count(bare, "{") == strings.Count(bare, "{}") && strings.Count(bare, "}") == strings.Count(bare, "{}"), field, "has a brace without its partner")
		c.require(!strings.Contains(bare, "{}{}"), field, "has two holes without a text between them")
	}
	holes := call.path.Holes()
	for _, hole := range call.required {
		c.require(slices.Contains(holes, hole), field, "the hole {%s} is missing", hole)
	}
	for i, hole := range holes {
		c.require(slices.Contains(call.required, hole) || slices.Contains(call.allowed, hole), field, "there is nothing to fill {%s} with", hole)
		c.require(!slices.Contains(holes[:i], hole), field, "the hole {%s} is there twice", hole)
	}
}

// anonymous takes the names out of a template's holes.
func anonymous(t Template) string {
	path := string(t)
	for _, hole := range t.Holes() {
		path = strings.Replace(path, "{"+hole+"}", "{}", 1)
	}
	return path
}

func (c *checker) names(p *Profile) {
	places := map[string]Place{
		"passcode": p.Operations.CreatePasscode.Parameters, "rotation": p.Operations.RotateKey.Parameters,
		"renewal": p.Operations.RenewSecret.Parameters,
	}
	if p.Upload == OneStep {
		places["file"] = p.Operations.SendOneStep.Parameters
	}
	groups := reflect.ValueOf(p.Names)
	for i := range groups.NumField() {
		group := groups.Type().Field(i).Tag.Get("json")
		seen := map[string]bool{}
		for j := range groups.Field(i).NumField() {
			field := "names." + group + "." + groups.Field(i).Type().Field(j).Tag.Get("json")
			name := groups.Field(i).Field(j).String()
			c.require(name != "" && !strings.ContainsFunc(name, unicode.IsControl), field, "a name is needed")
			c.require(!seen[plain(name)], field, "%q is there twice", name)
			seen[plain(name)] = true
			if places[group] == InHeader {
				c.header(name, field)
			}
		}
	}
}

// lookups checks the Lookup fields of a struct.
func (c *checker) lookups(v reflect.Value, at string) {
	for i := range v.NumField() {
		lookup, ok := v.Field(i).Interface().(Lookup)
		if !ok {
			continue
		}
		field := at + "." + v.Type().Field(i).Tag.Get("json")
		c.require(len(lookup) > 0, field, "at least one name is needed")
		for _, name := range lookup {
			c.require(!slices.Contains(strings.Split(name, "."), ""), field, "%q has an empty part", name)
		}
	}
}

func (c *checker) statuses(s Statuses) {
	seen := map[string]string{}
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		words, field := v.Field(i).Interface().([]string), "statuses."+name
		c.require(len(words) > 0, field, "at least one word is needed")
		for _, word := range words {
			c.require(plain(word) != "", field, "%q is not a word", word)
			c.require(seen[plain(word)] == "", field, "%q stands in statuses.%s too", word, seen[plain(word)])
			seen[plain(word)] = name
		}
	}
}

func (c *checker) callbacks(b Callbacks) {
	one := func(method string, form Form, at string) {
		c.require(slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodGet}, method), at+".method", "is %q; POST, PUT or GET is needed", method)
		c.require(slices.Contains([]Form{FormJSON, FormURLEncoded, FormQuery}, form), at+".form", "is %q; json, form or query is needed", form)
		c.require(method != http.MethodGet || form == FormQuery, at+".form", "GET carries no body")
	}
	one(b.Approval.Method, b.Approval.Form, "callbacks.approval")
	one(b.Notification.Method, b.Notification.Form, "callbacks.notification")
	c.lookups(reflect.ValueOf(b.Approval), "callbacks.approval")
	c.lookups(reflect.ValueOf(b.Notification), "callbacks.notification")
}

func (c *checker) domains(domains map[string]Domain) {
	c.require(len(domains) > 0, "domains", "at least one domain is needed")
	for _, domain := range slices.Sorted(maps.Keys(domains)) {
		at := "domains." + domain
		c.require(isFolderName(domain), at, "%q cannot be a domain's name", domain)
		scopes := domains[domain].Scopes
		c.require(len(scopes) > 0, at+".scopes", "at least one scope is needed")
		folders := map[string]string{"held": "", "results": ""} // folders of another meaning beside those of the scopes
		for _, name := range slices.Sorted(maps.Keys(scopes)) {
			field, scope := at+".scopes."+name, scopes[name]
			folded := folderFold(name)
			other, taken := folders[folded]
			c.require(!taken || other != "", field, "%q cannot be a scope's name: a folder of that name has another meaning", name)
			c.require(!taken || other == "", field, "%q and %q would be one folder on some systems", name, other)
			folders[folded] = name
			c.require(isFolderName(name), field, "%q cannot be a scope's name: it names a folder and a part of a path", name)
			c.require(scope.Direction == Outgoing || scope.Direction == Incoming, field+".direction", "is %q; outgoing or incoming is needed", scope.Direction)
			c.require(scope.Contract != "", field+".contract", "a contract's name is needed")
			c.require(scope.Direction == Outgoing || scope.ResultContract == "", field+".resultContract", "only what goes to Sage has a result")
		}
	}
}

// isFolderName refuses what could not be a folder on every system, or would leave its parent.
func isFolderName(name string) bool {
	bad := func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError || strings.ContainsRune(`/\:*?"<>|{}`, r)
	}
	return name != "" && !isDevice(name) && len(name) <= 100 && !strings.ContainsFunc(name, bad) && !strings.HasPrefix(name, ".") &&
		!strings.HasSuffix(name, ".") && strings.TrimSpace(name) == name
}

// folderFold is the form by which names of folders are compared: what is one folder where case is folded, or characters
// are composed, has one.
func folderFold(name string) string {
	return norm.NFC.String(strings.ToLower(cases.Fold().String(norm.NFC.String(name))))
}

// isDevice tells the names that Windows gives to devices in every folder, with any extension.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch stem = strings.TrimRight(stem, " "); stem {
	case "con", "prn", "aux", "nul", "conin$", "conout$", "clock$":
		return true
	}
	for _, port := range []string{"com", "lpt"} {
		if number, ok := strings.CutPrefix(stem, port); ok && utf8.RuneCountInString(number) == 1 && strings.ContainsAny(number, "0123456789¹²³") {
			return true
		}
	}
	return false
}

func (c *checker) intervals(p *Profile) {
	positive := func(d time.Duration, field string) { c.require(d > 0, field, "has to be more than 0s") }
	c.require(p.RotateAhead >= 0, "rotateAhead", "cannot be less than 0s")
	positive(p.PollInterval, "pollInterval")
	c.require(p.PollJitter >= 0 && p.PollJitter <= 1, "pollJitter", "has to be from 0 to 1")
	positive(p.TrackFirst, "trackFirst")
	c.require(p.TrackMost >= p.TrackFirst, "trackMost", "cannot be less than trackFirst")
	positive(p.OutcomePoll, "outcomePoll")
	c.require(p.ResultWait >= 0, "resultWait", "cannot be less than 0s")
	v := reflect.ValueOf(p.Timeouts)
	for i := range v.NumField() {
		positive(time.Duration(v.Field(i).Int()), "timeouts."+v.Type().Field(i).Tag.Get("json"))
	}
	l := p.Limits
	c.require(l.Answer > 0, "limits.answer", "has to be more than 0")
	c.require(l.ErrorBody > 0, "limits.errorBody", "has to be more than 0")
	c.require(l.Download > 0, "limits.download", "has to be more than 0")
	c.require(l.Redirects >= 0, "limits.redirects", "cannot be less than 0")
	c.require(l.RetryAfter >= 0, "limits.retryAfter", "cannot be less than 0s")
	c.require(l.ExpectContinueAbove >= 0, "limits.expectContinueAbove", "cannot be less than 0")
}

// parseBase checks a platform's address: https, or http to loopback, and nothing behind the path.
func parseBase(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return nil, fmt.Errorf("%q is not an address, as https://example.com", hidden(address))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, fmt.Errorf("%s://%s: an address without user, query and fragment is needed", u.Scheme, u.Host)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s://%s: https is needed", u.Scheme, u.Host)
	case u.Scheme == "http" && !isLoopbackHost(u.Hostname()):
		return nil, fmt.Errorf("%s://%s: %w: plain http is allowed to this computer only", u.Scheme, u.Host, ErrUnsafeURL)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// hidden bounds a text that could be anything before it is shown.
func hidden(text string) string {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = "…" + text[i:]
	}
	if len(text) > 100 {
		text = text[:100] + "…"
	}
	return text
}

// isToken tells whether a text can be the name of a header or a method (RFC 9110, 5.6.2).
func isToken(s string) bool {
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return s != ""
}

// plain brings names and status words into one form: case, _, - and blanks make no difference.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
