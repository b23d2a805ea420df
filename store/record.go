package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"ecs-migrate/internal/migration"
)

// Values are JSON, which encoding/json writes the same way each time. Times are
// UTC. doc.go tells what may change.

// queued is a job as it waits. Seq is its place among those of its lane with the
// same Due.
type queued struct {
	migration.Job
	Seq uint64 `json:"seq"`
}

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode a record: %w", err)
	}
	return b, nil
}

func decode[T any](b []byte) (T, error) {
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("%w: a record cannot be read: %w", errDamaged, err)
	}
	return v, nil
}

// The functions below bring every time of a record to UTC and drop what JSON
// does not keep of it, so that a record reads back as it was handed in.

func utc(times ...*time.Time) {
	for _, t := range times {
		*t = t.Round(0).UTC()
	}
}

func migrationUTC(m migration.Migration) migration.Migration {
	utc(&m.FirstNotBefore, &m.FirstSeen, &m.ChangedAt, &m.Event.PublishedAt, &m.Event.NotBefore,
		&m.Event.FinishedAt, &m.Event.InitialNotBefore, &m.Event.ReadAt)
	m.Instance = instanceUTC(m.Instance)
	for _, p := range []**migration.Instance{&m.Before, &m.After} {
		if *p != nil {
			i := instanceUTC(**p)
			*p = &i
		}
	}
	if m.Unread != nil {
		why := *m.Unread
		utc(&why.At)
		m.Unread = &why
	}
	m.Held, m.Asked = reservationUTC(m.Held), reservationUTC(m.Asked)
	if m.Consent != nil {
		consent := *m.Consent
		utc(&consent.Made)
		m.Consent = &consent
	}
	m.Checklist.Marks = marksUTC(m.Checklist.Marks)
	if m.Acknowledged != nil {
		ack := *m.Acknowledged
		utc(&ack.When)
		m.Acknowledged = &ack
	}
	if m.Assigned != nil {
		assigned := *m.Assigned
		utc(&assigned.Made)
		m.Assigned = &assigned
	}
	m.Reminders = remindersUTC(m.Reminders)
	m.Attempts.Last = maps.Clone(m.Attempts.Last)
	for who, at := range m.Attempts.Last {
		m.Attempts.Last[who] = at.UTC()
	}
	return m
}

func marksUTC(marks map[string]migration.Mark) map[string]migration.Mark {
	if len(marks) == 0 {
		return nil
	}
	all := make(map[string]migration.Mark, len(marks))
	for id, mark := range marks {
		utc(&mark.When)
		if mark.Note != nil {
			note := *mark.Note
			utc(&note.When)
			mark.Note = &note
		}
		all[id] = mark
	}
	return all
}

func remindersUTC(r migration.Reminders) migration.Reminders {
	utc(&r.Since)
	r.Sent = maps.Clone(r.Sent)
	for topic, sent := range r.Sent {
		utc(&sent.Due, &sent.At)
		r.Sent[topic] = sent
	}
	if r.Snooze != nil {
		snooze := *r.Snooze
		utc(&snooze.Until, &snooze.Made)
		r.Snooze = &snooze
	}
	return r
}

func instanceUTC(i migration.Instance) migration.Instance {
	utc(&i.StartedAt, &i.ReadAt, &i.DisksAt, &i.SnapshotsAt)
	i.Disks = slices.Clone(i.Disks)
	for n := range i.Disks {
		if s := i.Disks[n].Snapshot; s != nil {
			c := *s
			utc(&c.At)
			i.Disks[n].Snapshot = &c
		}
	}
	return i
}

func reservationUTC(r *migration.Reservation) *migration.Reservation {
	if r == nil {
		return nil
	}
	c := *r
	utc(&c.At, &c.Made)
	return &c
}

func jobUTC(j migration.Job) migration.Job {
	utc(&j.Due, &j.Deadline, &j.Begun, &j.RetryAt, &j.LookFrom)
	if j.News != nil {
		news := newsUTC(*j.News)
		j.News = &news
	}
	if j.Reminder != nil {
		r := *j.Reminder
		utc(&r.Due, &r.Owed)
		j.Reminder = &r
	}
	j.Exact = false // told to queue, not kept
	return j
}

func postUTC(p migration.Post) migration.Post {
	utc(&p.Begun, &p.ChangedAt)
	p.Unseen = slices.Clone(p.Unseen)
	for i := range p.Unseen {
		utc(&p.Unseen[i].Since)
	}
	if p.Notice != nil {
		notice := *p.Notice
		utc(&notice.Since, &notice.Healed)
		p.Notice = &notice
	}
	return p
}

func newsUTC(n migration.News) migration.News {
	utc(&n.When, &n.At, &n.From)
	return n
}

func entryUTC(e migration.Entry) migration.Entry {
	e.News = newsUTC(e.News)
	return e
}
