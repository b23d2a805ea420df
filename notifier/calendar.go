package notifier

import (
	"cmp"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"ecs-migrate/internal/migration"
)

// Downtime is about how long a migration takes, as Alibaba Cloud's notice has
// it.
const Downtime = 15 * time.Minute

// maxCalendarName bounds a name in an appointment, in characters.
const maxCalendarName = 80

// withdrawnFor is how long a file tells of an appointment that will not be kept:
// so long people may take to import the next one.
const withdrawnFor = 30 * 24 * time.Hour

// Calendar is an iCalendar file (RFC 5545) with an appointment for each of the
// migrations that has a time ahead or is running, in UTC, and for each that was
// lately withdrawn a cancelled one. A time that the cloud has confirmed is firm,
// any other one tentative. An appointment keeps its UID, so that a later file
// moves it or takes it away.
func Calendar(all []migration.Migration, v View) []byte {
	w := in(v.Lang)
	cal := ical.NewCalendarFor("ecs-migrate")
	cal.SetMethod(ical.MethodPublish)
	cal.SetXWRCalName(w.bare("calendar.name", nil))
	for _, m := range all {
		if Appointed(m, v.Now) {
			inText(m, v).appointment(cal)
		}
	}
	return []byte(cal.Serialize(ical.WithNewLineWindows)) // CRLF, as the RFC wants it
}

// Appointed tells whether the migration has a place in a calendar file.
func Appointed(m migration.Migration, now time.Time) bool {
	a := appointed(m)
	return !a.at.IsZero() && (!a.withdrawn || now.Sub(cmp.Or(m.Event.FinishedAt, m.ChangedAt)) < withdrawnFor)
}

// Withdrawn tells whether all that a calendar file says of the migration is that
// its appointment is not kept.
func Withdrawn(m migration.Migration) bool { return appointed(m).withdrawn }

// sequenceFrom is what a SEQUENCE counts its seconds from: they fit its 32 bits
// until 2092 (RFC 5545, 3.3.8 and 3.8.7.4).
var sequenceFrom = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// sequence rises with every change of a migration. A client ignores what has a
// lower one than it knows, and a counter of decisions would stand still where a
// wish is refused.
func sequence(m migration.Migration) int {
	return max(0, int(m.ChangedAt.Unix()-sequenceFrom.Unix()))
}

func (t teller) appointment(cal *ical.Calendar) {
	m, k, a := t.m, t.m.Key(), appointed(t.m)
	e := cal.AddEvent(strings.Join([]string{k.EventID, k.Region, k.Account}, ".") + "@ecs-migrate")
	e.SetDtStampTime(t.v.Now)
	e.SetModifiedAt(m.ChangedAt)
	e.SetSequence(sequence(m))
	e.SetStartAt(a.at)
	e.SetEndAt(a.at.Add(Downtime))
	status := ical.ObjectStatusTentative
	switch {
	case a.withdrawn:
		status = ical.ObjectStatusCancelled
	case a.state == migration.StateConfirmed || a.state == migration.StateExecuting:
		status = ical.ObjectStatusConfirmed
	}
	e.SetStatus(status)
	name := cut(m.Instance.Name, maxCalendarName)
	if name == "" {
		name = m.Event.InstanceID
	}
	kind, effect := t.typeName(m.Event.Type), t.effect(m.Event.Type)
	e.SetSummary(t.bare("calendar.summary", args{"type": kind, "name": name, "state": t.say("state."+string(a.state), nil)}))
	where := strings.TrimSpace(strings.Join([]string{k.Account, k.Region, m.Instance.Zone}, " "))
	lines := []string{
		t.bare("calendar.instance", args{"instance": m.Event.InstanceID, "where": where, "effect": effect}),
		t.bare("calendar.event", args{"event": k.EventID, "type": m.Event.Type}),
	}
	e.SetURL(eventsURL(k.Region))
	if a.withdrawn {
		e.SetDescription(strings.Join(lines, "\n"))
		return // without an alarm
	}
	if d := m.Deadline(); !d.IsZero() {
		lines = append(lines, t.bare("calendar.deadline", args{"at": written(d, t.v.Zone)}))
	}
	advice := "calendar.advice"
	if migration.KindOf(m.Event.Type).Migrates {
		advice = "calendar.advice.migration"
	}
	lines = append(lines, t.bare(advice, nil))
	e.SetDescription(strings.Join(lines, "\n"))
	alarm := e.AddAlarm()
	alarm.SetAction(ical.ActionDisplay)
	alarm.SetTrigger("-PT1H")
	alarm.SetProperty(ical.ComponentPropertyDescription, t.bare("calendar.alarm", args{"type": kind, "name": name, "effect": effect}))
}

// slot is a migration's place in a calendar.
type slot struct {
	at        time.Time // zero: it has none
	state     migration.State
	withdrawn bool // it will not be run
}

// appointed is when the migration will be or is run: the time that is asked for,
// else the one in force, else the one that the cloud plans. A wish that was
// refused leaves the time in force as it was, and how sure that is.
func appointed(m migration.Migration) slot {
	switch status := m.Event.Status; {
	case status == migration.Canceled:
		return slot{inForce(m), migration.StateCanceled, true}
	case status == migration.Avoided:
		return slot{inForce(m), migration.StateAvoided, true}
	case status.Final() || status == migration.Inquiring:
		return slot{}
	case status == migration.Scheduled && m.Pending():
		return slot{m.Asked.At, migration.StateRequested, false}
	case status == migration.Scheduled && m.Held != nil && m.Held.Certainty == migration.Confirmed:
		return slot{m.Held.At, migration.StateConfirmed, false}
	case status == migration.Scheduled && m.Held != nil:
		return slot{m.Held.At, migration.StateDeclared, false}
	}
	return slot{m.Event.NotBefore, m.State(), false}
}

// inForce is the time that was reserved, else the one that the cloud planned.
func inForce(m migration.Migration) time.Time {
	if m.Held != nil {
		return m.Held.At
	}
	return m.Event.NotBefore
}

// bare is a text where no markup is read.
func (w *words) bare(key string, a args) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(marks.Replace(w.text(key, a)))
}
