package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones must be known on any machine that runs the tests

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	goodBot = "xoxb-1234567890-abcdefgh"
	goodApp = "xapp-1-A0123456789-abcdefgh"
)

// env is a getenv over fixed variables.
func env(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func goodEnv() func(string) string {
	return env(map[string]string{BotTokenVariable: goodBot, AppTokenVariable: goodApp})
}

func TestLoadUnderstandsEveryKey(t *testing.T) {
	cfg, err := Load("testdata/valid.yaml", goodEnv())
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Slack:      Slack{APIURL: "https://slack.com/api/", BotToken: goodBot, AppToken: goodApp},
		Store:      "ecs-migrate.db",
		Listen:     "127.0.0.1:9090",
		Language:   English,
		EventTypes: EventTypes{"SystemUpgrade.Migrate", "SystemMaintenance.*"},
		Accounts: []Account{
			{Name: "prod", Regions: []string{"cn-hangzhou", "cn-shanghai"}},
			{
				Name: "lab", Regions: []string{"cn-north-2-gov-1"}, Endpoint: "http://127.0.0.1:8000",
				Credentials: Credentials{RoleARN: "acs:ram::1234567890123456:role/ecs-migrate"},
			},
			{Name: "shop", Regions: []string{"us-west-1"}, Credentials: Credentials{Profile: "shop"}},
		},
		Routes: []Route{
			{Channel: "C0123456789", Account: "prod", Region: "cn-hangzhou", Tags: map[string]string{"team": "web"}},
			{Channel: "G0123456789", Account: "lab", Roles: Roles{Operator: []string{"S0000000004"}}, OnCall: "S0000000003", Escalation: "G0000000009"},
			{Channel: "C0000000000"},
		},
		Roles: Roles{Operator: []string{Everyone}, Admin: []string{"U0000000002", "S0000000005"}},
		Reminders: Reminders{
			Unreserved: []time.Duration{72 * time.Hour, 24 * time.Hour, 4 * time.Hour}, UnreservedEvery: 30 * time.Minute,
			BeforeRun: []time.Duration{}, Overdue: []time.Duration{45 * time.Minute},
			Digest: Digest{Text: "30 8 * * 1-5"},
			Work: Work{
				From: 8*time.Hour + 30*time.Minute, To: 17 * time.Hour, Days: [7]bool{true, true},
				Holidays: map[string]bool{"2026-10-01": true, "2026-10-02": true, "2026-10-03": true, "2027-01-01": true},
				Workdays: map[string]bool{},
			},
		},
		People: map[string]string{"li.lei": "U0000000001", "team-web": "S0000000002"},
		OnCall: "S0000000001", Escalation: "C0000000000", AdminChannel: "C0000000008",
	}
	if diff := cmp.Diff(want, cfg, cmpopts.IgnoreFields(Config{}, "Location", "Poll", "Checklists"), cmpopts.IgnoreFields(Digest{}, "Schedule")); diff != "" {
		t.Errorf("Load (-want +got):\n%s", diff)
	}
	if items, rules := cfg.Checklists.Items(), cfg.Checklists.Rules(); items[len(items)-1].ID != "page_dba" || len(rules) != 1 {
		t.Errorf("checklists: %d items, %d rules", len(items), len(rules))
	}
	if got := cfg.Location.String(); got != "Asia/Shanghai" {
		t.Errorf("Location = %s", got)
	}
	now := time.Date(2024, 5, 1, 10, 0, 30, 0, time.UTC)
	if got, want := cfg.Poll.Schedule.Next(now), now.Add(time.Minute); !got.Equal(want) {
		t.Errorf("next poll = %s, want %s", got, want)
	}
}

func TestLoadDefaults(t *testing.T) {
	least, err := Load("testdata/least.yaml", goodEnv())
	if err != nil {
		t.Fatal(err)
	}
	if least.Slack.APIURL != "https://slack.com/api/" || least.Store != "ecs-migrate.db" || least.Listen != "127.0.0.1:9090" ||
		least.Poll.Text != "@every 1m" || least.Location.String() != "Asia/Shanghai" || least.Language != English {
		t.Errorf("defaults = %+v", least)
	}
	if !least.EventTypes.Match("SystemUpgrade.Migrate") || !least.EventTypes.Match("SystemMaintenance.Reboot") {
		t.Errorf("default event types = %q", least.EventTypes)
	}
}

// base is a sound file; %s is replaced by more top-level lines.
const base = `accounts:
  - name: prod
    regions: [cn-hangzhou, cn-shanghai]
roles: {operator: [everyone]}
routes:
  - {channel: C0000000000}
`

// mustParse is the Config of a sound text.
func mustParse(t *testing.T, text string) Config {
	t.Helper()
	cfg, faults := parse("f.yaml", []byte(text))
	if len(faults) > 0 {
		t.Fatalf("%v", faults)
	}
	return cfg
}

func TestParseAccepts(t *testing.T) {
	for name, text := range map[string]string{
		"byte order mark":   "\ufeff" + base,
		"windows lines":     strings.ReplaceAll(base, "\n", "\r\n"),
		"document start":    "---\n" + base + "...\n",
		"empty slack":       "slack:\n  # api_url: https://slack.com/api/\n" + base,
		"tab in a comment":  "store: a.db\t# text\n" + base,
		"loopback v6":       "slack: {api_url: \"http://[::1]:80\"}\n" + base,
		"five cron fields":  "poll: \"*/5 * * * *\"\n" + base,
		"ten seconds":       "poll: \"@every 10s\"\n" + base,
		"unknown family":    "event_types: [NewThing.Happened, \"*\"]\n" + base,
		"any interface":     "listen: \":0\"\n" + base,
		"quoted number tag": strings.Replace(base, "routes:", "routes:\n  - {channel: G0123456789, match: {tags: {team: \"42\", empty: \"\"}}}", 1),
	} {
		t.Run(name, func(t *testing.T) { mustParse(t, text) })
	}
}

