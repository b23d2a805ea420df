package migration_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

func TestWhoMayDoWhat(t *testing.T) {
	const lin, mary, team, other = "U0000000001", "U0000000002", "S0000000001", "S0000000002"
	everyone := []string{migration.Everyone}
	in := func(groups ...string) map[string]bool {
		all := map[string]bool{team: false, other: false}
		for _, g := range groups {
			all[g] = true
		}
		return all
	}
	for _, tt := range []struct {
		name                    string
		grants                  migration.Grants
		who                     migration.Standing
		viewer, operator, admin migration.DenialKind // empty: may
	}{
		{"nobody is named", migration.Grants{}, migration.Standing{By: lin}, "", "role", "role"},
		{"nobody at all", migration.Grants{}, migration.Standing{}, "", "role", "role"},
		{"everyone operates", migration.Grants{Operator: everyone}, migration.Standing{By: lin}, "", "", "role"},
		{"everyone is an admin", migration.Grants{Admin: everyone}, migration.Standing{By: lin}, "", "", ""},
		{"by id", migration.Grants{Operator: []string{lin}}, migration.Standing{By: lin}, "", "", "role"},
		{"not by another's id", migration.Grants{Operator: []string{lin}}, migration.Standing{By: mary}, "", "role", "role"},
		{"an admin operates", migration.Grants{Operator: []string{lin}, Admin: []string{mary}}, migration.Standing{By: mary}, "", "", ""},
		{"an operator is no admin", migration.Grants{Operator: []string{lin}, Admin: []string{mary}}, migration.Standing{By: lin}, "", "", "role"},
		{"by group", migration.Grants{Operator: []string{team}}, migration.Standing{By: lin, Groups: in(team)}, "", "", "role"},
		{"by an admins' group", migration.Grants{Operator: []string{team}, Admin: []string{other}}, migration.Standing{By: lin, Groups: in(other)}, "", "", ""},
		{"in no group", migration.Grants{Operator: []string{team}}, migration.Standing{By: lin, Groups: in()}, "", "role", "role"},
		{"a group that could not be read", migration.Grants{Operator: []string{team}}, migration.Standing{By: lin}, "", "unread", "role"},
		{"one of two that could not be read", migration.Grants{Operator: []string{team, other}}, migration.Standing{By: lin, Groups: map[string]bool{other: false}}, "", "unread", "role"},
		{"in the one that could be read", migration.Grants{Operator: []string{team, other}}, migration.Standing{By: lin, Groups: map[string]bool{other: true}}, "", "", "role"},
		{"named beside a group that could not be read", migration.Grants{Operator: []string{team, lin}}, migration.Standing{By: lin}, "", "", "role"},
		{"a guest, by id", migration.Grants{Admin: []string{lin}}, migration.Standing{By: lin, Bar: migration.DeniedGuest}, "guest", "guest", "guest"},
		{"a stranger, by everyone", migration.Grants{Admin: everyone}, migration.Standing{By: lin, Bar: migration.DeniedStranger}, "stranger", "stranger", "stranger"},
		{"a bot, by group", migration.Grants{Admin: []string{team}}, migration.Standing{By: lin, Bar: migration.DeniedBot, Groups: in(team)}, "bot", "bot", "bot"},
		{"who is not known, by everyone", migration.Grants{Admin: everyone}, migration.Standing{By: lin, Bar: migration.DeniedUnread}, "unread", "unread", "unread"},
	} {
		for need, want := range map[migration.Role]migration.DenialKind{migration.Viewer: tt.viewer, migration.Operator: tt.operator, migration.Admin: tt.admin} {
			no := tt.grants.Deny(tt.who, need)
			switch {
			case want == "" && no != nil, want != "" && no == nil:
				t.Errorf("%s: %s: %v, want %q", tt.name, need, no, want)
			case no != nil && (no.Kind != want || no.Need != need || !slices.Equal(no.Holders, tt.grants.Holders(need))):
				t.Errorf("%s: %s: %+v, want %q", tt.name, need, no, want)
			}
		}
		if no := tt.grants.Deny(tt.who, "owner"); no == nil {
			t.Errorf("%s: may do what takes a role that there is not", tt.name)
		}
		has := tt.grants.Role(tt.who)
		want := migration.Role("")
		for _, r := range migration.Roles {
			if tt.grants.Deny(tt.who, r) == nil {
				want = r
			}
		}
		if has != want {
			t.Errorf("%s: has %q, want %q", tt.name, has, want)
		}
	}
}

