package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// A faultCase is a text, or lines put before the sound base, and every fault
// expected: "line field: beginning of the problem | part of the remedy".
type faultCase struct {
	name  string
	lines string
	text  string
	want  []string
}

func faultCases() []faultCase {
	return []faultCase{
		// The document.
		{name: "empty", text: " ", want: []string{"1 : is empty | accounts"}},
		{name: "comments only", text: "# nothing\n\n# here\n", want: []string{"1 : is empty | routes"}},
		{name: "null", text: "---\nnull\n", want: []string{"1 : is empty | routes"}},
		{name: "a list", text: "- a\n", want: []string{"1 : is a list where a mapping | key: value"}},
		{name: "two documents", text: base + "---\n" + base, want: []string{"7 : begins a second YAML document | ---"}},
		{name: "broken second document", text: base + "---\na: [\n", want: []string{"8 : is not valid YAML | brackets"}},
		{name: "tab", text: "slack:\n\tapi_url: https://slack.com/api/\n", want: []string{"2 : is indented with a tab | spaces"}},
		{name: "no quotes at @", lines: "store: a.db\npoll: @every 1m\n", want: []string{`2 : has a value that begins with @, * | poll: "@every 1m"`}},
		{name: "no quotes at @ on line 1", lines: "poll: @every 1m\n", want: []string{`1 : has a value that begins with @, * | poll: "@every 1m"`}},
		{name: "open bracket", lines: "event_types: [a.b\n", want: []string{"1 : is not valid YAML | brackets"}},
		{name: "asterisk alone", lines: "store: a.db\nevent_types: [*]\n", want: []string{"2 : has a value that begins with @, * or ` | quotes"}},
		{name: "no colon", lines: "store: a.db\nlisten\n", want: []string{"2 : is not valid YAML | colons"}},
		{name: "latin 1", lines: "store: a\nstore2: \xe9\n", want: []string{"2 : is not UTF-8 text | Save"}},
		{name: "utf-16", text: "\xff\xfea\x00:\x00", want: []string{"1 : is not UTF-8 text | UTF-16"}},
		{name: "control character", lines: "store: a\nlisten: \x00\n", want: []string{"2 : holds the control character U+0000 | Delete"}},
		{name: "anchor and alias", lines: "store: &s a.db\nlisten: *s\n", want: []string{"1 : has a YAML anchor | in each place", "2 : has a YAML alias | in each place"}},
		{name: "unknown alias", lines: "store: *s\n", want: []string{"1 : has a value that begins with @, * or ` and no quotes | quotes"}},
		{name: "merge key", lines: "slack: &s {api_url: https://slack.com/}\n<<: *s\n", want: []string{"1 : has a YAML anchor | each", "2 : has a YAML merge key | each", "2 : has a YAML alias | each"}},

		// Keys.
		{name: "misspelt key", lines: "\ntimezone: UTC\n", want: []string{"2 timezone: is no key of the top level | `time_zone`"}},
		{name: "key of another place", lines: "api_url: https://slack.com/api/\n", want: []string{"1 api_url: is no key of the top level | `slack`"}},
		{name: "secret key", lines: "slack: {bot_token: abc}\n", want: []string{"1 slack.bot_token: is no key of `slack` | SLACK_BOT_TOKEN"}},
		{name: "unknown key", lines: "colour: red\n", want: []string{"1 colour: is no key of the top level | the keys here are slack, store"}},
		{name: "doubled key", lines: "store: a\nlisten: \"\"\nstore: b\n", want: []string{"3 store: stands twice, first on line 1 | one of the two"}},
		{name: "key that is no text", lines: "1: a\n", want: []string{"1 : has a number as a key | quotes"}},
		{name: "key that is a list", lines: "? [a]\n: b\n", want: []string{"1 : has a list as a key | quotes"}},
		{name: "secret value", lines: "store: xoxb-1-2\n", want: []string{"1 : holds what looks like a secret | SLACK_BOT_TOKEN"}},
		{name: "secret key name", lines: "xoxb-1-2: store\n", want: []string{"1 : holds what looks like a secret | SLACK_BOT_TOKEN"}},
		{name: "access key", lines: "store: LTAI5tABCDEFGHIJKLMN\n", want: []string{"1 : holds what looks like a secret | Alibaba Cloud SDK"}},

		// Top-level values.
		{name: "slack is text", lines: "slack: yes\n", want: []string{"1 slack: is text where a mapping | key: value"}},
		{name: "api_url over http", lines: "slack:\n  api_url: http://slack.com/api/\n", want: []string{"2 slack.api_url: \"http://slack.com/api/\" is plain http | https"}},
		{name: "api_url without scheme", lines: "slack: {api_url: slack.com/api}\n", want: []string{"1 slack.api_url: \"slack.com/api\" has no scheme | https://"}},
		{name: "api_url of another scheme", lines: "slack: {api_url: \"wss://slack.com\"}\n", want: []string{"1 slack.api_url: \"wss://slack.com\" is neither | https://"}},
		{name: "api_url with a query", lines: "slack: {api_url: \"https://slack.com/?a\"}\n", want: []string{"1 slack.api_url: \"https://slack.com/?a\" has a query | ?"}},
		{name: "api_url with a password", lines: "slack: {api_url: \"https://me:pw@slack.com/\"}\n", want: []string{"1 slack.api_url: holds a user name or password | environment"}},
		{name: "api_url with a bad port", lines: "slack: {api_url: \"https://slack.com:99999/\"}\n", want: []string{"1 slack.api_url: is no valid address | port"}},
		{name: "api_url null", lines: "slack: {api_url: }\n", want: []string{"1 slack.api_url: has no value | api_url"}},
		{name: "store empty", lines: "store: \"\"\n", want: []string{"1 store: has no value | ecs-migrate.db"}},
		{name: "store number", lines: "store: 5\n", want: []string{"1 store: is a number where text | quotes"}},
		{name: "store bool", lines: "store: true\n", want: []string{"1 store: is a yes-or-no value | quotes"}},
		{name: "store date", lines: "store: 2024-01-01\n", want: []string{"1 store: is a date | quotes"}},
		{name: "store mapping", lines: "store: {a: b}\n", want: []string{"1 store: is a mapping | Write text"}},
		{name: "store of another type", lines: "store: !bolt a\n", want: []string{"1 store: is a value of another type | quotes"}},
		{name: "listen number", lines: "listen: 9090\n", want: []string{"1 listen: is a number | 127.0.0.1:9090"}},
		{name: "listen without port", lines: "listen: localhost\n", want: []string{"1 listen: \"localhost\" is no host:port | 127.0.0.1:9090"}},
		{name: "listen port", lines: "listen: \"127.0.0.1:http\"\n", want: []string{"1 listen: \"http\" is no port | 0 to 65535"}},
		{name: "listen host", lines: "listen: \"a b:80\"\n", want: []string{"1 listen: \"a b\" is no host | IP address"}},
		{name: "poll words", lines: "poll: every minute\n", want: []string{"1 poll: \"every minute\" is no schedule (expected exactly 5 fields | @every 1m"}},
		{name: "poll range", lines: "poll: \"61 * * * *\"\n", want: []string{"1 poll: \"61 * * * *\" is no schedule | five fields"}},
		{name: "poll too often", lines: "poll: \"@every 9s\"\n", want: []string{"1 poll: \"@every 9s\" is more often than every 10s | @every 10s"}},
		{name: "poll backwards", lines: "poll: \"@every -5m\"\n", want: []string{"1 poll: \"@every -5m\" is more often | @every 10s"}},
		{name: "poll never", lines: "poll: \"0 0 30 2 *\"\n", want: []string{"1 poll: \"0 0 30 2 *\" never comes | five fields"}},
		{name: "poll zone alone", lines: "poll: TZ=UTC\n", want: []string{"1 poll: \"TZ=UTC\" names a time zone and no times | five fields"}},
		{name: "poll null", lines: "poll:\n", want: []string{"1 poll: has no value | @every 1m"}},
		{name: "zone abbreviation", lines: "time_zone: CST\n", want: []string{"1 time_zone: \"CST\" is no IANA time zone | Asia/Shanghai"}},
		{name: "zone local", lines: "time_zone: Local\n", want: []string{"1 time_zone: \"Local\" is no IANA time zone | Asia/Shanghai"}},
		{name: "zone path", lines: "time_zone: ../etc/passwd\n", want: []string{"1 time_zone: \"../etc/passwd\" is no IANA | UTC"}},
		{name: "zone empty", lines: "time_zone: \"\"\n", want: []string{"1 time_zone: has no value | Asia/Shanghai"}},
		{name: "language", lines: "language: zh\n", want: []string{"1 language: \"zh\" is no language the bot speaks | zh-CN"}},
		{name: "language list", lines: "language: [en]\n", want: []string{"1 language: is a list where text | language: en"}},

		// Event types.
		{name: "types text", lines: "event_types: a.b\n", want: []string{"1 event_types: is text where a list | SystemMaintenance"}},
		{name: "types empty", lines: "event_types: []\n", want: []string{"1 event_types: is empty | delete the key"}},
		{name: "types glob", lines: "event_types:\n  - System*.Reboot\n", want: []string{"2 event_types[0]: \"System*.Reboot\" is no event type | one final asterisk"}},
		{name: "types twice", lines: "event_types: [a.b, a.b]\n", want: []string{"1 event_types[1]: stands twice | one of the two"}},
		{name: "types misspelt", lines: "event_types: [SystemMaintenence.*, systemupgrade.Migrate]\n", want: []string{
			"1 event_types[0]: \"SystemMaintenence.*\" matches no event | SystemMaintenance.*",
			"1 event_types[1]: \"systemupgrade.Migrate\" matches no event | SystemUpgrade.Migrate",
		}},
		{name: "types number", lines: "event_types: [1]\n", want: []string{"1 event_types[0]: is a number | quotes"}},
	}
}

