package config

import (
	"errors"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		name, bot, app string
		want           []string // variable: beginning of the problem
		missing        int      // how many of the faults Check takes for missing only
	}{
		{name: "both good", bot: goodBot, app: goodApp},
		{name: "none", want: []string{"SLACK_BOT_TOKEN: is not set", "SLACK_APP_TOKEN: is not set"}, missing: 2},
		{name: "blank", bot: " ", app: goodApp, want: []string{"SLACK_BOT_TOKEN: is not set"}, missing: 1},
		{name: "app missing", bot: goodBot, want: []string{"SLACK_APP_TOKEN: is not set"}, missing: 1},
		{name: "swapped", bot: goodApp, app: goodBot, want: []string{
			"SLACK_BOT_TOKEN: holds the xapp- token, which belongs in SLACK_APP_TOKEN",
			"SLACK_APP_TOKEN: holds the xoxb- token, which belongs in SLACK_BOT_TOKEN",
		}},
		{name: "twice the bot's", bot: goodBot, app: goodBot, want: []string{"SLACK_APP_TOKEN: holds the xoxb- token"}},
		{name: "user token", bot: "xoxp-12345678", app: goodApp, want: []string{"SLACK_BOT_TOKEN: holds a user token (xoxp-…), not the xoxb- one"}},
		{name: "rotating token", bot: "xoxe.xoxb-12345678", app: goodApp, want: []string{"SLACK_BOT_TOKEN: holds a configuration or rotating token (xoxe.…)"}},
		{name: "newline", bot: goodBot + "\n", app: goodApp, want: []string{"SLACK_BOT_TOKEN: has quotes or blanks"}},
		{name: "quotes", bot: `"` + goodBot + `"`, app: goodApp, want: []string{"SLACK_BOT_TOKEN: has quotes or blanks"}},
		{name: "prefix only", bot: "xoxb-", app: goodApp, want: []string{"SLACK_BOT_TOKEN: begins with xoxb- but is cut short"}},
		{name: "blank inside", bot: goodBot, app: "xapp-1234 5678", want: []string{"SLACK_APP_TOKEN: begins with xapp- but is cut short"}},
		{name: "placeholder", bot: "changeme12345", app: goodApp, want: []string{"SLACK_BOT_TOKEN: does not begin with xoxb-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			getenv := env(map[string]string{BotTokenVariable: c.bot, AppTokenVariable: c.app})
			_, err := Load("testdata/least.yaml", getenv)
			faults, _ := errors.AsType[Faults](err)
			if len(faults) != len(c.want) || (err == nil) != (len(c.want) == 0) {
				t.Fatalf("err = %v, want %d faults", err, len(c.want))
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), "environment: "+want) {
					t.Errorf("%v\nlacks %s", err, want)
				}
			}
			for _, value := range []string{c.bot, c.app} {
				if strings.ContainsAny(value, "0123456789") && err != nil && strings.Contains(err.Error(), strings.Trim(value, "\" \n")) {
					t.Errorf("the error tells the token: %v", err)
				}
			}
			_, missing, err := Check("testdata/least.yaml", getenv)
			if len(missing) != c.missing || (err == nil) != (c.missing == len(c.want)) {
				t.Errorf("Check: missing %v, err %v", missing, err)
			}
		})
	}
}

func TestLoadTellsFileAndEnvironmentAtOnce(t *testing.T) {
	_, err := Load("testdata/faulty.yaml", env(map[string]string{AppTokenVariable: goodBot}))
	faults, _ := errors.AsType[Faults](err)
	if len(faults) != 7 {
		t.Errorf("%d faults, want 5 of the file and 2 of the environment:\n%v", len(faults), err)
	}
}
