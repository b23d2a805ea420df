package migration_test

import (
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

func TestTheGroupsOfADigest(t *testing.T) {
	in := func(s migration.Status, at time.Duration, edit ...func(*migration.Migration)) migration.Migration {
		m := first(event(status(s), planned(now.Add(at)), func(ev *migration.Event) { ev.InitialNotBefore = ev.NotBefore }))
		for _, e := range edit {
			e(&m)
		}
		return m
	}
	held := func(m *migration.Migration) { m.Held = &migration.Reservation{Certainty: migration.Confirmed} }
	acked := func(m *migration.Migration) { m.Acknowledged = &migration.Ack{By: "U1"} }
	for name, tt := range map[string]struct {
		m    migration.Migration
		want migration.Group
	}{
		"running":              {in(migration.Executing, 0), migration.GroupRunning},
		"today, reserved":      {in(migration.Scheduled, 24*time.Hour, held), migration.GroupDue},
		"today, unreserved":    {in(migration.Scheduled, time.Hour), migration.GroupDue},
		"overdue to begin":     {in(migration.Scheduled, -time.Hour), migration.GroupDue},
		"unreserved":           {in(migration.Scheduled, 25*time.Hour), migration.GroupUnreserved},
		"reserved for later":   {in(migration.Scheduled, 25*time.Hour, held), migration.GroupPreparation},
		"to be authorised":     {in(migration.Inquiring, 0), migration.GroupInquiring},
		"ran":                  {in(migration.Executed, 0), migration.GroupWaiting},
		"failed":               {in(migration.Failed, 0), migration.GroupWaiting},
		"ran and acknowledged": {in(migration.Executed, 0, acked), ""},
		"cancelled":            {in(migration.Canceled, 0), ""},
		"a status that is new": {in("Paused", 0), ""},
		"scheduled, no time yet": {func() migration.Migration {
			m := in(migration.Scheduled, 0)
			m.Event.NotBefore = time.Time{}
			return m
		}(), migration.GroupUnreserved},
	} {
		if got := tt.m.Group(now); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestADigestNamesAFewAndCountsAll(t *testing.T) {
	var d migration.Digest
	if c := d.Post("C1", "2024-05-01", now); !c.Post.Gone || len(c.Jobs) != 0 || c.Post.ID != "digest/C1/2024-05-01" {
		t.Errorf("nothing to tell: %+v", c)
	}
	for range 40 {
		d.Add(first(event(planned(now.Add(100*time.Hour)), func(ev *migration.Event) { ev.InitialNotBefore = ev.NotBefore })), now)
	}
	d.Add(first(event(status(migration.Canceled))), now)
	c := d.Post("C1", "2024-05-01", now)
	if c.Post.Counts["unreserved"] != 40 || len(c.Post.Counts) != 1 || len(c.Post.Keys) != 5 || len(c.Jobs) != 1 || c.Post.Gone {
		t.Errorf("%+v", c.Post)
	}
	blind := migration.Digest{Unseen: []migration.Unseen{{Account: "prod", Region: "cn-hangzhou"}}}
	if c := blind.Post("C1", "2024-05-01", now); c.Post.Gone || len(c.Jobs) != 1 {
		t.Errorf("not looked at is not nothing: %+v", c)
	}
}
