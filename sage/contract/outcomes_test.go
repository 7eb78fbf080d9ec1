package contract

import (
	"strings"
	"testing"
)

func outcomes(t *testing.T, text string) []Outcome {
	t.Helper()
	var all []Outcome
	for outcome, err := range Outcomes(strings.NewReader(text)) {
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		all = append(all, outcome)
	}
	return all
}

func TestAResultIsReadInAnyCase(t *testing.T) {
	for text, want := range map[string]Outcome{
		`{"id": "W-1", "status": "accepted", "sageId": "S-7", "errors": []}`: {ID: "W-1", Status: "accepted", Accepted: true, SageID: "S-7"},
		`{"ID": "W-1", "Status": "OK", "SAGEID": 7, "Errors": null}`:         {ID: "W-1", Status: "OK", Accepted: true, SageID: "7"},
		`{"orderId": 1, "STATUS": "Imported", "sage_id": "S-7"}`:             {ID: "1", Status: "Imported", Accepted: true, SageID: "S-7"},
		`{"id": "W-1", "sageId": "S-7"}`:                                     {ID: "W-1", Accepted: true, SageID: "S-7"},
		`{"id": "W-1", "status": "rejected"}`:                                {ID: "W-1", Status: "rejected"},
		`{"id": "W-1", "status": "rejected", "message": "no such product"}`:  {ID: "W-1", Status: "rejected", Reason: "no such product"},
		`{"id": "W-1", "status": "accepted", "message": "thank you"}`:        {ID: "W-1", Status: "accepted", Accepted: true},
		`{"id": "W-1", "status": true}`:                                      {ID: "W-1", Status: "true", Accepted: true},
		`{"id": "W-1", "status": "something new"}`:                           {ID: "W-1", Status: "something new"},
		`{}`: {Accepted: true},
		`{"id": "W-1", "status": "failed", "errors": [{"code": 2430, "message": "no city"}, "and no postcode"]}`: {ID: "W-1", Status: "failed", Reason: "no city (2430); and no postcode"},
		`{"id": "W-1", "status": "accepted", "errors": ["no city"]}`:                                             {ID: "W-1", Status: "accepted", Reason: "no city"},
		`{"id": "W-1", "errors": {"Code": "X1", "errorMessage": "no city"}}`:                                     {ID: "W-1", Reason: "no city (X1)"},
		`{"id": "W-1", "error": "no city"}`:                                                                      {ID: "W-1", Reason: "no city"},
		`{"id": "W-1", "errors": {"city": ["is missing"]}}`:                                                      {ID: "W-1", Reason: `{"city": ["is missing"]}`},
		`{"id": "W-1", "errors": [["nested"]]}`:                                                                  {ID: "W-1", Reason: `["nested"]`},
		`{"id": "W-1", "errors": [{"code": 7}]}`:                                                                 {ID: "W-1", Reason: "7"},
		`{"id": "W-1", "errors": [ { } ], "error": false, "status": "ok"}`:                                       {ID: "W-1", Status: "ok", Accepted: true},
		`{"id": "W-1", "errors": ""}`:                                                                            {ID: "W-1", Accepted: true},
		`"W-1"`:                                                                                                  {Accepted: true},
	} {
		for _, file := range []string{"[" + text + "]", `{"orders": [` + text + "]}", `{"results": [` + text + "], \"id\": \"file\"}"} {
			all := outcomes(t, file)
			if len(all) != 1 || all[0] != want {
				t.Errorf("%s:\n got %+v\nwant %+v", file, all, want)
			}
		}
	}
}

func TestWhatAResultSaysIsShownShortAndOnOneLine(t *testing.T) {
	long := strings.Repeat("long ", 500)
	text := `[{"id": "` + long + `", "status": "` + long + `", "errors": [` + strings.Repeat(`"`+long+`\n\u202e",`, 50) + `""]}]`
	o := outcomes(t, text)[0]
	for _, shown := range []string{o.ID, o.Status, o.Reason, o.SageID} {
		if len(shown) > maxReason+3 || strings.ContainsAny(shown, "\n\u202e") {
			t.Errorf("%q", shown)
		}
	}
	if o.Accepted || o.Reason == "" {
		t.Errorf("%+v", o)
	}
}

func TestAResultThatIsNoJSONIsAnError(t *testing.T) {
	for _, text := range []string{"", "<html>", `[{"id": "W-1"`} {
		var failed error
		for _, err := range Outcomes(strings.NewReader(text)) {
			failed = err
		}
		if failed == nil {
			t.Errorf("%q is read without an error", text)
		}
	}
}

func TestWhoeverHasEnoughOutcomesMayStop(t *testing.T) {
	count := 0
	for range Outcomes(strings.NewReader(`[{"id": 1}, {"id": 2}]`)) {
		count++
		break
	}
	if count != 1 {
		t.Error(count)
	}
}
