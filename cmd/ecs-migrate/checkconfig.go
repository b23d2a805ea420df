package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"ecs-migrate/internal/config"
)

type checkConfigCommand struct {
	Config string `required:"" short:"c" placeholder:"FILE" help:"The configuration file (YAML)."`
}

// Help is shown by "ecs-migrate check-config --help".
func (checkConfigCommand) Help() string {
	return `Every fault is told at once, with file, line and remedy, and the exit code is 1. ` +
		`No connection is made and nothing is written.

Fit for CI: a Slack token that is not set is a warning, one that is set but cannot be right is a fault.`
}

// Run prints what the bot would do, or every fault.
func (c checkConfigCommand) Run(p program) error {
	cfg, missing, err := config.Check(c.Config, p.getenv)
	for _, fault := range missing {
		fmt.Fprintf(p.stderr, "warning: %v\n", fault)
	}
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s is sound.\n", c.Config)
	describe(&b, cfg, p.getenv, p.now())
	_, err = p.stdout.Write(b.Bytes())
	return err
}

// describe tells a configuration in words, as of the given moment.
func describe(w io.Writer, cfg config.Config, getenv func(string) string, now time.Time) {
	section(w, "Settings", [][]string{
		{"Slack", cfg.Slack.APIURL},
		{"language", languageName(cfg.Language) + " in channels; each person's own in answers"},
		{"time zone", cfg.Location.String() + " for people whose Slack profile tells none"},
		{"store", cfg.Store},
		{"listen", orElse(cfg.Listen, "off: no /healthz, /readyz and /metrics")},
		{"event types", strings.Join(cfg.EventTypes, ", ")},
		{"poll", cfg.Poll.Text},
		{"admin channel", orElse(cfg.AdminChannel, "none: the log tells trouble, and the channel of a region that cannot be looked at")},
	})
	section(w, "Next polls", nextPolls(cfg, now))

	var accounts [][]string
	for _, a := range cfg.Accounts {
		accounts = append(accounts, []string{a.Name, strings.Join(a.Regions, ", ")},
			[]string{"", "keys from " + keySource(a.Credentials)},
			[]string{"", "calls to " + orElse(a.Endpoint, "each region's own endpoint")})
	}
	section(w, "Accounts", accounts)

	var routes [][]string
	for i, r := range cfg.Routes {
		routes = append(routes, []string{fmt.Sprintf("%d.", i+1), conditions(r), "→ " + r.Channel})
		if own := holders(r.Roles); len(own) > 0 {
			routes = append(routes, []string{"", "its own " + strings.Join(own, "; "), ""})
		}
	}
	section(w, "Routes, the first match wins", routes)
	section(w, "Checklists, by item", checklists(cfg))
	section(w, "Reminders", reminders(cfg, now))
	section(w, "Roles; every full member of the workspace is a viewer", [][]string{
		{"operator", orElse(strings.Join(cfg.Roles.Operator, ", "), "nobody but admins")},
		{"admin", orElse(strings.Join(cfg.Roles.Admin, ", "), "nobody: no event that waits for it can be authorised here")},
	})
	section(w, "Secrets, from the environment", secrets(cfg, getenv))
}

func section(w io.Writer, title string, rows [][]string) {
	fmt.Fprintf(w, "\n%s\n", title)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(table, "  %s\n", strings.Join(row, "\t"))
	}
	_ = table.Flush() // w is a buffer and takes everything
}

func nextPolls(cfg config.Config, at time.Time) [][]string {
	const layout = "2006-01-02 15:04:05"
	var rows [][]string
	for range 3 {
		at = cfg.Poll.Schedule.Next(at)
		rows = append(rows, []string{at.In(cfg.Location).Format(layout) + " " + cfg.Location.String(), at.UTC().Format(layout) + " UTC"})
	}
	return rows
}

