package config

import (
	"slices"
	"testing"
	"time"
)

func reminderFaultCases() []faultCase {
	in := func(lines string) string { return "reminders:\n  " + lines + "\n" }
	return []faultCase{
		{name: "reminders text", lines: "reminders: often\n", want: []string{"1 reminders: is text where a mapping | key: value"}},
		{name: "reminders misspelt", lines: in("unreserve: [1h]"), want: []string{"2 reminders.unreserve: is no key of `reminders` | `unreserved`"}},
		{name: "reminders at the top", lines: "digest: \"0 9 * * *\"\n", want: []string{"1 digest: is no key of the top level | `reminders`"}},
		{name: "unreserved text", lines: in("unreserved: 3d"), want: []string{"2 reminders.unreserved: is text where a list | [72h, 24h, 4h]"}},
		{name: "unreserved word", lines: in("unreserved: [soon]"), want: []string{"2 reminders.unreserved[0]: \"soon\" is no span | 24h"}},
		{name: "unreserved number", lines: in("unreserved: [72]"), want: []string{"2 reminders.unreserved[0]: \"72\" is no span | 24h"}},
		{name: "unreserved list in list", lines: in("unreserved: [[1h]]"), want: []string{"2 reminders.unreserved[0]: is a list where a span | 24h"}},
		{name: "unreserved twice", lines: in("unreserved: [24h, 1d]"), want: []string{"2 reminders.unreserved[1]: stands twice | one of the two"}},
		{name: "unreserved too many", lines: in("unreserved: [1h,2h,3h,4h,5h,6h,7h,8h,9h,10h,11h]"), want: []string{"2 reminders.unreserved: has more than 10 times | act on"}},
		{name: "unreserved negative", lines: in("unreserved: [-1h]"), want: []string{"2 reminders.unreserved[0]: \"-1h\" is too short | 1m or more"}},
		{name: "unreserved far", lines: in("unreserved: [999d]"), want: []string{"2 reminders.unreserved[0]: \"999d\" is too long | 90d"}},
		{name: "unreserved seconds", lines: in("unreserved: [90s]"), want: []string{"2 reminders.unreserved[0]: \"90s\" has a part of a minute | whole minutes"}},
		{name: "every too often", lines: in("unreserved_every: 1m"), want: []string{"2 reminders.unreserved_every: \"1m\" is too short | 15m or more"}},
		{name: "follow-up word", lines: in("follow_up: daily"), want: []string{"2 reminders.follow_up: \"daily\" is no span | 0 for never"}},
		{name: "recovery", lines: in("io_recovery: maybe"), want: []string{"2 reminders.io_recovery: is text where yes or no | true or false"}},
		{name: "voucher span", lines: in("voucher: 7d"), want: []string{"2 reminders.voucher: is no number of working days | 0"}},
		{name: "voucher far", lines: in("voucher: 61"), want: []string{"2 reminders.voucher: is no number of working days | 60"}},
		{name: "digest words", lines: in("digest: daily"), want: []string{"2 reminders.digest: \"daily\" is no schedule | five fields"}},
		{name: "digest span", lines: in("digest: \"@every 24h\""), want: []string{"2 reminders.digest: \"@every 24h\" names no hour | five fields"}},
		{name: "hours backwards", lines: in("working_hours: \"18:00-09:00\""), want: []string{"2 reminders.working_hours: \"18:00-09:00\" is no span of a day | 09:00-18:00"}},
		{name: "hours beyond the day", lines: in("working_hours: \"09:00-24:30\""), want: []string{"2 reminders.working_hours: \"09:00-24:30\" is no span | 24:00"}},
		{name: "no working day", lines: in("working_days: []"), want: []string{"2 reminders.working_days: is empty | mon"}},
		{name: "working day", lines: in("working_days: [monday]"), want: []string{"2 reminders.working_days[0]: \"monday\" is no day of the week | mon"}},
		{name: "holiday", lines: in("holidays: [2026-02-30]"), want: []string{"2 reminders.holidays[0]: \"2026-02-30\" is no day | 2026-10-01..2026-10-07"}},
		{name: "holidays backwards", lines: in("holidays: [2026-10-07..2026-10-01]"), want: []string{"2 reminders.holidays[0]: \"2026-10-07..2026-10-01\" is no day | .."}},
		{name: "holidays for ever", lines: in("workdays: [2026-01-01..2027-01-01]"), want: []string{"2 reminders.workdays[0]: \"2026-01-01..2027-01-01\" is no day | .."}},
		{name: "holiday list", lines: in("holidays: [[2026-10-01]]"), want: []string{"2 reminders.holidays[0]: \"\" is no day | .."}},

		{name: "people name", lines: "people: {li.lei: \"@li.lei\"}\n", want: []string{"1 people.li.lei: \"@li.lei\" is a name | member ID"}},
		{name: "people channel", lines: "people: {li.lei: C0123456789}\n", want: []string{"1 people.li.lei: \"C0123456789\" is no person | member ID"}},
		{name: "people list", lines: "people: [U0123456789]\n", want: []string{"1 people: is a list where a mapping | key: value"}},
		{name: "on_call name", lines: "on_call: \"@oncall\"\n", want: []string{"1 on_call: \"@oncall\" is no user group | S0123456789"}},
		{name: "admin channel name", lines: "admin_channel: \"#admins\"\n", want: []string{"1 admin_channel: \"#admins\" is a channel's name | channel ID"}},
		{name: "escalation name", lines: "escalation: \"#oncall\"\n", want: []string{"1 escalation: \"#oncall\" is a channel's name | channel ID"}},
		{
			name: "of a route", text: "accounts: [{name: prod, regions: [cn-hangzhou]}]\nroutes:\n  - {channel: C0000000000, on_call: ops, escalation: D0123456789}\nroles: {operator: [everyone]}\n",
			want: []string{"3 routes[0].on_call: \"ops\" is no user group | S0123456789", "3 routes[0].escalation: \"D0123456789\" is a person or a direct message | channel ID"},
		},
	}
}

