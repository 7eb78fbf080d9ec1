package sandbox_test

import (
	"testing"

	"postroom/sage/sandbox"
)

// The sandbox follows every value of the profile that the platform can differ in. Callbacks are in
// callbacks_test.go.

func TestPathsMethodsStatusesAndNamesFollowTheProfile(t *testing.T) {
	r := newRig(t, sandbox.Options{Profile: profile(t, `{
		"key": {"header": "Authorization", "scheme": "Token", "also": []},
		"operations": {
			"registerDeveloper": {"method": "PUT", "path": "/v2/people", "status": 202},
			"registerApplication": {"path": "/v2/people/{developerId}/apps", "status": 200},
			"createPasscode": {"path": "/v2/{applicationId}/of-{developerId}/code", "status": 200},
			"rotateKey": {"method": "POST", "path": "/v2/key", "status": 201},
			"renewSecret": {"method": "POST", "path": "/v2/secret", "status": 204},
			"createFile": {"path": "/v2/{scope}.{domain}/new", "status": 200, "idempotencyHeader": "X-Once"},
			"sendFile": {"method": "POST", "contentType": "text/json", "status": 204},
			"latestFile": {"path": "/v2/{domain}/{scope}", "status": 203}
		},
		"names": {
			"developer": {"name": "who", "email": "mail", "company": "firm", "application": "app"},
			"application": {"name": "title", "description": "about", "domain": "area", "approvalUrl": "onKey", "notificationUrl": "onFile"},
			"passcode": {"secret": "pass"},
			"rotation": {"initialKey": "first", "secret": "pass"},
			"renewal": {"initialKey": "first", "secret": "pass", "newSecret": "next"},
			"file": {"fileName": "file", "size": "bytes"}
		},
		"answers": {
			"registrationUrl": ["goTo"], "passcode": ["code.value"], "expires": ["code.until"], "key": ["token"],
			"fileId": ["id"], "uploadUrl": ["links.upload"], "trackingUrl": ["links.track"], "status": ["state"],
			"resultUrl": ["links.result"], "timestamp": ["at"], "size": ["length"], "downloadUrl": ["links.get"]
		},
		"errors": {"code": ["error.number"], "message": ["error.text"], "limit": ["error.most"]},
		"statuses": {"accepted": ["DONE", "accepted"], "awaitingUpload": ["EMPTY"]}
	}`)})
	reg := r.call("PUT", "/v2/people", object{
		"who": "R", "mail": "r@example.com", "firm": "F", "app": object{"title": "T", "area": "ecommerce"},
	})
	if reg.status != 202 {
		t.Fatalf("registration: %d %s", reg.status, reg.body)
	}
	must(t, r.SolveCaptcha(reg.text("goTo")))
	m := r.Mailbox()[0]
	if a := r.call("POST", "/v2/people/"+m.DeveloperID+"/apps", object{"title": "U", "area": "ecommerce"}); a.status != 200 || a.text("goTo") == "" {
		t.Errorf("application: %d %s", a.status, a.body)
	}
	made := r.call("POST", "/v2/"+m.ApplicationID+"/of-"+m.DeveloperID+"/code", object{"pass": "s"})
	code := nested(made, "code", "value")
	if made.status != 200 || code == "" || nested(made, "code", "until") == "" {
		t.Fatalf("passcode: %d %s", made.status, made.body)
	}
	must(t, r.Grant(code, "Acme"))
	initial, err := r.InitialKey("Acme", "")
	must(t, err)

	auth := func(key string) []string { return []string{"Authorization", "Token " + key} }
	first := initial.Reveal()
	if a := r.call("GET", "/v2/ecommerce/products", nil, "apikey", first); a.status != 401 || nestedNumber(a, "error", "number") != 2105 {
		t.Errorf("a header that the profile does not name: %d %s", a.status, a.body)
	}
	if a := r.call("GET", "/v2/ecommerce/products", nil, auth(first)...); a.status != 404 || nestedNumber(a, "error", "number") != 2435 {
		t.Errorf("latest: %d %s", a.status, a.body)
	}
	if a := r.call("POST", "/v2/secret", object{"first": first, "pass": "s", "next": "t"}); a.status != 204 || len(a.body) != 0 {
		t.Errorf("renewal: %d %s", a.status, a.body)
	}
	rotated := r.call("POST", "/v2/key", object{"first": first, "pass": "t"})
	key := rotated.text("token")
	if rotated.status != 201 || key == "" {
		t.Fatalf("rotation: %d %s", rotated.status, rotated.body)
	}

	content := sandbox.SampleOrders(1)
	create := func() answer {
		return r.call("POST", "/v2/orders.ecommerce/new", object{"file": "a.json", "bytes": len(content)}, append(auth(key), "X-Once", "1")...)
	}
	file := create()
	if again := create(); file.status != 200 || string(again.body) != string(file.body) {
		t.Errorf("created %s, again %s", file.body, again.body)
	}
	track := func() string {
		return r.call("GET", nested(file, "links", "track"), nil, auth(key)...).text("state")
	}
	if got := track(); got != "EMPTY" {
		t.Errorf("state %s", got)
	}
	if a := r.call("POST", nested(file, "links", "upload"), content, append(auth(key), "Content-Type", "text/json")...); a.status != 204 {
		t.Errorf("send: %d %s", a.status, a.body)
	}
	if got := track(); got != "DONE" {
		t.Errorf("state %s", got)
	}
	must(t, r.Publish("", "products", []byte("[]")))
	if a := r.call("GET", "/v2/ecommerce/products", nil, auth(key)...); a.status != 203 || nested(a, "links", "get") == "" || a.fields["length"] != float64(2) {
		t.Errorf("latest: %d %s", a.status, a.body)
	}
	r.polite()
}

