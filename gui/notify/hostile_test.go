package notify

import "strings"

// hostile are names and texts as somebody who means ill, or a broken program, could bring them up.
var hostile = []string{
	`<b>bold</b><img src="file:///etc/passwd"/>`,
	`<a href="https://evil.example/?x=1&y=2">click</a>`,
	`]]></text></binding></visual></toast>`,
	"\"@\r\nStart-Process calc\r\n@\"",
	"$(touch /tmp/owned) `touch /tmp/owned`; touch /tmp/owned",
	`" & (do shell script "touch /tmp/owned") & "`,
	"-e do shell script \"id\"",
	"-",
	"line\nbreak\ttab\x00nul\x1b[31mred\x07",
	"invoice\u202Egpj.exe",
	"\xff\xfe broken \xc3(",
	"&amp;&lt;&#38;",
	"%s%n%d{{.Name}}${HOME}",
	strings.Repeat("🦊", 5000),
}
