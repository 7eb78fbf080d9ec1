package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What the buttons do. Each returns the page to go to.

func (p *pages) solve(r *http.Request) (string, error) {
	token := r.PathValue("token")
	err := p.s.solve(token, func(app *application) bool {
		return strings.TrimSpace(r.PostForm.Get("answer")) == strconv.Itoa(app.Left+app.Right)
	})
	here := "/registration/" + url.PathEscape(token)
	if errors.Is(err, errAnswer) {
		return tell(here, "wrong"), nil
	}
	return here, err
}

// passcodeNotices say why a passcode cannot be used.
var passcodeNotices = map[int]string{
	codeNoPasscode: "unknown", codePasscodeExpired: "expired", codePasscodeRevoked: "revoked", codeConsented: "consented",
}

func (p *pages) enter(r *http.Request) (string, error) {
	code := tidyPasscode(r.PostForm.Get("passcode"))
	err := p.s.do(func(t *tx) error {
		_, _, err := t.openPasscode(code)
		return err
	})
	if why, ok := passcodeNotices[Code(err)]; ok {
		return tell("/sage50/integration?passcode="+url.QueryEscape(code), why), nil
	}
	return "/sage50/consent?passcode=" + url.QueryEscape(code), err
}

func (p *pages) decide(r *http.Request) (string, error) {
	code := r.PostForm.Get("passcode")
	if r.PostForm.Get("decision") != "grant" {
		return tell("/sage50", "denied"), p.s.Deny(code)
	}
	company := r.PostForm.Get("company")
	if err := p.s.Grant(code, company); err != nil {
		return "", err
	}
	for i, c := range p.s.Installations() {
		if fold(c.Company) == fold(company) {
			return tell(companyPath(i), "granted"), nil
		}
	}
	return tell("/sage50", "granted"), nil
}

// here finds the company of a page's address.
func (p *pages) here(r *http.Request) (Installation, string, error) {
	list := p.s.Installations()
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 1 || n > len(list) {
		return Installation{}, "", errNoPath
	}
	return list[n-1], companyPath(n - 1), nil
}

func (p *pages) power(r *http.Request) (string, error) {
	c, here, err := p.here(r)
	if err != nil {
		return "", err
	}
	if r.PostForm.Get("on") == "yes" {
		return tell(here, "on"), p.s.SetInstalled(c.Company, true)
	}
	return tell(here, "off"), p.s.SetInstalled(c.Company, false)
}

func (p *pages) changeKey(r *http.Request) (string, error) {
	c, here, err := p.here(r)
	if err != nil {
		return "", err
	}
	do := map[string]func(company, domain string) error{
		"expire": p.s.ExpireKey, "lock": p.s.LockKey, "lock-hard": p.s.LockKeyHard, "unlock": p.s.UnlockKey,
		"revoke": p.s.RevokeKey,
	}[r.PostForm.Get("do")]
	if do == nil {
		return "", errMalformed("There is no such button.")
	}
	return tell(here, "key"), do(c.Company, r.PostForm.Get("domain"))
}

func (p *pages) publishList(r *http.Request) (string, error) {
	c, here, err := p.here(r)
	if err != nil {
		return "", err
	}
	scope := r.URL.Query().Get("scope")
	list := []byte(r.PostForm.Get("list"))
	if r.PostForm.Get("kind") == "sample" {
		n, err := strconv.Atoi(r.PostForm.Get("count"))
		if err != nil || n < 0 || n > 20000 {
			return "", errMalformed("The number of records must be between 0 and 20,000.")
		}
		list = sampleList(scope, c.Company, n)
	}
	return tell(here, "published"), p.s.Publish(c.Company, scope, list)
}

// sampleList is a made-up list of a scope. A scope of a profile of one's own gets records with an id alone.
func sampleList(scope, company string, n int) []byte {
	switch scope {
	case "customers":
		return SampleCustomers(n)
	case "products":
		return SampleProducts(n)
	case "companySettings":
		return SampleCompanySettings(company)
	}
	return array(n, func(i int) any { return map[string]string{"id": strconv.Itoa(i + 1)} })
}

func (p *pages) addFault(r *http.Request) (string, error) {
	seconds, err := strconv.ParseFloat(or(r.PostForm.Get("seconds"), "0"), 64)
	if err != nil || seconds < 0 || seconds > 3600 {
		return "", errMalformed("The seconds must be between 0 and 3,600.")
	}
	times, err := strconv.Atoi(r.PostForm.Get("times"))
	if err != nil || times < 0 {
		return "", errMalformed("How often must be a number.")
	}
	wait := time.Duration(seconds * float64(time.Second))
	f := Fault{
		Kind: FaultKind(r.PostForm.Get("kind")), Op: Operation(r.PostForm.Get("op")), Times: times,
		Wait: wait, RetryAfter: wait,
	}
	if _, ok := faultWords[f.Kind]; !ok {
		return "", errMalformed("There is no such fault.")
	}
	p.s.AddFault(f)
	return tell("/faults", "fault"), nil
}

func (p *pages) removeFault(r *http.Request) (string, error) {
	id, err := strconv.Atoi(r.PostForm.Get("id"))
	if err != nil {
		return "", errMalformed("There is no such fault.")
	}
	p.s.RemoveFault(id)
	return tell("/faults", "removed"), nil
}

func (p *pages) quarantine(r *http.Request) (string, error) {
	p.s.Quarantine(r.PostForm.Get("on") == "yes")
	return tell("/faults", "set"), nil
}

func (p *pages) endNext(r *http.Request) (string, error) {
	return tell("/faults", "set"), p.s.EndNext(Status(r.PostForm.Get("word")))
}

func (p *pages) refuse(r *http.Request) (string, error) {
	p.s.RefuseRecord(strings.TrimSpace(r.PostForm.Get("id")), strings.TrimSpace(r.PostForm.Get("reason")))
	return tell("/faults", "set"), nil
}

func (p *pages) forget(*http.Request) (string, error) {
	p.s.ForgetViolations()
	return tell("/faults", "removed"), nil
}
