package notifier

import (
	"fmt"
	"time"

	"ecs-migrate/internal/migration"
)

// remindersEndings are the possible ends of the keys with a changing end in
// remind.go, by literal prefix; see catalogue.go.
func remindersEndings() map[string][]string {
	var topics []string
	for _, t := range migration.Topics {
		topics = append(topics, string(t))
	}
	var groups []string
	for _, g := range migration.Groups {
		groups = append(groups, string(g))
	}
	return map[string][]string{
		"digest.group.": groups, "digest.when.": groups,
		"about.": topics, "snooze.": {SnoozeHour, SnoozeHours, SnoozeTomorrow}, "remind.open.": {"one", "other"},
	}
}

// reminding is one golden reminder.
type reminding struct {
	m     migration.Migration
	r     Reminding
	blind []Blind
}

// reminders are the golden reminders: every topic, and what makes one read
// differently. A reminder is due an hour before now, or now where it is on time.
func reminders() map[string]reminding {
	due := func(t migration.Topic, name string, ago time.Duration) migration.Reminder {
		at := now.Add(-ago)
		return migration.Reminder{Topic: t, Name: string(t) + "/" + name, Due: at, Owed: at}
	}
	open := func(n int) []migration.Item {
		all := make([]migration.Item, n)
		for i := range all {
			all[i] = migration.Item{ID: fmt.Sprint("item_", i), Title: migration.Text{"": "Page the <DBA> & wait"}}
		}
		return all
	}
	soon := func(m *migration.Migration) {
		m.Event.NotBefore, m.Event.InitialNotBefore, m.FirstNotBefore = now.Add(4*time.Hour), now.Add(4*time.Hour), now.Add(4*time.Hour)
	}
	running := with(held(lin, migration.Confirmed), status(migration.Executing))
	running.Reminders.Since = now.Add(-30 * time.Minute)
	taken := base()
	taken.Assigned = &migration.Assignment{To: mary, By: mary, Made: decided}
	executed := with(held(lin, migration.Confirmed), status(migration.Executed))
	late := with(held(lin, migration.Confirmed), func(m *migration.Migration) { m.Event.NotBefore = now.Add(-30 * time.Minute) })
	prepared := with(held(lin, migration.Confirmed), func(m *migration.Migration) {
		m.Checklist.Marks = map[string]migration.Mark{}
		for _, item := range migration.DefaultItems() {
			m.Checklist.Marks[item.ID] = migration.Mark{State: migration.Done, By: lin}
		}
	})
	asking := limited
	cannot := func(m *migration.Migration) { no := false; m.Event.CanAccept = &no }
	consented := func(m *migration.Migration) {
		m.Consent = &migration.Consent{By: mary, Made: decided, Certainty: migration.Refused, Refusal: refusals["permission"]}
	}
	blind := func(since time.Time) []Blind {
		return []Blind{{Account: "elsewhere", Region: running.Event.Region}, {Account: running.Event.Account, Region: running.Event.Region, Since: since}}
	}
	unread := func(events ...string) []Blind {
		return []Blind{{Account: running.Event.Account, Region: running.Event.Region, Since: now.Add(-29 * time.Minute), Events: events}}
	}
	return map[string]reminding{
		"unreserved":           {base(), Reminding{due(migration.TopicUnreserved, "72h", 0), lin, nil}, nil},
		"unreserved-urgent":    {with(soon), Reminding{due(migration.TopicUnreserved, "4h", 0), "S0000000001", nil}, nil},
		"unreserved-late":      {base(), Reminding{due(migration.TopicUnreserved, "72h", 3*time.Hour), lin, nil}, nil},
		"unreserved-plan-only": {with(planOnly), Reminding{due(migration.TopicUnreserved, "24h", 0), "", nil}, nil},
		"unreserved-refused":   {with(asked(refusals["permission"])), Reminding{due(migration.TopicUnreserved, "24h", 0), mary, nil}, nil},
		"unreserved-taken":     {taken, Reminding{due(migration.TopicUnreserved, "24h", 0), mary, nil}, nil},
		"run":                  {with(held(lin, migration.Confirmed)), Reminding{due(migration.TopicRun, "24h", 0), lin, open(2)}, nil},
		"run-one-open":         {with(held(lin, migration.Confirmed)), Reminding{due(migration.TopicRun, "1h", 0), lin, open(1)}, nil},
		"run-many-open":        {with(held(lin, migration.Confirmed)), Reminding{due(migration.TopicRun, "15m", 0), lin, open(30)}, nil},
		"run-prepared":         {prepared, Reminding{due(migration.TopicRun, "15m", 0), lin, nil}, nil},
		"overdue":              {running, Reminding{due(migration.TopicOverdue, "30m", 0), lin, nil}, nil},
		"overdue-unseen":       {running, Reminding{due(migration.TopicOverdue, "30m", 0), lin, nil}, blind(now.Add(-29 * time.Minute))},
		"overdue-never-seen":   {running, Reminding{due(migration.TopicOverdue, "30m", 0), lin, nil}, blind(time.Time{})},
		"overdue-unread":       {running, Reminding{due(migration.TopicOverdue, "30m", 0), lin, nil}, unread("", running.Event.EventID)},
		"overdue-seen":         {running, Reminding{due(migration.TopicOverdue, "30m", 0), lin, nil}, unread("", "e-other")},
		"not-begun":            {late, Reminding{due(migration.TopicNotBegun, "30m", 0), lin, nil}, nil},
		"not-begun-unseen":     {late, Reminding{due(migration.TopicNotBegun, "30m", 0), lin, nil}, blind(now.Add(-time.Hour))},
		"inquiring":            {with(asking), Reminding{due(migration.TopicInquiring, "24h", 0), lin, nil}, nil},
		"inquiring-refused":    {with(asking, consented), Reminding{due(migration.TopicInquiring, "24h", 0), lin, nil}, nil},
		"inquiring-cannot":     {with(asking, cannot), Reminding{due(migration.TopicInquiring, "24h", 0), lin, nil}, nil},
		"follow-up":            {executed, Reminding{due(migration.TopicFollowUp, "open", 0), lin, open(3)}, nil},
		"recovered":            {executed, Reminding{due(migration.TopicRecovered, "once", 0), lin, nil}, nil},
		"voucher":              {executed, Reminding{due(migration.TopicVoucher, "once", 0), lin, nil}, nil},
		"unknown":              {base(), Reminding{due("something_new", "once", 0), lin, nil}, nil},
		"hostile":              {hostile(), Reminding{due(migration.TopicRun, "24h", 0), "<!channel>", open(1)}, nil},
	}
}