func TestParseNormalises(t *testing.T) {
	cfg := mustParse(t, "slack: {api_url: http://localhost:8080/api}\nlisten: \"\"\nlanguage: zh-CN\n"+base)
	if cfg.Slack.APIURL != "http://localhost:8080/api/" || cfg.Listen != "" || cfg.Language != Chinese {
		t.Errorf("%+v", cfg)
	}
	if cfg := mustParse(t, "listen:\n"+base); cfg.Listen != "" {
		t.Errorf("listen without value = %q, want off", cfg.Listen)
	}
}

func TestPollIsInTheConfiguredZone(t *testing.T) {
	now := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"poll: \"0 9 * * *\"":               time.Date(2024, 5, 1, 1, 0, 0, 0, time.UTC),
		"poll: \"CRON_TZ=UTC 0 9 * * *\"":   time.Date(2024, 5, 1, 9, 0, 0, 0, time.UTC),
		"time_zone: UTC\npoll: \"@hourly\"": time.Date(2024, 5, 1, 1, 0, 0, 0, time.UTC),
	} {
		if got := mustParse(t, text+"\n"+base).Poll.Schedule.Next(now); !got.Equal(want) {
			t.Errorf("%s: next = %s, want %s", text, got, want)
		}
	}
}

func TestRoute(t *testing.T) {
	cfg := mustParse(t, strings.Replace(base, "routes:", `routes:
  - {channel: C00000WEB, match: {region: cn-hangzhou, tags: {team: web, tier: ""}}}
  - {channel: C0000PROD, match: {account: prod, region: cn-hangzhou}}
  - {channel: C00000WEB2, match: {tags: {team: web}}}`, 1))
	for _, c := range []struct {
		account, region string
		tags            map[string]string
		want            string
	}{
		{"prod", "cn-hangzhou", map[string]string{"team": "web", "tier": "", "x": "y"}, "C00000WEB"},
		{"prod", "cn-hangzhou", map[string]string{"team": "web"}, "C0000PROD"},
		{"prod", "cn-shanghai", map[string]string{"team": "web"}, "C00000WEB2"},
		{"prod", "cn-shanghai", map[string]string{"team": "Web"}, "C0000000000"},
		{"prod", "cn-shanghai", nil, "C0000000000"},
		{"gone", "cn-gone", nil, "C0000000000"},
	} {
		if got := cfg.Route(c.account, c.region, c.tags); got != c.want {
			t.Errorf("Route(%s, %s, %v) = %s, want %s", c.account, c.region, c.tags, got, c.want)
		}
	}
}

func TestEventTypesMatch(t *testing.T) {
	types := EventTypes{"SystemUpgrade.Migrate", "SystemMaintenance.*"}
	for name, want := range map[string]bool{
		"SystemUpgrade.Migrate":    true,
		"SystemUpgrade.Migrate2":   false,
		"SystemMaintenance.Reboot": true,
		"SystemMaintenance":        false,
		"SystemFailure.Reboot":     false,
		"":                         false,
	} {
		if got := types.Match(name); got != want {
			t.Errorf("Match(%q) = %v", name, got)
		}
	}
	if !(EventTypes{"*"}).Match("Anything.AtAll") || (EventTypes)(nil).Match("Anything") {
		t.Error("* must match everything, and no pattern nothing")
	}
}

func TestUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, bytes.Repeat([]byte("#\n"), maxFileSize), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "does not exist",
		dir:                             "is a directory",
		large:                           "is larger than 1 MiB",
		filepath.Join(large, "x.yaml"):  "cannot be opened: not a directory",
	} {
		_, err := Load(path, goodEnv())
		faults, ok := errors.AsType[Faults](err)
		if !ok || len(faults) != 1 || faults[0].File != path || faults[0].Problem != want || faults[0].Remedy == "" {
			t.Errorf("Load(%s) = %v, want %s", path, err, want)
		}
	}
}

func TestSecretNeverPrints(t *testing.T) {
	const raw = "xoxb-do-not-print"
	s := Secret(raw)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "s", s, "slack", Slack{BotToken: s})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "s", s, "slack", Slack{BotToken: s})
	asJSON, err := json.Marshal(Slack{BotToken: s})
	if err != nil {
		t.Fatal(err)
	}
	printed := []string{
		log.String(), string(asJSON), s.String(), s.GoString(),
		fmt.Sprintf("%v|%+v|%#v|%s|%q|%x|%X|%d|%t", s, s, s, s, s, s, s, s, s),
		fmt.Sprintf("%v|%+v|%#v|%v", Slack{BotToken: s}, &Slack{BotToken: s}, Slack{BotToken: s}, Config{Slack: Slack{BotToken: s}}),
	}
	for _, text := range printed {
		if strings.Contains(text, "do-not") || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", "do-not")) {
			t.Errorf("printed: %s", text)
		}
		if !strings.Contains(text, hidden) {
			t.Errorf("does not say %s: %s", hidden, text)
		}
	}
	if s.Reveal() != raw {
		t.Error("Reveal must give the secret away")
	}
}
