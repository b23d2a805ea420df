package notifier

import (
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

// Calendar is an iCalendar file (RFC 5545) with an appointment for each of the
// migrations that has a time ahead or is running, in UTC. A time that the cloud
// has confirmed is firm, any other one tentative. An appointment keeps its UID,
// so that a later file moves it.
func Calendar(all []migration.Migration, v View) []byte {
	w := in(v.Lang)
	cal := ical.NewCalendarFor("ecs-migrate")
	cal.SetMethod(ical.MethodPublish)
	cal.SetXWRCalName(w.bare("calendar.name", nil))
	for _, m := range all {
		if Appointed(m) {
			inText(m, v).appointment(cal)
		}
	}
	return []byte(cal.Serialize(ical.WithNewLineWindows)) // CRLF, as the RFC wants it
}

// Appointed tells whether the migration has a place in a calendar.
func Appointed(m migration.Migration) bool {
	return !appointedAt(m).IsZero()
}

func (t teller) appointment(cal *ical.Calendar) {
	m, k := t.m, t.m.Key()
	at := appointedAt(m)
	e := cal.AddEvent(strings.Join([]string{k.EventID, k.Region, k.Account}, ".") + "@ecs-migrate")
	e.SetDtStampTime(t.v.Now)
	e.SetModifiedAt(m.ChangedAt)
	e.SetSequence(m.Revision)
	e.SetStartAt(at)
	e.SetEndAt(at.Add(Downtime))
	status := ical.ObjectStatusTentative
	if m.State() == migration.StateConfirmed || m.Event.Status == migration.Executing {
		status = ical.ObjectStatusConfirmed
	}
	e.SetStatus(status)
	name := cut(m.Instance.Name, maxCalendarName)
	if name == "" {
		name = m.Event.InstanceID
	}
	state := "state." + string(m.State())
	e.SetSummary(t.bare("calendar.summary", args{"name": name, "state": t.bare(state, nil)}))
	lines := []string{
		t.bare("calendar.instance", args{"instance": m.Event.InstanceID, "where": strings.TrimSpace(strings.Join([]string{k.Account, k.Region, m.Instance.Zone}, " "))}),
		t.bare("calendar.event", args{"event": k.EventID, "type": m.Event.Type}),
	}
	if d := m.Deadline(); !d.IsZero() {
		lines = append(lines, t.bare("calendar.deadline", args{"at": written(d, t.v.Zone)}))
	}
	lines = append(lines, t.bare("calendar.advice", nil))
	e.SetDescription(strings.Join(lines, "\n"))
	e.SetURL(eventsURL(k.Region))
	alarm := e.AddAlarm()
	alarm.SetAction(ical.ActionDisplay)
	alarm.SetTrigger("-PT1H")
	alarm.SetProperty(ical.ComponentPropertyDescription, t.bare("calendar.alarm", args{"name": name}))
}

// appointedAt is when the migration will be or is run: the time that is in force
// or was asked for, else the one that the cloud plans; zero where there is none
// or where it is over.
func appointedAt(m migration.Migration) time.Time {
	switch {
	case m.Event.Status.Final() || m.Event.Status == migration.Inquiring:
		return time.Time{}
	case m.Event.Status == migration.Scheduled && m.Latest() != nil && m.Reserved():
		return m.Latest().At
	}
	return m.Event.NotBefore
}

// bare is a text where no markup is read.
func (w *words) bare(key string, a args) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(marks.Replace(w.text(key, a)))
}