func TestHoldersAreNamedOnce(t *testing.T) {
	g := migration.Grants{Operator: []string{"U1", "S1"}, Admin: []string{"S1", "U2"}}
	if got, want := g.Holders(migration.Operator), []string{"U1", "S1", "U2"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if !slices.Equal(g.Operator, []string{"U1", "S1"}) {
		t.Errorf("the grants were changed: %v", g)
	}
}

func TestCloudJobsTakeTheRoleOfTheirDecision(t *testing.T) {
	for kind, want := range map[migration.JobKind]migration.Role{
		migration.JobModify: migration.Operator, migration.JobAccept: migration.Admin, "not yet thought of": migration.Admin,
	} {
		if got := kind.Need(); got != want {
			t.Errorf("%s takes %s, want %s", kind, got, want)
		}
	}
}

// Who clicks all night long, alone or with a crowd, fills no disk.
func TestDenialsAreKeptWithinBounds(t *testing.T) {
	start := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	m := migration.Migration{Event: migration.Event{Key: migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-1"}, Status: migration.Scheduled}}
	no := migration.Denial{Kind: migration.DeniedRole, Need: migration.Operator}
	kept := 0
	try := func(by string, no migration.Denial, at time.Time) bool {
		wanted := migration.News{Kind: migration.NewsRequested, At: start.Add(time.Hour)}
		c := m.Denied(no, wanted, migration.Decision{By: by, Now: at, Via: migration.ViaButton, Channel: "C1", Envelope: "env-1"})
		if c.Migration == nil {
			if !c.Empty() {
				t.Errorf("half a change: %+v", c)
			}
			return false
		}
		e := c.Entries[0]
		if len(c.Entries) != 1 || len(c.Jobs) != 0 || e.News.By != by || e.News.Kind != migration.NewsDenied || e.News.Wanted != migration.NewsRequested ||
			e.News.Denied != no.Kind || e.Role != no.Need || e.Via != migration.ViaButton || e.Channel != "C1" || e.Envelope != "env-1" || e.Before != e.After {
			t.Errorf("%+v", c)
		}
		if c.Migration.Revision != m.Revision || !c.Migration.ChangedAt.Equal(m.ChangedAt) || c.Migration.State() != m.State() {
			t.Errorf("it changed the migration: %+v", c.Migration)
		}
		m = *c.Migration
		kept++
		return true
	}
	if !try("U1", no, start) || try("U1", no, start.Add(23*time.Hour)) {
		t.Error("once a day and person")
	}
	if !try("U1", migration.Denial{Kind: migration.DeniedRole, Need: migration.Admin}, start) || !try("U2", no, start) {
		t.Error("another role and another person count by themselves")
	}
	if !try("U1", no, start.Add(24*time.Hour)) {
		t.Error("a day later")
	}
	if try("U3", migration.Denial{Kind: migration.DeniedUnread, Need: migration.Operator}, start) {
		t.Error("that Slack does not answer is nobody's attempt")
	}
	for day := range 30 {
		for n := range 10 {
			try(fmt.Sprintf("U%d", 100+n), no, start.Add(time.Duration(day+2)*24*time.Hour))
		}
		if n := len(m.Attempts.Last); n > 12 {
			t.Fatalf("%d people are remembered on day %d", n, day)
		}
	}
	if kept != 100 || m.Attempts.Count != 100 {
		t.Errorf("%d kept, %d counted, want 100", kept, m.Attempts.Count)
	}
}