func TestRemindersAreOnByDefault(t *testing.T) {
	r := mustParse(t, base).Reminders
	if !slices.Equal(r.Unreserved, []time.Duration{72 * time.Hour, 24 * time.Hour, 4 * time.Hour}) || r.UnreservedEvery != time.Hour ||
		!slices.Equal(r.BeforeRun, []time.Duration{24 * time.Hour, time.Hour, 15 * time.Minute}) || r.Overdue[0] != 30*time.Minute ||
		r.FollowUp != 4*time.Hour || !r.IORecovery || r.Voucher != 7 {
		t.Errorf("%+v", r)
	}
	if !r.Work.Holidays["2026-10-01"] || r.Work.Holidays["2026-10-08"] || !r.Work.Workdays["2026-10-10"] || !r.Work.Days[time.Monday] || r.Work.Days[time.Sunday] {
		t.Errorf("%+v", r.Work)
	}
	nine := time.Date(2026, 5, 1, 1, 0, 0, 0, time.UTC) // in Shanghai
	if got := r.Digest.Schedule.Next(nine.Add(-time.Minute)); !got.Equal(nine) {
		t.Errorf("the first digest is at %s", got)
	}
	if r := mustParse(t, "reminders: {digest: \"\"}\n"+base).Reminders; r.Digest.Schedule != nil || r.Voucher != 7 {
		t.Errorf("%+v", r)
	}
}

func TestDuty(t *testing.T) {
	cfg := mustParse(t, "on_call: S000000ALL\nescalation: C00000LOUD\nroles: {operator: [everyone]}\n"+
		"accounts: [{name: prod, regions: [cn-hangzhou, cn-shanghai]}]\nroutes:\n"+
		"  - {channel: C00000WEB0, on_call: S000000WEB, match: {region: cn-shanghai}}\n  - {channel: C0000REST0, escalation: C0000OTHER}\n")
	for region, want := range map[string][2]string{"cn-shanghai": {"S000000WEB", "C00000LOUD"}, "cn-hangzhou": {"S000000ALL", "C0000OTHER"}} {
		if onCall, channel := cfg.Duty("prod", region, nil); onCall != want[0] || channel != want[1] {
			t.Errorf("%s: %s, %s", region, onCall, channel)
		}
	}
	if onCall, channel := mustParse(t, base).Duty("prod", "cn-hangzhou", nil); onCall != "" || channel != "" {
		t.Errorf("%q, %q", onCall, channel)
	}
}

func TestOwnerKey(t *testing.T) {
	for tag, want := range map[string]string{"Li.Lei": "li.lei", " @team-web ": "team-web", "李雷": "李雷"} {
		if got := OwnerKey(tag); got != want {
			t.Errorf("%q: %q", tag, got)
		}
	}
}