// digests are the golden digests.
func digests() map[string]migration.Post {
	all := migration.Post{
		ID: "digest/C0123456789/2024-04-26", Kind: migration.PostDigest, Channel: "C0123456789", Generation: 1, Begun: now,
		Counts: map[string]int{"running": 1, "due": 1, "unreserved": 12, "inquiring": 1, "preparation": 1, "waiting": 1},
	}
	blind := all
	blind.Counts = nil
	for n := range 12 {
		blind.Unseen = append(blind.Unseen, migration.Unseen{Account: "prod<&>", Region: fmt.Sprint("cn-", n), Since: now.Add(-time.Duration(n) * time.Hour)})
	}
	blind.Unseen[1].Since = time.Time{}
	blind.Unseen[2].Unread = true
	both := all
	both.Unseen = blind.Unseen[:1]
	return map[string]migration.Post{"all": all, "blind": blind, "both": both}
}

// digested are the migrations that the golden digests name.
func digested() []migration.Migration {
	running := with(held(lin, migration.Confirmed), status(migration.Executing))
	running.Reminders.Since = now.Add(-10 * time.Minute)
	return []migration.Migration{
		running, with(func(m *migration.Migration) { m.Event.NotBefore = now.Add(5 * time.Hour) }), base(), hostile(),
		with(status(migration.Inquiring)), with(limited), with(held(lin, migration.Confirmed)), with(status(migration.Executed)),
	}
}
