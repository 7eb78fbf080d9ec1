package watcher

import (
	"strings"
	"testing"
)

func TestIDsAreFoundInAPastedEmail(t *testing.T) {
	const developer, application = "7f3a9c1e-52aa-4b1c-9a77-0c8f5e21d001", "AP-20441-xk9"
	for name, text := range map[string]string{
		"as Sage's sandbox writes": "Dear Ann,\n\nDeveloper ID (developerId): " + developer + "\nApplication ID (applicationId): " + application + "\n\nKeep both.",
		"as JSON":                  `{"developerId":"` + developer + `","applicationId":"` + application + `"}`,
		"as a query":               "developerId=" + developer + "&applicationId=" + application,
		"on the next line":         "Your developer ID:\r\n\r\n    " + developer + "\r\nYour application ID:\r\n    " + application + "\r\n",
		"in a table of HTML": "<html><style>td{developerid:1x2y3z}</style><table><tr><th>Developer&nbsp;ID</th><td><b>" + developer +
			"</b></td></tr><tr><th>Application ID</th><td>" + application + "</td></tr></table>",
		"in a sentence":           "The developer ID is " + developer + ". The application ID is '" + application + "'.",
		"announced first":         "Here are your developer ID and application ID.\n- developer_id: " + developer + "\n- application_id: " + application + "\n",
		"in Spanish":              "ID de desarrollador: " + developer + "\nID de la aplicación: " + application,
		"in Spanish, the other":   "Identificador del desarrollador: " + developer + "\nIdentificador de aplicación: " + application,
		"in German":               "Entwickler-ID: " + developer + "\nAnwendungs-ID: " + application,
		"in French":               "Identifiant du développeur : " + developer + "\nIdentifiant de l’application : " + application,
		"in capitals, with stars": "*DEVELOPER ID*: `" + developer + "`\n*APPLICATION ID*: `" + application + "`",
		"quoted":                  "> developerId: " + developer + "\n> applicationId: " + application,
		"as the source of a mail": "Content-Transfer-Encoding: quoted-printable\r\n\r\nDeveloper ID: 7f3a9c1e-52aa-4b1c-9a7=\r\n7-0c8f5e21d001=20\r\nApplication ID=3A " + application,
	} {
		if d, a := FindIDs(text); d != developer || a != application {
			t.Errorf("%s: %q, %q", name, d, a)
		}
	}
}

func TestNoIDIsGuessed(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            "",
		"two without names":  "7f3a9c1e-52aa-4b1c-9a77-0c8f5e21d001 and 7f3a9c1e-52aa-4b1c-9a77-0c8f5e21d002",
		"words":              "Your developer ID will arrive shortly, your application ID as well.",
		"names alone":        "developerId applicationId",
		"binary":             "\x00\xff\xfe developer id \x00",
		"only angle brakets": strings.Repeat("<", 100000),
		"only labels":        strings.Repeat("developer id ", 20000),
		"open styles":        strings.Repeat("<style>", 100000),
		"open comments":      strings.Repeat("<!--<script <a>", 100000),
		"huge":               strings.Repeat("x", 3<<20) + " developerId: 1234567890",
	} {
		if d, a := FindIDs(text); d != "" || a != "" {
			t.Errorf("%s: %q, %q", name, d, a)
		}
	}
	if d, a := FindIDs("developerId: 12345678"); d != "12345678" || a != "" {
		t.Errorf("one of them: %q, %q", d, a)
	}
}

func FuzzFindIDs(f *testing.F) {
	for _, text := range []string{
		"developerId: abc12345 applicationId: xyz98765", "<b>Developer&nbsp;ID</b>=3D\n quoted-printable", "Entwickler-ID: …", "\xff\xfeid developer",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, id := range func() []string { d, a := FindIDs(text); return []string{d, a} }() {
			if id != "" && (!idForm.MatchString(id) || !looksLikeID(id)) {
				t.Errorf("%q was taken for an ID", id)
			}
		}
	})
}