func TestFaults(t *testing.T) {
	for _, c := range slices.Concat(faultCases(), accountFaultCases(), roleFaultCases(), reminderFaultCases(), checklistFaultCases()) {
		t.Run(c.name, func(t *testing.T) {
			text := c.text
			if text == "" {
				text = c.lines + base
			}
			_, faults := parse("f.yaml", []byte(text))
			if len(faults) != len(c.want) {
				t.Fatalf("%d faults, want %d:\n%v", len(faults), len(c.want), faults)
			}
			for i, f := range faults {
				place, rest, _ := strings.Cut(c.want[i], " ")
				head, remedy, _ := strings.Cut(rest, " | ")
				got := strings.TrimPrefix(f.String(), "f.yaml")
				if f.Field == "" {
					head = strings.TrimPrefix(head, ": ")
				}
				want := ":" + place + ": " + head
				if place == "0" {
					want = ": " + head
				}
				if !strings.HasPrefix(got, want) || !strings.Contains(f.Remedy, remedy) || f.File != "f.yaml" {
					t.Errorf("got  %s\nwant %s … %s", got, want, remedy)
				}
				if strings.HasSuffix(f.Problem, ".") || strings.HasSuffix(f.Remedy, ".") {
					t.Errorf("the full stop is String's: %+v", f)
				}
			}
		})
	}
}