// reminders tells of what people are reminded, and who is.
func reminders(cfg config.Config, now time.Time) [][]string {
	r := cfg.Reminders
	spans := func(all []time.Duration, after string) string {
		if len(all) == 0 {
			return "never"
		}
		var texts []string
		for _, d := range all {
			texts = append(texts, span(d))
		}
		return strings.Join(texts, ", ") + after
	}
	unreserved := spans(r.Unreserved, " before the deadline")
	if len(r.Unreserved) > 0 && r.UnreservedEvery > 0 {
		unreserved += ", then every " + span(r.UnreservedEvery)
	}
	followUp, voucher, digest := "never", "never", "never"
	if r.FollowUp > 0 {
		followUp = "every " + span(r.FollowUp) + " in working hours, until acknowledged"
	}
	if r.Voucher > 0 {
		voucher = fmt.Sprintf("%d working days after the migration", r.Voucher)
	}
	if r.Digest.Schedule != nil {
		digest = r.Digest.Text + ", next " + r.Digest.Schedule.Next(now).In(cfg.Location).Format("2006-01-02 15:04 ") + cfg.Location.String()
	}
	recovery := "never"
	if r.IORecovery {
		recovery = "when snapshots should be possible again"
	}
	return [][]string{
		{"unreserved", unreserved}, {"before the run", spans(r.BeforeRun, " before")}, {"overdue", spans(r.Overdue, " after the start, or after the planned time where it does not begin")},
		{"follow-up", followUp}, {"I/O recovery", recovery}, {"voucher", voucher}, {"digest", digest},
		{"people", fmt.Sprintf("%d owners known, on call: %s, escalation: %s", len(cfg.People), orElse(cfg.OnCall, "nobody"), orElse(cfg.Escalation, "nowhere"))},
	}
}

// span writes whole minutes without what is zero.
func span(d time.Duration) string {
	s := strings.TrimSuffix(d.String(), "0s")
	if d%time.Hour == 0 {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func languageName(l config.Language) string {
	if l == config.Chinese {
		return "Chinese (zh-CN)"
	}
	return "English (en)"
}

func keySource(c config.Credentials) string {
	switch {
	case c.Profile != "":
		return "profile " + c.Profile + " of the SDK's credentials file"
	case c.RoleARN != "":
		return "role " + c.RoleARN + ", assumed from the SDK's default chain"
	}
	return "the SDK's default chain"
}

func conditions(r config.Route) string {
	var all []string
	if r.Account != "" {
		all = append(all, "account "+r.Account)
	}
	if r.Region != "" {
		all = append(all, "region "+r.Region)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		all = append(all, fmt.Sprintf("tag %q = %q", key, r.Tags[key]))
	}
	return orElse(strings.Join(all, ", "), "everything else")
}

// holders tells the roles that are given.
func holders(r config.Roles) []string {
	var all []string
	if len(r.Operator) > 0 {
		all = append(all, "operator: "+strings.Join(r.Operator, ", "))
	}
	if len(r.Admin) > 0 {
		all = append(all, "admin: "+strings.Join(r.Admin, ", "))
	}
	return all
}

// secrets tells which variables are set, never what they hold.
func secrets(cfg config.Config, getenv func(string) string) [][]string {
	set := func(name, without string) []string {
		if strings.TrimSpace(getenv(name)) == "" {
			return []string{name, "not set" + without}
		}
		return []string{name, "set"}
	}
	rows := [][]string{
		set(config.BotTokenVariable, "; `run` needs it"),
		set(config.AppTokenVariable, "; `run` needs it"),
	}
	usesChain := func(a config.Account) bool { return a.Credentials.Profile == "" }
	if slices.ContainsFunc(cfg.Accounts, usesChain) {
		const next = "; the SDK goes on to its next source"
		rows = append(rows, set("ALIBABA_CLOUD_ACCESS_KEY_ID", next), set("ALIBABA_CLOUD_ACCESS_KEY_SECRET", next))
	}
	return rows
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