func nested(a answer, names ...string) string {
	at := a.fields
	for _, name := range names[:len(names)-1] {
		at, _ = at[name].(object)
	}
	s, _ := at[names[len(names)-1]].(string)
	return s
}

func nestedNumber(a answer, outer, inner string) int {
	at, _ := a.fields[outer].(object)
	n, _ := at[inner].(float64)
	return int(n)
}

func TestParametersTravelWhereTheProfileSays(t *testing.T) {
	for _, place := range []string{"query", "header"} {
		r := newRig(t, sandbox.Options{Profile: profile(t, `{"operations":{
			"createPasscode":{"parameters":"`+place+`"},
			"rotateKey":{"parameters":"`+place+`"},
			"renewSecret":{"parameters":"`+place+`"}}}`)})
		call := func(method, path string, pairs ...string) answer {
			if place == "header" {
				return r.call(method, path, nil, pairs...)
			}
			for i := 0; i < len(pairs); i += 2 {
				path += map[bool]string{true: "?", false: "&"}[i == 0] + pairs[i] + "=" + pairs[i+1]
			}
			return r.call(method, path, nil)
		}
		developer, application := r.registered(registration())
		code := call("POST", passcodes(developer, application), "secret", "s").want(t, 201, 0).text("passcode")
		call("POST", passcodes(developer, application)).want(t, 400, 1000)
		must(t, r.Grant(code, "Acme Ltd"))
		initial, err := r.InitialKey("", "")
		must(t, err)
		call("PATCH", apikey, "initialApikey", initial.Reveal(), "secret", "s").want(t, 200, 0)
		call("PATCH", apikey+"/secret", "initialApikey", initial.Reveal(), "secret", "s", "newSecret", "t").want(t, 200, 0)
		call("PATCH", apikey, "initialApikey", initial.Reveal(), "secret", "t").want(t, 200, 0)
		// What travels in the body is not looked at.
		r.call("PATCH", apikey, object{"initialApikey": initial.Reveal(), "secret": "t"}).want(t, 400, 1000)
	}
}