func TestFaultsNeverRepeatASecret(t *testing.T) {
	for _, field := range []string{
		"store: %", "language: %", "poll: \"%\"", "time_zone: %", "listen: %", "%: a", "slack: {%: a}", "slack: {api_url: \"https://%@slack.com\"}",
		"event_types: [%]", "slack: %", "poll: [\"%\"",
	} {
		for _, secret := range []string{"xoxb-1-hush", "xapp-1-hush", "xoxp-hush", "LTAI5thushhushhush1"} {
			_, faults := parse("f.yaml", []byte(strings.ReplaceAll(field, "%", secret)+"\n"+base))
			if len(faults) == 0 {
				t.Errorf("%s was accepted in %s", secret, field)
			}
			if strings.Contains(faults.Error(), "hush") {
				t.Errorf("%s: %s", field, faults.Error())
			}
		}
	}
}

func TestFaultsErrorReadsWell(t *testing.T) {
	_, err := Load("testdata/faulty.yaml", goodEnv())
	faults, ok := errors.AsType[Faults](err)
	if !ok {
		t.Fatalf("err = %v, want Faults", err)
	}
	const want = `the configuration has 5 faults:
testdata/faulty.yaml:1: timezone: is no key of the top level. Write ` + "`time_zone`" + ` if that is meant.
testdata/faulty.yaml:2: poll: "@every 2s" is more often than every 10s, and the cloud counts and limits calls by the minute. Write "@every 10s" or slower; events are announced hours ahead, so "@every 1m" is plenty.
testdata/faulty.yaml:5: accounts[0].regions[0]: "cn-hangzhou-i" is a zone, not a region. Write cn-hangzhou.
testdata/faulty.yaml:7: routes[0].channel: "#ops" is a channel's name, which can change. Copy the channel ID, such as C0123456789, from the foot of the channel's details in Slack.
testdata/faulty.yaml:8: routes[1]: can never match: routes[0] on line 7 takes all of it first. Move it above line 7, or delete it.`
	if got := faults.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	one := Faults{{File: "environment", Field: "SLACK_BOT_TOKEN", Problem: "is not set", Remedy: "Set it"}}
	if got, want := one.Error(), "environment: SLACK_BOT_TOKEN: is not set. Set it."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