func TestAnUploadInOneStep(t *testing.T) {
	content := sandbox.SampleOrders(2)
	for place, x := range map[string]struct {
		path    string
		headers []string
	}{
		"query":  {orders + "?fileName=a+b.json&size=7", nil},
		"header": {orders, []string{"fileName", "a b.json"}},
		"none":   {orders, nil},
	} {
		t.Run(place, func(t *testing.T) {
			c := connect(t, sandbox.Options{Profile: profile(t, `{"upload":"one-step","operations":{"sendOneStep":{"parameters":"`+place+`"}}}`)})
			headers := append(x.headers, "apikey", c.key, "Idempotency-Key", "T-1")
			a := c.call("POST", x.path, content, headers...).want(t, 201, 0)
			if a.text("uploadUrl") != "" || a.text("fileId") == "" {
				t.Errorf("answered %s", a.body)
			}
			if got := c.status(a); got != "accepted" {
				t.Errorf("status %s", got)
			}
			if f := c.Files()[0]; f.Records != 2 || (place != "none" && f.Name != "a b.json") {
				t.Errorf("file %+v", f)
			}
			again := c.call("POST", x.path, content, headers...).want(t, 201, 0)
			if string(again.body) != string(a.body) || len(c.Files()) != 1 {
				t.Errorf("again %s, %d files", again.body, len(c.Files()))
			}
			must(t, c.SetInstalled("", false))
			headers[len(headers)-1] = "T-2"
			c.call("POST", x.path, content, headers...).want(t, 201, 0)
			headers[len(headers)-1] = "T-3"
			c.call("POST", x.path, content, headers...).want(t, 423, 2400)
			c.call("POST", x.path, "{", headers...).want(t, 423, 2400)
			c.call("POST", x.path, content, append(headers, "Content-Type", "text/csv")...).want(t, 423, 2400)
			must(t, c.SetInstalled("", true))
			c.call("POST", x.path, "{", headers...).want(t, 400, 2430)
			c.call("POST", x.path, "", headers...).want(t, 410, 2420)
		})
	}
}

func TestACompleteCallSendsAFileOnItsWay(t *testing.T) {
	c := connect(t, sandbox.Options{Profile: profile(t, `{"operations":{"completeFile":{"path":"/api/files/{fileId}/complete"}}}`)})
	content := sandbox.SampleOrders(1)
	a := c.create("a.json", len(content)).want(t, 201, 0)
	complete := "/api/files/" + a.text("fileId") + "/complete"
	c.call("POST", complete, nil, "apikey", c.key).want(t, 410, 2420)
	c.put(a.text("uploadUrl"), content).want(t, 200, 0)
	if got := c.status(a); got != "awaitingUpload" {
		t.Errorf("status %s", got)
	}
	c.put(a.text("uploadUrl"), content).want(t, 200, 0) // until it is completed, content may be sent again
	c.call("POST", complete, nil, "apikey", c.key).want(t, 200, 0)
	if got := c.status(a); got != "accepted" {
		t.Errorf("status %s", got)
	}
	c.call("POST", complete, nil, "apikey", c.key).want(t, 400, 2415)
	c.call("POST", "/api/files/unknown/complete", nil, "apikey", c.key).want(t, 404, 2410)
	c.call("POST", complete, nil).want(t, 401, 2105)
	c.polite()
}

func TestDomainsAndScopesFollowTheProfile(t *testing.T) {
	r := newRig(t, sandbox.Options{Profile: profile(t, `{"domains":{"stock":{"scopes":{
		"counts":{"direction":"outgoing","contract":"product","resultContract":""},
		"shelves":{"direction":"incoming","contract":"customer"}}}}}`)})
	made, err := r.Connect(sandbox.Setup{Domain: "stock"})
	must(t, err)
	c := &connected{r, made.InitialKey.Reveal(), ""}
	a := c.call("POST", "/api/domains/stock/scopes/counts/files", object{"fileName": "a"}, "apikey", c.key).want(t, 201, 0)
	c.put(a.text("uploadUrl"), sandbox.SampleProducts(2)).want(t, 200, 0)
	tracked := c.get(a.text("trackingUrl"))
	if tracked.text("status") != "accepted" || tracked.text("downloadResultUrl") != "" {
		t.Errorf("tracked %s", tracked.body)
	}
	must(t, c.Publish("", "shelves", []byte("[]")))
	c.get("/api/domains/stock/scopes/shelves/files/latest").want(t, 200, 0)
}
